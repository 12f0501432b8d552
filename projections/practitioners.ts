import { practitioners as rows } from '../schema/tables/reads.ts';
import { PRACTITIONER_EVENTS } from '../src/domain/practitioner/events.ts';
import { type Id16, subjectOf } from '../src/kernel/id.ts';
import { contactsColumns, defineProjection, eventColumns, retainedColumns } from '../src/projector/define.ts';

type Row = typeof rows.$inferSelect;

/** One row a practitioner: the profile as it is, where they work, and whether they still do. */
export const practitioners = defineProjection({
  name: 'practitioners',
  version: 1,
  rows,
  reads: PRACTITIONER_EVENTS,
  key: (event) => subjectOf(event.stream),
  evolve(row, event): Row | null {
    switch (event.type) {
      case 'practitioner.registered@1':
      case 'practitioner.changed@1':
        if (event.retained === 'expired') return row;
        return {
          id: subjectOf(event.stream) as Id16,
          affiliations: [...event.retained.affiliations],
          state: row?.state ?? 'active',
          registeredAt: row?.registeredAt ?? event.time,
          changedAt: event.time,
          endedAt: row?.endedAt ?? null,
          ...eventColumns(event),
          ...retainedColumns(event.sealedRetained),
          ...contactsColumns(event.retained.contacts, row, event),
        };
      case 'practitioner.ended@1':
        // It goes on showing the last profile: the event that ended it has none.
        return row && { ...row, state: 'ended', changedAt: event.time, endedAt: event.time };
    }
  },
});
