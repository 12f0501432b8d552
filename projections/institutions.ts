import { institutions as rows } from '../schema/tables/reads.ts';
import { INSTITUTION_EVENTS } from '../src/domain/institution/events.ts';
import { type Id16, subjectOf } from '../src/kernel/id.ts';
import { contactsColumns, defineProjection, eventColumns, retainedColumns } from '../src/projector/define.ts';

type Row = typeof rows.$inferSelect;

/** One row an institution: its profile as it is, and whether it still is one. */
export const institutions = defineProjection({
  name: 'institutions',
  version: 1,
  rows,
  reads: INSTITUTION_EVENTS,
  key: (event) => subjectOf(event.stream),
  evolve(row, event): Row | null {
    switch (event.type) {
      case 'institution.registered@1':
      case 'institution.changed@1':
        if (event.retained === 'expired') return row;
        return {
          id: subjectOf(event.stream) as Id16,
          region: event.retained.region ?? null,
          state: row?.state ?? 'active',
          registeredAt: row?.registeredAt ?? event.time,
          changedAt: event.time,
          endedAt: row?.endedAt ?? null,
          ...eventColumns(event),
          ...retainedColumns(event.sealedRetained),
          ...contactsColumns(event.retained.contacts, row, event),
        };
      case 'institution.ended@1':
        // It goes on showing the last profile: the event that ended it has none.
        return row && { ...row, state: 'ended', changedAt: event.time, endedAt: event.time };
    }
  },
});
