import { practitionerVersions as rows } from '../schema/tables/reads.ts';
import { PRACTITIONER_EVENTS } from '../src/domain/practitioner/events.ts';
import { type Id16, subjectOf } from '../src/kernel/id.ts';
import { defineProjection, eventColumns, retainedColumns } from '../src/projector/define.ts';

type Row = typeof rows.$inferSelect;

/** One row a profile that there ever was, so that a log shows names as they were. An end brings no new name. */
export const practitionerVersions = defineProjection({
  name: 'practitioner-versions',
  version: 1,
  rows,
  reads: PRACTITIONER_EVENTS,
  key: (event) => (event.type === 'practitioner.ended@1' ? null : `${subjectOf(event.stream)}#${event.revision}`),
  evolve(row, event): Row | null {
    switch (event.type) {
      case 'practitioner.registered@1':
      case 'practitioner.changed@1':
        return {
          version: `${subjectOf(event.stream)}#${event.revision}`,
          id: subjectOf(event.stream) as Id16,
          since: event.time,
          ...eventColumns(event),
          ...retainedColumns(event.sealedRetained),
        };
      case 'practitioner.ended@1':
        return row;
    }
  },
});
