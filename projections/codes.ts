import { codes as rows } from '../schema/tables/reads.ts';
import { CODE_EVENTS } from '../src/domain/code/events.ts';
import { type Label, subjectOf } from '../src/kernel/id.ts';
import { defineProjection, eventColumns, personalColumns } from '../src/projector/define.ts';

type Row = typeof rows.$inferSelect;

/** One row a code. It shows the event that issued it, whose personal part is the code's text; a closed code stays, closed. */
export const codes = defineProjection({
  name: 'codes',
  version: 1,
  rows,
  reads: CODE_EVENTS,
  key: (event) => (event.retained === 'expired' ? null : event.retained.codeRef),
  evolve(row, event): Row | null {
    if (event.retained === 'expired') return row;
    switch (event.type) {
      case 'code.issued@1':
        return {
          codeRef: event.retained.codeRef,
          label: subjectOf(event.stream) as Label,
          state: 'active',
          issuedAt: event.time,
          changedAt: event.time,
          ...eventColumns(event),
          ...personalColumns(event.sealedPersonal),
        };
      case 'code.suspended@1':
        return row && { ...row, state: 'suspended', changedAt: event.time };
      case 'code.resumed@1':
        return row && { ...row, state: 'active', changedAt: event.time };
      case 'code.closed@1':
        return row && { ...row, state: 'closed', changedAt: event.time };
    }
  },
});
