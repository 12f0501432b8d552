import type { Category, Period, RecordIndex } from '../../domain/terms.ts';
import { type EventId, type Id16, type Label, type Mark, residentStream } from '../../kernel/id.ts';
import type { Day } from '../../kernel/instant.ts';
import type { Sql } from '../../postgres/pools.ts';
import type { SealedRef } from '../../vault/port.ts';
import { texts } from '../lists.ts';
import { type Page, type PageRequest, pageOf, type SortKey } from '../page.ts';
import { personalRef } from '../sealed-ref.ts';

/** What one grant, one policy rule or the resident's own right lets be seen; a record is seen when one of them covers it whole. */
export interface RecordScope {
  readonly categories: readonly Category[];
  /** The record's whole data period lies within; absent: any. */
  readonly period?: Period;
  /** Only what this organisation registered; absent: anybody's. */
  readonly custodian?: Id16;
  /** A record that bears one of these is not seen. */
  readonly forbiddenMarks: readonly Mark[];
}

export interface RecordPlanRequest extends PageRequest {
  readonly label: Label;
  /** Absent: both indexes. */
  readonly index?: RecordIndex;
  readonly categories?: readonly Category[];
  /** Records whose whole data period lies within (as FHIR's date search understands a period). */
  readonly period?: Period;
  readonly recordId?: Id16;
  /** Empty: nothing is seen. */
  readonly scopes: readonly RecordScope[];
}

export interface PlannedRecord {
  readonly recordId: Id16;
  /** Of the record's last event in the resident's stream. */
  readonly revision: bigint;
  readonly category: Category;
  readonly index: RecordIndex;
  readonly sortKey: SortKey;
}

/** A page of what may be opened, and how many records match in all, on this page or another. */
export interface RecordPlan extends Page<PlannedRecord> {
  readonly matched: number;
}

/** A record as the index has it; its personal part is for the gate to open. */
export interface RecordRow {
  readonly recordId: Id16;
  readonly label: Label;
  readonly revision: bigint;
  readonly index: RecordIndex;
  readonly category: Category;
  readonly custodian: Id16;
  /** At which revisions their names are to be read; null: as they are now. */
  readonly custodianRevision: bigint | null;
  readonly author: Id16 | null;
  readonly authorRevision: bigint | null;
  /** The events that give those names; null while there is none. */
  readonly custodianNamed: EventId | null;
  readonly authorNamed: EventId | null;
  readonly period: Period;
  readonly eventId: EventId;
  readonly eventType: string;
  /** `undefined` once it is erased. */
  readonly personal: SealedRef | undefined;
}

const TABLES = { EHR: 'ehr_index', EMR: 'emr_index' } as const;

/**
 * Which records the selection names and the scopes let be seen, newest data first. One statement, so one instant; it gives ids,
 * revisions, categories and sort keys and nothing else. The scopes are applied by the query itself: a row that none covers is
 * neither counted nor read on.
 */
