import { type EventId, type Id16, institutionStream, practitionerStream } from '../../kernel/id.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { Sql } from '../../postgres/pools.ts';
import type { SealedRef } from '../../vault/port.ts';
import type { Fragment } from '../lists.ts';
import { type Page, pageOf } from '../page.ts';
import { personalRef, retainedRef } from '../sealed-ref.ts';

/** What institutions and practitioners have alike. Name, identifiers and the like are in the sealed parts. */
interface PartyRow {
  readonly id: Id16;
  readonly state: 'active' | 'ended';
  readonly registeredAt: Instant;
  readonly changedAt: Instant;
  readonly endedAt: Instant | null;
  /** Of the event whose profile is shown. */
  readonly revision: bigint;
  /** The retained part of that event. */
  readonly profile: SealedRef;
  /** The personal part of the event that gave the contacts in force. */
  readonly contacts: SealedRef | undefined;
}

export interface InstitutionRow extends PartyRow {
  readonly region: string | null;
}

export interface PractitionerRow extends PartyRow {
  readonly affiliations: readonly Id16[];
}

/** In the order of their ids; `after` is the id of the last one seen. */
export interface PartyListRequest {
  readonly first: number;
  readonly after?: Id16;
}

/** Who, and as of which revision of their stream; null: as they are now. */
export interface NameAt {
  readonly id: Id16;
  readonly revision: bigint | null;
}

const KINDS = {
  institutions: { versions: 'institution_versions', stream: institutionStream, own: 'region' },
  practitioners: { versions: 'practitioner_versions', stream: practitionerStream, own: 'affiliations' },
} as const;
type Kind = keyof typeof KINDS;

/** `undefined` for an id that nobody has. */
export async function institution(sql: Sql, id: Id16): Promise<InstitutionRow | undefined> {
  return (await select<InstitutionRow>(sql, 'institutions', sql`where id = ${id}`))[0];
}

export async function practitioner(sql: Sql, id: Id16): Promise<PractitionerRow | undefined> {
  return (await select<PractitionerRow>(sql, 'practitioners', sql`where id = ${id}`))[0];
}

export async function institutions(
  sql: Sql,
  request: PartyListRequest & { readonly region?: string },
): Promise<Page<InstitutionRow>> {
  const { region } = request;
  return list<InstitutionRow>(sql, 'institutions', region === undefined ? sql`true` : sql`region = ${region}`, request);
}

export async function practitioners(
  sql: Sql,
  request: PartyListRequest & { readonly organisation?: Id16 },
): Promise<Page<PractitionerRow>> {
  const { organisation } = request;
  const where = organisation === undefined ? sql`true` : sql`affiliations @> array[${organisation}]`;
  return list<PractitionerRow>(sql, 'practitioners', where, request);
}

/** One answer a question, in order: the profile that held there, `undefined` when there was none yet. */
export function institutionNamesAt(sql: Sql, asked: readonly NameAt[]): Promise<(SealedRef | undefined)[]> {
  return namesAt(sql, 'institutions', asked);
}

export function practitionerNamesAt(sql: Sql, asked: readonly NameAt[]): Promise<(SealedRef | undefined)[]> {
  return namesAt(sql, 'practitioners', asked);
}

async function list<Row>(
  sql: Sql,
  kind: Kind,
  where: Fragment,
  { first, after }: PartyListRequest,
): Promise<Page<Row>> {
  const rows = await select<Row>(
    sql,
    kind,
    sql`where ${where} ${after === undefined ? sql`` : sql`and id > ${after}`} order by id limit ${first + 1}`,
  );
  return pageOf(rows, first, (row) => row);
}

interface Columns extends Omit<PartyRow, 'profile' | 'contacts'> {
  readonly eventId: EventId;
  readonly eventType: string;
  readonly retainedCommitment: Uint8Array;
  readonly retainedKey: string;
  readonly retained: Uint8Array;
  readonly contactsEventId: EventId | null;
  readonly contactsEventType: string | null;
  readonly personalCommitment: Uint8Array | null;
  readonly personalKey: string | null;
  readonly personal: Uint8Array | null;
}

async function select<Row>(sql: Sql, kind: Kind, which: Fragment): Promise<Row[]> {
  const { stream, own } = KINDS[kind];
  const rows = await sql<Columns[]>`
    select id, to_json(${sql(own)}) as ${sql(own)}, state, registered_at as "registeredAt", changed_at as "changedAt", ended_at as "endedAt", revision,
      event_id as "eventId", event_type as "eventType",
      retained_commitment as "retainedCommitment", retained_key as "retainedKey", retained,
      contacts_event_id as "contactsEventId", contacts_event_type as "contactsEventType",
      personal_commitment as "personalCommitment", personal_key as "personalKey", personal
    from ${sql(kind)} ${which}`;
  return rows.map((columns) => {
    const { eventId, eventType, retainedCommitment, retainedKey, retained, ...others } = columns;
    const { contactsEventId, contactsEventType, personalCommitment, personalKey, personal, ...row } = others;
    const name = stream(row.id);
    return {
      ...row,
      profile: retainedRef(name, eventId, eventType, { retainedCommitment, retainedKey, retained }),
      contacts: personalRef(name, contactsEventId, contactsEventType, { personalCommitment, personalKey, personal }),
    } as Row;
  });
}

async function namesAt(sql: Sql, kind: Kind, asked: readonly NameAt[]): Promise<(SealedRef | undefined)[]> {
  if (asked.length === 0) return [];
  const { versions, stream } = KINDS[kind];
  const list = JSON.stringify(asked.map(({ id, revision }) => ({ id, revision: revision?.toString() ?? null })));
  const rows = await sql<(Columns & { readonly found: boolean })[]>`
    select asked.id, version.event_id is not null as found, version.event_id as "eventId", version.event_type as "eventType",
      version.retained_commitment as "retainedCommitment", version.retained_key as "retainedKey", version.retained
    from rows from (json_to_recordset(${list}::text::json) as (id text, revision bigint)) with ordinality as asked(id, revision, n)
    left join lateral (
      select * from ${sql(versions)} v
      where v.id = asked.id and (asked.revision is null or v.revision <= asked.revision)
      order by v.revision desc limit 1
    ) as version on true
    order by asked.n`;
  return rows.map((row) => (row.found ? retainedRef(stream(row.id), row.eventId, row.eventType, row) : undefined));
}
