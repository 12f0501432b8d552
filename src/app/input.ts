import { Malformed } from '../kernel/fault.ts';
import { checkFields, type Fields, type InferFields, integer, optional, text } from '../kernel/field.ts';

/** Reads an untrusted argument object: exactly these fields, null counting as absent. Throws `Malformed` naming the field, never its value. */
export function parseInput<const F extends Fields>(fields: F, input: unknown): InferFields<F> {
  return checkFields(fields, withoutNulls(input), 'input') as InferFields<F>;
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== null && item !== undefined)
      .map(([key, item]) => [key, withoutNulls(item)]),
  );
}

const REQUEST_ID = /^[A-Za-z0-9._-]{8,64}$/;

/** Chosen by the client; the same text means the same command. */
export function parseRequestId(value: string): string {
  if (!REQUEST_ID.test(value)) throw new Malformed('requestId', 'not 8 to 64 of A-Z a-z 0-9 . _ -');
  return value;
}

/** Rows a page at most: one answer stays below a megabyte of index rows. */
export const MAX_PAGE = 200;
export const DEFAULT_PAGE = 20;

export const PAGING = {
  first: optional(integer(1, MAX_PAGE)),
  after: optional(text(1024)),
} as const;
