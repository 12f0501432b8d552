import { getTableColumns, getTableName, type InferSelectModel } from 'drizzle-orm';
import type { PgTable } from 'drizzle-orm/pg-core';
import type { AnyEvent } from '../domain/catalogue.ts';
import type { Bytes } from '../kernel/bytes.ts';
import type { CommonRetained, EventDeclaration, PastEvent } from '../kernel/event.ts';
import type { EventId, StreamName } from '../kernel/id.ts';
import type { Position, SealedPart } from '../ledger/port.ts';

/** A sealed part with everything that opening it needs beside the key: copied into read tables, never opened by a projection. */
export interface SealedCopy {
  readonly part: SealedPart;
  /** The part's commitment as it stands in the leaf, 32 bytes. */
  readonly commitment: Bytes;
}

/** What the projector adds to an event. */
export interface Projected {
  readonly position: Position;
  /** How many events of the ledger stand before it: the same on every engine and in every rebuild, and its index in the log. */
  readonly ordinal: bigint;
  readonly sealedRetained: SealedCopy;
  readonly sealedPersonal: SealedCopy | 'erased';
}

/** What a projection sees of an event: header fields, the opened retained part (or 'expired'), and both parts sealed. Never clear personal fields. */
export type ProjectedEvent = AnyEvent & Projected;

/** The events of some declarations, as a projection sees them. */
export type ProjectedOf<D> = PastEvent<D> & Projected;

/** One column of a read table: its name in a row, in SQL, and its SQL type. */
export interface Column {
  readonly field: string;
  readonly name: string;
  readonly type: string;
}

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
  readonly columns: readonly Column[];
  /** The event types that it looks at; `key` and `evolve` are asked about no other. */
  readonly types: ReadonlySet<string>;
  /** The key of the row that this event touches, `null` when it touches none. */
  key(event: ProjectedEvent): string | null;
  /** The same row object again means: nothing to write. */
  evolve(row: Row | null, event: ProjectedEvent): Row | null;
}

export type AnyProjection = Projection<Record<string, unknown>>;

/** What a projection says of itself; the rest follows from the table. */
export interface Declared<T extends PgTable, D extends readonly EventDeclaration[]> {
  readonly name: string;
  readonly version: number;
  /** The table, whose primary key is one column. */
  readonly rows: T;
  /** Whole aggregates: a type that one of them gets later does not compile here until `evolve` says what it does. */
  readonly reads: D;
  key(event: ProjectedOf<D[number]>): string | null;
  evolve(row: InferSelectModel<T> | null, event: ProjectedOf<D[number]>): InferSelectModel<T> | null;
}

/** Keeps a projection's row and event types while it is declared, and forgets them for the runner. */
export function defineProjection<T extends PgTable, const D extends readonly EventDeclaration[]>(
  declared: Declared<T, D>,
): AnyProjection {
  const all = Object.entries(getTableColumns(declared.rows));
  const keys = all.filter(([, column]) => column.primary);
  const keyColumn = keys[0]?.[1].name;
  if (keyColumn === undefined || keys.length > 1)
    throw new Error(`${declared.name}: one primary key column, not ${keys.length}`);
  const columns = all.map(([field, column]) => ({ field, name: column.name, type: column.getSQLType() }));
  // Statements are put together from these names, so they must be what they seem to be.
  for (const name of [getTableName(declared.rows), ...columns.map((column) => column.name)]) {
    if (!/^[a-z][a-z0-9_]{0,50}$/.test(name))
      throw new Error(`${declared.name}: ${name} is no name for a table or column`);
  }
  return {
    name: declared.name,
    version: declared.version,
    table: getTableName(declared.rows),
    keyColumn,
    columns,
    types: new Set(declared.reads.map(({ type }) => type)),
    key: declared.key,
    evolve: declared.evolve,
  } as unknown as AnyProjection;
}

interface PersonalColumns {
  personalCommitment: Bytes | null;
  personalKey: string | null;
  personal: Bytes | null;
}

/** The three columns of an event's personal part; all null once it is erased. */
export function personalColumns(copy: SealedCopy | 'erased'): PersonalColumns {
  if (copy === 'erased') return { personalCommitment: null, personalKey: null, personal: null };
  return { personalCommitment: copy.commitment, personalKey: copy.part.keyId, personal: copy.part.bytes };
}

/** The three columns of an event's retained part. */
export function retainedColumns(copy: SealedCopy) {
  return { retainedCommitment: copy.commitment, retainedKey: copy.part.keyId, retained: copy.part.bytes };
}

interface ContactsColumns extends PersonalColumns {
  contactsEventId: EventId | null;
  contactsEventType: string | null;
}

/** The columns of contacts. Those that an event keeps are an earlier one's: its personal part stays, with the id that opens it. */
export function contactsColumns(
  contacts: 'given' | 'kept' | 'none',
  row: ContactsColumns | null,
  event: Pick<ProjectedEvent, 'id' | 'type' | 'sealedPersonal'>,
): ContactsColumns {
  if (contacts === 'given') {
    return { contactsEventId: event.id, contactsEventType: event.type, ...personalColumns(event.sealedPersonal) };
  }
  if (contacts === 'none' || row === null) {
    return { contactsEventId: null, contactsEventType: null, ...personalColumns('erased') };
  }
  const { contactsEventId, contactsEventType, personalCommitment, personalKey, personal } = row;
  return { contactsEventId, contactsEventType, personalCommitment, personalKey, personal };
}

/** The columns that say which event a row shows. */
export function eventColumns(event: Pick<ProjectedEvent, 'revision' | 'id' | 'type'>) {
  return { revision: event.revision, eventId: event.id, eventType: event.type };
}

/** The revision at which a decision saw that stream; null when it did not look, or found it empty. */
export function seenRevision(retained: CommonRetained, stream: StreamName): bigint | null {
  const seen = retained.seen.find((one) => one.stream === stream);
  return seen === undefined || seen.revision < 0 ? null : BigInt(seen.revision);
}
