import type { Bytes } from '../kernel/bytes.ts';
import type { StreamName } from '../kernel/id.ts';
import type { Position, SealedPart } from '../ledger/port.ts';
import type { AnyEvent } from '../domain/catalogue.ts';

/** A sealed part with everything that opening it needs beside the key: copied into read tables, never opened by a projection. */
export interface SealedCopy {
  readonly part: SealedPart;
  /** The part's commitment as it stands in the leaf, 32 bytes. */
  readonly commitment: Bytes;
}

/** What a projection sees of an event: header fields, the opened retained part (or 'expired'), and both parts sealed. Never clear personal fields. */
export type ProjectedEvent = AnyEvent & {
  readonly position: Position;
  readonly sealedRetained: SealedCopy;
  readonly sealedPersonal: SealedCopy | 'erased';
};

/** Which rows an erasure takes: of a whole subject, of one record, or none. */
export type Sweep = { readonly kind: 'stream'; readonly stream: StreamName } | { readonly kind: 'record'; readonly id: string };

/**
 * One read model. `evolve` is pure and total: the row after the event, `null` for no row. It never queries; if it wants to, the event
 * lacks a field. A changed `version` is rebuilt beside the old table and swapped.
 */
export interface Projection<Row extends object> {
  readonly name: string;
  readonly version: number;
  /** The table's SQL name; one row per key. */
  readonly table: string;
  /** The primary key's column. */
  readonly keyColumn: string;
  /** The key of the row that this event touches, `null` when it touches none. */
  key(event: ProjectedEvent): string | null;
  evolve(row: Row | null, event: ProjectedEvent): Row | null;
}

export type AnyProjection = Projection<Record<string, unknown>>;

/** Keeps a projection's row type while it is declared, and forgets it for the runner. */
export function defineProjection<Row extends object>(projection: Projection<Row>): AnyProjection & Projection<Row> {
  return projection as AnyProjection & Projection<Row>;
}
