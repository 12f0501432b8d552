import type { RefusalCode } from '../domain/refusals.ts';

/** A rule said no. A value, never thrown; its text is constant per code and names nobody. */
export interface Refusal {
  readonly kind: 'refusal';
  readonly code: RefusalCode;
}

export interface Done<T> {
  readonly kind: 'done';
  readonly value: T;
  /** A command that stands, though what it was decided on was so no more when it was durable (`command.late`). */
  readonly late?: true;
}

export type Outcome<T> = Done<T> | Refusal;

export const done = <T>(value: T): Done<T> => ({ kind: 'done', value });
export const refusal = (code: RefusalCode): Refusal => ({ kind: 'refusal', code });
