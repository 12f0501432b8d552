import { ehrIndex as ehrRows, emrIndex as emrRows } from '../schema/tables/reads.ts';
import { RECORD_EVENTS } from '../src/domain/record/events.ts';
import type { RecordIndex } from '../src/domain/terms.ts';
import { institutionStream, type Label, practitionerStream, subjectOf } from '../src/kernel/id.ts';
import {
  type Declared,
  defineProjection,
  eventColumns,
  type ProjectedOf,
  personalColumns,
  seenRevision,
} from '../src/projector/define.ts';

type Row = typeof ehrRows.$inferSelect;
type Event = ProjectedOf<(typeof RECORD_EVENTS)[number]>;

/**
 * The index of records, one read model an index. A withdrawn record's row goes, so that no query can forget to leave it out; that it
 * was withdrawn, by whom and why, stays in the resident's own account. A record keeps its index for life: the other table is never looked at.
 */
function recordIndex(
  index: RecordIndex,
): Pick<Declared<typeof ehrRows, typeof RECORD_EVENTS>, 'reads' | 'key' | 'evolve'> {
  return {
    reads: RECORD_EVENTS,
    key(event) {
      if (event.retained === 'expired') return null;
      // A withdrawal names the record only. Both indexes look; the one that has no row stays without.
      if (event.type === 'record.withdrawn@1') return event.retained.recordId;
      return event.retained.index === index ? event.retained.recordId : null;
    },
    evolve(row, event): Row | null {
      switch (event.type) {
        case 'record.registered@1':
          return recordRow(event, null) ?? row;
        case 'record.replaced@1':
          // Nothing to replace: withdrawn before, and what is withdrawn does not come back under the same id.
          return row && (recordRow(event, row) ?? row);
        case 'record.withdrawn@1':
          return null;
      }
    },
  };
}

function recordRow(event: Exclude<Event, { type: 'record.withdrawn@1' }>, before: Row | null): Row | null {
  const said = event.retained;
  if (said === 'expired') return null;
  return {
    recordId: said.recordId,
    label: subjectOf(event.stream) as Label,
    category: said.category,
    custodian: said.custodian,
    custodianRevision: seenRevision(said, institutionStream(said.custodian)),
    author: said.author ?? null,
    authorRevision: said.author === undefined ? null : seenRevision(said, practitionerStream(said.author)),
    periodFrom: said.period.from,
    periodTo: said.period.to,
    marks: [...said.marks],
    source: said.source.source,
    sourceVersion: said.source.version,
    registeredAt: before?.registeredAt ?? event.time,
    changedAt: event.time,
    ...eventColumns(event),
    ...personalColumns(event.sealedPersonal),
  };
}

export const ehrIndex = defineProjection({ name: 'ehr-index', version: 1, rows: ehrRows, ...recordIndex('EHR') });
export const emrIndex = defineProjection({ name: 'emr-index', version: 1, rows: emrRows, ...recordIndex('EMR') });
