import { institutionVersions as rows } from '../schema/tables/reads.ts';
import { INSTITUTION_EVENTS } from '../src/domain/institution/events.ts';
import { type Id16, subjectOf } from '../src/kernel/id.ts';
import { defineProjection, eventColumns, retainedColumns } from '../src/projector/define.ts';

type Row = typeof rows.$inferSelect;

/** One row a profile that there ever was, so that a log shows names as they were. An end brings no new name. */
export const institutionVersions = defineProjection({
  name: 'institution-versions',
  version: 1,
  rows,
  reads: INSTITUTION_EVENTS,
  key: (event) => (event.type === 'institution.ended@1' ? null : `${subjectOf(event.stream)}#${event.revision}`),
  evolve(row, event): Row | null {
    switch (event.type) {
      case 'institution.registered@1':
      case 'institution.changed@1':
        return {
          version: `${subjectOf(event.stream)}#${event.revision}`,
          id: subjectOf(event.stream) as Id16,
          since: event.time,
          ...eventColumns(event),
          ...retainedColumns(event.sealedRetained),
        };
      case 'institution.ended@1':
        return row;
    }
  },
});
