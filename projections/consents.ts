import { consents as rows } from '../schema/tables/reads.ts';
import { CONSENT_EVENTS } from '../src/domain/consent/events.ts';
import type { ConsentTerms } from '../src/domain/consent/terms.ts';
import { type Label, subjectOf } from '../src/kernel/id.ts';
import { defineProjection, type ProjectedOf, personalColumns, retainedColumns } from '../src/projector/define.ts';

type Row = typeof rows.$inferSelect;
type Event = ProjectedOf<(typeof CONSENT_EVENTS)[number]>;

/** One row a consent: asked for, given, refused or taken back. Its last terms, and the message of the request, sealed. */
export const consents = defineProjection({
  name: 'consents',
  version: 1,
  rows,
  reads: CONSENT_EVENTS,
  key: (event) => (event.retained === 'expired' ? null : event.retained.consentId),
  evolve(row, event): Row | null {
    if (event.retained === 'expired') return row;
    switch (event.type) {
      case 'consent.requested@1':
        return {
          consentId: event.retained.consentId,
          label: subjectOf(event.stream) as Label,
          state: 'requested',
          ...termsColumns(event.retained.terms, event),
          openedAt: event.time,
          requestedAt: event.time,
          requestedBy: event.retained.by.id,
          answerBy: event.retained.answerBy,
          grantedAt: null,
          endedAt: null,
          endReason: null,
          revision: event.revision,
          requestEventId: event.id,
          requestEventType: event.type,
          ...personalColumns(event.sealedPersonal),
        };
      case 'consent.granted@1':
        return {
          ...(row ?? unasked(event)),
          consentId: event.retained.consentId,
          label: subjectOf(event.stream) as Label,
          state: 'granted',
          ...termsColumns(event.retained.terms, event),
          grantedAt: event.time,
          endedAt: null,
          endReason: null,
          revision: event.revision,
        };
      case 'consent.denied@1':
        return (
          row && {
            ...row,
            state: 'denied',
            endedAt: event.time,
            endReason: event.retained.reason,
            revision: event.revision,
          }
        );
      case 'consent.revoked@1':
        return (
          row && {
            ...row,
            state: 'revoked',
            endedAt: event.time,
            endReason: event.retained.reason,
            revision: event.revision,
          }
        );
    }
  },
});

/** What a grant that answers no request has instead of one. */
function unasked(event: Event) {
  return {
    openedAt: event.time,
    requestedAt: null,
    requestedBy: null,
    answerBy: null,
    requestEventId: null,
    requestEventType: null,
    ...personalColumns('erased'),
  };
}

function termsColumns(terms: ConsentTerms, event: Event) {
  return {
    granteeKind: terms.grantee.kind,
    granteeInstitution: terms.grantee.institution,
    granteePractitioner: terms.grantee.practitioner ?? null,
    purposes: [...terms.purposes],
    categories: [...terms.categories],
    periodFrom: terms.period.from,
    periodTo: terms.period.to,
    validFrom: terms.validFrom,
    validUntil: terms.validUntil,
    termsEventId: event.id,
    termsEventType: event.type,
    ...retainedColumns(event.sealedRetained),
  };
}
