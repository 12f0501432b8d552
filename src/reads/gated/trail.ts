import type { Purpose } from '../../domain/terms.ts';
import type { ActorKind } from '../../kernel/event.ts';
import type { EventId, Id16, Label, StreamName } from '../../kernel/id.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { Sql } from '../../postgres/pools.ts';
import type { SealedRef } from '../../vault/port.ts';
import { texts } from '../lists.ts';
import { type Page, type PageRequest, pageOf, type SortKey } from '../page.ts';
import { retainedRef } from '../sealed-ref.ts';

/** All that are given must hold; none: the region's whole trail. */
export interface TrailFilter {
  /** What stands in this resident's account. */
  readonly label?: Label;
  /** Who asked: a practitioner's id, an officer's pseudonym, a resident's label. */
  readonly actor?: string;
  readonly organisation?: Id16;
  readonly purpose?: Purpose;
  /** X-Request-Id. */
  readonly trace?: string;
  readonly from?: Instant;
  /** Not included. */
  readonly until?: Instant;
}

export interface TrailPlanRequest extends PageRequest {
  readonly filter: TrailFilter;
}

export interface PlannedTrailEntry {
  readonly eventId: EventId;
  readonly revision: bigint;
  readonly sortKey: SortKey;
}

export interface TrailPlan extends Page<PlannedTrailEntry> {
  readonly matched: number;
}

/** An access as the trail has it; nulls where its details have expired. */
export interface TrailRow {
  readonly eventId: EventId;
  readonly stream: StreamName;
  readonly revision: bigint;
  readonly time: Instant;
  readonly kind: 'permitted' | 'denied' | 'missed' | 'log-read' | 'withheld';
  readonly label: Label | null;
  readonly actorKind: ActorKind | null;
  readonly actorId: string | null;
  readonly organisation: Id16 | null;
  readonly onBehalfOf: Id16 | null;
  readonly purpose: Purpose | null;
  readonly trace: string | null;
  /** At which revisions the names of practitioner and organisation are to be read. */
  readonly practitionerRevision: bigint | null;
  readonly institutionRevision: bigint | null;
  /** The details: rule, basis, selection, counts, served root. */
  readonly retained: SealedRef;
}

/** Which accesses the filter names, newest first, and how many in all. One statement, so one instant; ids and revisions only. */
export async function planTrail(sql: Sql, request: TrailPlanRequest): Promise<TrailPlan> {
  const { filter, first, after } = request;
  const { label, actor, organisation, purpose, trace, from, until } = filter;
  const named = sql`
    from access_trail
    where true
    ${label === undefined ? sql`` : sql`and label = ${label}`}
    ${actor === undefined ? sql`` : sql`and actor_id = ${actor}`}
    ${organisation === undefined ? sql`` : sql`and organisation = ${organisation}`}
    ${purpose === undefined ? sql`` : sql`and purpose = ${purpose}`}
    ${trace === undefined ? sql`` : sql`and trace = ${trace}`}
    ${from === undefined ? sql`` : sql`and time >= ${from}`}
    ${until === undefined ? sql`` : sql`and time < ${until}`}`;
  const rows = await sql<
    { matched: number; eventId: EventId | null; revision: bigint; time: Instant; ordinal: bigint }[]
  >`
    with page as (
      select event_id, revision, time, ordinal ${named}
      ${after === undefined ? sql`` : sql`and (time, ordinal) < (${after[0]}, ${after[1]}::bigint)`}
      order by time desc, ordinal desc
      limit ${first + 1}
    )
    select total.matched, event_id as "eventId", revision, time, ordinal
    from (select count(*)::integer as matched ${named}) as total left join page on true
    order by time desc, ordinal desc`;
  const onPage = rows.filter((row) => row.eventId !== null);
  return {
    ...pageOf(onPage, first, ({ eventId, revision, time, ordinal }) => ({
      eventId: eventId as EventId,
      revision,
      sortKey: [time, ordinal.toString()] as const,
    })),
    matched: rows[0]?.matched ?? 0,
  };
}

/** The rows of exactly these events, newest first. */
export async function openTrail(sql: Sql, eventIds: readonly EventId[]): Promise<TrailRow[]> {
  if (eventIds.length === 0) return [];
  const rows = await sql<(Omit<TrailRow, 'retained'> & Sealed)[]>`
    select event_id as "eventId", stream, revision, time, kind, label, actor_kind as "actorKind", actor_id as "actorId",
      organisation, on_behalf_of as "onBehalfOf", purpose, trace,
      practitioner_revision as "practitionerRevision", institution_revision as "institutionRevision", event_type as "eventType",
      retained_commitment as "retainedCommitment", retained_key as "retainedKey", retained
    from access_trail where event_id = any(${texts(sql, eventIds)}::uuid[])
    order by time desc, ordinal desc`;
  return rows.map(({ eventType, retainedCommitment, retainedKey, retained, ...row }) => ({
    ...row,
    retained: retainedRef(row.stream, row.eventId, eventType, { retainedCommitment, retainedKey, retained }),
  }));
}

interface Sealed {
  readonly eventType: string;
  readonly retainedCommitment: Uint8Array;
  readonly retainedKey: string;
  readonly retained: Uint8Array;
}
