import type { EventId, Id16, Label } from '../../kernel/id.ts';
import type { Sql } from '../../postgres/pools.ts';
import { reaching } from '../reaching.ts';
import { openRecords, planRecords, type RecordPlan, type RecordPlanRequest, type RecordRow } from './records.ts';
import {
  type CodeRow,
  codesOf,
  type ResidentDocumentRow,
  type ResidentRow,
  resident,
  residentDocuments,
} from './residents.ts';
import { openTrail, planTrail, type TrailPlan, type TrailPlanRequest, type TrailRow } from './trail.ts';

/**
 * Rows of residents: what they are, what was recorded of them, who read it. The gate alone asks these, in its order: what `plan…`
 * answers is committed to, and only then `open…`, `resident…` and `codesOf` are asked. They know no policy. All throw `reads-unavailable` while the database is away.
 */
export interface GatedReads {
  planRecords(request: RecordPlanRequest): Promise<RecordPlan>;
  openRecords(pairs: readonly { readonly recordId: Id16; readonly revision: bigint }[]): Promise<RecordRow[]>;
  resident(label: Label): Promise<ResidentRow | undefined>;
  residentDocuments(label: Label): Promise<ResidentDocumentRow[]>;
  codesOf(label: Label): Promise<CodeRow[]>;
  planTrail(request: TrailPlanRequest): Promise<TrailPlan>;
  openTrail(eventIds: readonly EventId[]): Promise<TrailRow[]>;
}

export function gatedReads(sql: Sql): GatedReads {
  return reaching({
    planRecords: (request) => planRecords(sql, request),
    openRecords: (pairs) => openRecords(sql, pairs),
    resident: (label) => resident(sql, label),
    residentDocuments: (label) => residentDocuments(sql, label),
    codesOf: (label) => codesOf(sql, label),
    planTrail: (request) => planTrail(sql, request),
    openTrail: (eventIds) => openTrail(sql, eventIds),
  });
}
