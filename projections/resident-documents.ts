import { residentDocuments as rows } from '../schema/tables/reads.ts';
import { IDENTITY_EVENTS } from '../src/domain/identity/events.ts';
import { type Label, subjectOf } from '../src/kernel/id.ts';
import { defineProjection, personalColumns } from '../src/projector/define.ts';

type Row = typeof rows.$inferSelect;

/** Documents linked after registration, one row an event; those shown at registration stand in the resident's own row. */
export const residentDocuments = defineProjection({
  name: 'resident-documents',
  version: 1,
  rows,
  reads: IDENTITY_EVENTS,
  key: (event) => (event.type === 'identity.document-linked@1' ? event.id : null),
  evolve(row, event): Row | null {
    switch (event.type) {
      case 'identity.document-linked@1':
        return {
          eventId: event.id,
          label: subjectOf(event.stream) as Label,
          revision: event.revision,
          eventType: event.type,
          linkedAt: event.time,
          ...personalColumns(event.sealedPersonal),
        };
      case 'identity.registered@1':
      case 'identity.presented@1':
      case 'identity.login-bound@1':
      case 'identity.deceased@1':
        return row;
    }
  },
});