export async function planRecords(sql: Sql, request: RecordPlanRequest): Promise<RecordPlan> {
  const { label, recordId, categories, period, first, after } = request;
  const found = (index: RecordIndex) => sql`
    select record_id, revision, category, ${index}::text as index, period_to
    from ${sql(TABLES[index])} r
    where label = ${label}
    ${recordId === undefined ? sql`` : sql`and record_id = ${recordId}`}
    ${categories === undefined ? sql`` : sql`and category = any(${texts(sql, categories)})`}
    ${period === undefined ? sql`` : sql`and period_from >= ${period.from} and period_to <= ${period.to}`}
    and exists (
      select from scope
      where r.category = any(scope.categories)
      and (scope.period_from is null or r.period_from >= scope.period_from)
      and (scope.period_to is null or r.period_to <= scope.period_to)
      and (scope.custodian is null or r.custodian = scope.custodian)
      and not (r.marks && scope.forbidden))`;
  const all =
    request.index === undefined ? sql`${found('EHR')} union all ${found('EMR')}` : sql`${found(request.index)}`;
  const rows = await sql<(PlannedRow & { matched: number })[]>`
    with scope as materialized (
      select * from json_to_recordset(${scopesJson(request.scopes)}::text::json)
        as s(categories text[], period_from text, period_to text, custodian text, forbidden text[])
    ),
    found as materialized (${all}),
    page as (
      select * from found
      ${after === undefined ? sql`` : sql`where (period_to, record_id) < (${after[0]}, ${after[1]})`}
      order by period_to desc, record_id desc
      limit ${first + 1}
    )
    select total.matched, record_id as "recordId", revision, category, index, period_to as "periodTo"
    from (select count(*)::integer as matched from found) as total left join page on true
    order by period_to desc, record_id desc`;
  const onPage = rows.filter((row) => row.recordId !== null);
  return {
    ...pageOf(onPage, first, ({ recordId, revision, category, index, periodTo }) => ({
      recordId,
      revision,
      category,
      index,
      sortKey: [periodTo, recordId] as const,
    })),
    matched: rows[0]?.matched ?? 0,
  };
}

interface PlannedRow {
  recordId: Id16;
  revision: bigint;
  category: Category;
  index: RecordIndex;
  periodTo: Day;
}

function scopesJson(scopes: readonly RecordScope[]): string {
  return JSON.stringify(
    scopes.map(({ categories, period, custodian, forbiddenMarks }) => ({
      categories,
      period_from: period?.from ?? null,
      period_to: period?.to ?? null,
      custodian: custodian ?? null,
      forbidden: forbiddenMarks,
    })),
  );
}

/**
 * The rows of exactly these pairs that still stand at exactly that revision, in no order. One replaced, withdrawn or erased since is
 * left out, never substituted.
 */
export async function openRecords(
  sql: Sql,
  pairs: readonly { readonly recordId: Id16; readonly revision: bigint }[],
): Promise<RecordRow[]> {
  if (pairs.length === 0) return [];
  const planned = JSON.stringify(
    pairs.map(({ recordId, revision }) => ({ record_id: recordId, revision: revision.toString() })),
  );
  const of = (index: RecordIndex) => sql`
    select r.record_id as "recordId", r.label, r.revision, ${index}::text as index, r.category,
      r.custodian, r.custodian_revision as "custodianRevision", r.author, r.author_revision as "authorRevision",
      r.period_from as "periodFrom", r.period_to as "periodTo", r.event_id as "eventId", r.event_type as "eventType",
      r.personal_commitment as "personalCommitment", r.personal_key as "personalKey", r.personal
    from json_to_recordset(${planned}::text::json) as planned(record_id text, revision bigint)
    join ${sql(TABLES[index])} r on r.record_id = planned.record_id and r.revision = planned.revision`;
  const rows = await sql<OpenedRow[]>`
    select r.*, (
        select event_id from institution_versions v
        where v.id = r.custodian and (r."custodianRevision" is null or v.revision <= r."custodianRevision")
        order by v.revision desc limit 1
      ) as "custodianNamed", (
        select event_id from practitioner_versions v
        where v.id = r.author and (r."authorRevision" is null or v.revision <= r."authorRevision")
        order by v.revision desc limit 1
      ) as "authorNamed"
    from (${of('EHR')} union all ${of('EMR')}) as r`;
  return rows.map(({ periodFrom, periodTo, personalCommitment, personalKey, personal, ...row }) => ({
    ...row,
    period: { from: periodFrom, to: periodTo },
    personal: personalRef(residentStream(row.label), row.eventId, row.eventType, {
      personalCommitment,
      personalKey,
      personal,
    }),
  }));
}

interface OpenedRow extends Omit<RecordRow, 'period' | 'personal'> {
  readonly periodFrom: Day;
  readonly periodTo: Day;
  readonly personalCommitment: Uint8Array | null;
  readonly personalKey: string | null;
  readonly personal: Uint8Array | null;
}
