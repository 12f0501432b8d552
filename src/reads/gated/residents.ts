import { type EventId, type Label, type Mark, residentStream } from '../../kernel/id.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { Sql } from '../../postgres/pools.ts';
import type { SealedRef } from '../../vault/port.ts';
import { personalRef } from '../sealed-ref.ts';

/** A resident; name, sex, birth date, contacts and the documents shown at registration are in the sealed part. */
export interface ResidentRow {
  readonly label: Label;
  readonly region: string;
  readonly state: 'living' | 'deceased';
  readonly registeredAt: Instant;
  /** When the death was recorded. */
  readonly deceasedAt: Instant | null;
  readonly revision: bigint;
  readonly personal: SealedRef | undefined;
}

/** Documents linked after registration, as one event said. */
export interface ResidentDocumentRow {
  readonly revision: bigint;
  readonly linkedAt: Instant;
  readonly personal: SealedRef | undefined;
}

export interface CodeRow {
  readonly codeRef: Mark;
  readonly state: 'active' | 'suspended' | 'closed';
  readonly issuedAt: Instant;
  readonly changedAt: Instant;
  /** Of `code.issued`, whose personal part is the code's text. */
  readonly revision: bigint;
  readonly personal: SealedRef | undefined;
}

interface Sealed {
  readonly eventId: EventId;
  readonly eventType: string;
  readonly personalCommitment: Uint8Array | null;
  readonly personalKey: string | null;
  readonly personal: Uint8Array | null;
}

/** `undefined` for a label that nobody is registered under. */
export async function resident(sql: Sql, label: Label): Promise<ResidentRow | undefined> {
  const [row] = await sql<(Omit<ResidentRow, 'personal'> & Sealed)[]>`
    select label, region, state, registered_at as "registeredAt", deceased_at as "deceasedAt", revision,
      event_id as "eventId", event_type as "eventType",
      personal_commitment as "personalCommitment", personal_key as "personalKey", personal
    from residents where label = ${label}`;
  return row && opened(label, row);
}

/** In the order in which they were linked. */
export async function residentDocuments(sql: Sql, label: Label): Promise<ResidentDocumentRow[]> {
  const rows = await sql<(Omit<ResidentDocumentRow, 'personal'> & Sealed)[]>`
    select revision, linked_at as "linkedAt", event_id as "eventId", event_type as "eventType",
      personal_commitment as "personalCommitment", personal_key as "personalKey", personal
    from resident_documents where label = ${label} order by revision`;
  return rows.map((row) => opened(label, row));
}

/** Every code that the resident ever had, in the order of issue. */
export async function codesOf(sql: Sql, label: Label): Promise<CodeRow[]> {
  const rows = await sql<(Omit<CodeRow, 'personal'> & Sealed)[]>`
    select code_ref as "codeRef", state, issued_at as "issuedAt", changed_at as "changedAt", revision,
      event_id as "eventId", event_type as "eventType",
      personal_commitment as "personalCommitment", personal_key as "personalKey", personal
    from codes where label = ${label} order by issued_at, revision`;
  return rows.map((row) => opened(label, row));
}

/** The row with its sealed part as the vault takes it. */
function opened<Row extends Sealed>(
  label: Label,
  row: Row,
): Omit<Row, keyof Sealed> & { personal: SealedRef | undefined } {
  const { eventId, eventType, personalCommitment, personalKey, personal, ...rest } = row;
  const sealed = { personalCommitment, personalKey, personal };
  return { ...rest, personal: personalRef(residentStream(label), eventId, eventType, sealed) };
}
