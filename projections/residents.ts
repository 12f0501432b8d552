import { residents as rows } from '../schema/tables/reads.ts';
import { IDENTITY_EVENTS } from '../src/domain/identity/events.ts';
import { type Label, subjectOf } from '../src/kernel/id.ts';
import { defineProjection, eventColumns, personalColumns } from '../src/projector/define.ts';

type Row = typeof rows.$inferSelect;

/** One row a resident, from registration on. Death changes the state; the row stays. */
export const residents = defineProjection({
  name: 'residents',
  version: 1,
  rows,
  reads: IDENTITY_EVENTS,
  key: (event) => subjectOf(event.stream),
  evolve(row, event): Row | null {
    switch (event.type) {
      case 'identity.registered@1':
        // The retained part of an identity lives as long as the ledger; without it there is no row to be found by region.
        if (event.retained === 'expired') return row;
        return {
          label: subjectOf(event.stream) as Label,
          region: event.retained.region,
          state: 'living',
          registeredAt: event.time,
          deceasedAt: null,
          ...eventColumns(event),
          ...personalColumns(event.sealedPersonal),
        };
      case 'identity.deceased@1':
        return row === null || row.state === 'deceased' ? row : { ...row, state: 'deceased', deceasedAt: event.time };
      case 'identity.presented@1':
      case 'identity.document-linked@1':
      case 'identity.login-bound@1':
        return row;
    }
  },
});
