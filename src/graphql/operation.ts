import type { Operation } from '../app/roles.ts';

/**
 * What a field of Query, Mutation or Me does at the platform. Declared on the field, read by the schema's check, the gatekeeper, the cost
 * and the printed table of roles.
 */
export interface OperationField {
  readonly operation: Operation;
  /** `command` may append; `gated` appends one access event for each call before anything is opened; `open` appends nothing. */
  readonly kind: 'command' | 'gated' | 'open';
  /** True when the answer is a page of at most `first` rows. */
  readonly paged: boolean;
  /** The list argument each of whose items is a call of its own. */
  readonly each?: string;
}

const KEY = 'operation';
type Extensions = { readonly [KEY]: OperationField };

export const command = (operation: Operation): Extensions => ({ [KEY]: { operation, kind: 'command', paged: false } });
export const gated = (operation: Operation, more: { paged?: boolean; each?: string } = {}): Extensions => ({
  [KEY]: { operation, kind: 'gated', paged: false, ...more },
});
export const open = (operation: Operation, more: { paged?: boolean } = {}): Extensions => ({
  [KEY]: { operation, kind: 'open', paged: false, ...more },
});

/** Undefined for a field that calls nothing. */
export function operationOf(field: {
  readonly extensions: Readonly<Record<string | symbol, unknown>>;
}): OperationField | undefined {
  const declared: unknown = field.extensions[KEY];
  return declared as OperationField | undefined;
}

/** How many calls one occurrence of the field makes. */
export function callsOf(declared: OperationField, args: Readonly<Record<string, unknown>>): number {
  const items = declared.each === undefined ? undefined : args[declared.each];
  return Array.isArray(items) ? items.length : 1;
}
