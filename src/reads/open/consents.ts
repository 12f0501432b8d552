import type { Category, Period, Purpose } from '../../domain/terms.ts';
import { type EventId, type Id16, type Label, residentStream } from '../../kernel/id.ts';
import type { Day, Instant } from '../../kernel/instant.ts';
import type { Sql } from '../../postgres/pools.ts';
import type { SealedRef } from '../../vault/port.ts';
import { type Fragment, texts } from '../lists.ts';
import { type Page, type PageRequest, pageOf, type SortKey } from '../page.ts';
import { personalRef, retainedRef } from '../sealed-ref.ts';

/** As of an instant: expiry is computed when read, never stored. */
export type ConsentStanding = 'pending' | 'live' | 'not-yet-valid' | 'denied' | 'revoked' | 'expired';

export interface ConsentListRequest extends PageRequest {
  /** The instant as of which they stand. */
  readonly at: Instant;
  /** Only these; absent: all. */
  readonly standings?: readonly ConsentStanding[];
}

export interface ConsentList extends Page<ConsentRow> {
  /** How many match in all. */
  readonly matched: number;
}

export interface ConsentRow {
  readonly consentId: Id16;
  readonly label: Label;
  readonly standing: ConsentStanding;
  readonly granteeKind: 'institution' | 'practitioner';
  readonly granteeInstitution: Id16;
  readonly granteePractitioner: Id16 | null;
  readonly purposes: readonly Purpose[];
  readonly categories: readonly Category[];
  readonly period: Period;
  readonly validFrom: Instant;
  /** Not included. */
  readonly validUntil: Instant;
  readonly requestedAt: Instant | null;
  readonly requestedBy: string | null;
  readonly answerBy: Instant | null;
  readonly grantedAt: Instant | null;
  readonly endedAt: Instant | null;
  readonly endReason: 'resident' | 'code-closed' | null;
  readonly revision: bigint;
  /** The retained part of the grant, before it of the request: the whole terms, labels included, and a grant's evidence. */
  readonly terms: SealedRef;
  /** The personal part of the request, with its message; `undefined` when nobody asked, or it is erased. */
  readonly message: SealedRef | undefined;
  readonly sortKey: SortKey;
}

/** A resident's consents and the requests for them, the newest first. */
export function consentsOf(sql: Sql, label: Label, request: ConsentListRequest): Promise<ConsentList> {
  return list(sql, sql`label = ${label}`, request);
}

/** What an organisation, or a practitioner for it, has asked for or been given, the newest first. */
export function consentsTo(sql: Sql, institution: Id16, request: ConsentListRequest): Promise<ConsentList> {
  return list(sql, sql`grantee_institution = ${institution}`, request);
}

async function list(sql: Sql, whose: Fragment, request: ConsentListRequest): Promise<ConsentList> {
  const { at, standings, first, after } = request;
  const rows = await sql<(Columns & { matched: number })[]>`
    with found as materialized (
      select *, case state
        when 'requested' then case when answer_by < ${at} then 'expired' else 'pending' end
        when 'granted' then
          case when valid_until <= ${at} then 'expired' when valid_from > ${at} then 'not-yet-valid' else 'live' end
        else state end as standing
      from consents where ${whose}
    ),
    named as (select * from found ${standings === undefined ? sql`` : sql`where standing = any(${texts(sql, standings)})`}),
    page as (
      select * from named
      ${after === undefined ? sql`` : sql`where (opened_at, consent_id) < (${after[0]}, ${after[1]})`}
      order by opened_at desc, consent_id desc
      limit ${first + 1}
    )
    select total.matched, consent_id as "consentId", label, standing, grantee_kind as "granteeKind",
      grantee_institution as "granteeInstitution", grantee_practitioner as "granteePractitioner",
      to_json(purposes) as purposes, to_json(categories) as categories,
      period_from as "periodFrom", period_to as "periodTo", valid_from as "validFrom", valid_until as "validUntil",
      requested_at as "requestedAt", requested_by as "requestedBy", answer_by as "answerBy", granted_at as "grantedAt",
      ended_at as "endedAt", end_reason as "endReason", revision, opened_at as "openedAt",
      terms_event_id as "termsEventId", terms_event_type as "termsEventType",
      retained_commitment as "retainedCommitment", retained_key as "retainedKey", retained,
      request_event_id as "requestEventId", request_event_type as "requestEventType",
      personal_commitment as "personalCommitment", personal_key as "personalKey", personal
    from (select count(*)::integer as matched from named) as total left join page on true
    order by opened_at desc, consent_id desc`;
  const onPage = rows.filter((row) => row.consentId !== null);
  return { ...pageOf(onPage, first, toRow), matched: rows[0]?.matched ?? 0 };
}

interface Columns extends Omit<ConsentRow, 'period' | 'terms' | 'message' | 'sortKey'> {
  readonly periodFrom: Day;
  readonly periodTo: Day;
  readonly openedAt: Instant;
  readonly termsEventId: EventId;
  readonly termsEventType: string;
  readonly retainedCommitment: Uint8Array;
  readonly retainedKey: string;
  readonly retained: Uint8Array;
  readonly requestEventId: EventId | null;
  readonly requestEventType: string | null;
  readonly personalCommitment: Uint8Array | null;
  readonly personalKey: string | null;
  readonly personal: Uint8Array | null;
}

function toRow(columns: Columns & { matched: number }): ConsentRow {
  const {
    matched: _matched,
    periodFrom,
    periodTo,
    openedAt,
    termsEventId,
    termsEventType,
    retainedCommitment,
    retainedKey,
    retained,
    requestEventId,
    requestEventType,
    personalCommitment,
    personalKey,
    personal,
    ...row
  } = columns;
  const stream = residentStream(row.label);
  const message = { personalCommitment, personalKey, personal };
  return {
    ...row,
    period: { from: periodFrom, to: periodTo },
    terms: retainedRef(stream, termsEventId, termsEventType, { retainedCommitment, retainedKey, retained }),
    message: personalRef(stream, requestEventId, requestEventType, message),
    sortKey: [openedAt, row.consentId],
  };
}
