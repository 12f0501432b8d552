import { describe, expect, it } from 'vitest';
import { residentStream } from '../src/kernel/id.ts';
import type { Instant } from '../src/kernel/instant.ts';
import { consentEvidence, consentTerms } from '../test/support/any-events.ts';
import { rowsAfter } from '../test/support/fold-read-model.ts';
import { eventIdOf, idOf, labelOf, type PlainEvent } from '../test/support/plain-events.ts';
import { consents } from './consents.ts';

const stream = residentStream(labelOf(0));
const consentId = idOf('consent', 0);
const asker = { kind: 'practitioner', id: idOf('practitioner', 1), organisation: idOf('institution', 1) } as const;
const requested: PlainEvent = {
  stream,
  by: asker,
  event: {
    type: 'consent.requested@1',
    retained: { consentId, terms: consentTerms(1), answerBy: '2026-12-01T00:00:00.000Z' as Instant },
    personal: { message: 'please' },
  },
};
const granted: PlainEvent = {
  stream,
  event: {
    type: 'consent.granted@1',
    retained: { consentId, terms: { ...consentTerms(1), categories: ['imaging'] }, evidence: consentEvidence },
    personal: {},
  },
};
const ended = (type: 'consent.denied@1' | 'consent.revoked@1'): PlainEvent => ({
  stream,
  event: { type, retained: { consentId, reason: 'resident' }, personal: {} },
});

describe('consents', () => {
  it('a request shows its terms, who asks and until when it can be answered', async () => {
    expect(await rowsAfter(consents, [requested])).toMatchObject([
      {
        consentId,
        label: labelOf(0),
        state: 'requested',
        granteeKind: 'practitioner',
        granteeInstitution: idOf('institution', 1),
        granteePractitioner: idOf('practitioner', 1),
        categories: ['imaging', 'outpatient'],
        requestedBy: asker.id,
        answerBy: '2026-12-01T00:00:00.000Z',
        termsEventId: eventIdOf('law', 0),
        requestEventId: eventIdOf('law', 0),
        grantedAt: null,
      },
    ]);
  });

  it('a grant shows its own, narrower terms, and still the message of the request', async () => {
    const [before] = await rowsAfter(consents, [requested]);
    const [row] = await rowsAfter(consents, [requested, granted]);
    expect(row).toMatchObject({
      state: 'granted',
      categories: ['imaging'],
      requestedAt: before?.requestedAt,
      openedAt: before?.openedAt,
      requestEventId: eventIdOf('law', 0),
      personal: before?.personal,
      termsEventId: eventIdOf('law', 1),
      termsEventType: 'consent.granted@1',
    });
    expect(row?.retained).not.toEqual(before?.retained);
  });

  it('a grant that answers no request has no request, and opens when it is given', async () => {
    const [row] = await rowsAfter(consents, [granted]);
    expect(row).toMatchObject({ state: 'granted', requestedAt: null, requestEventId: null, personal: null });
    expect(row?.openedAt).toBe(row?.grantedAt);
  });

  it('a refusal and a revocation end it, with their reason, and keep its terms', async () => {
    expect(await rowsAfter(consents, [requested, ended('consent.denied@1')])).toMatchObject([
      { state: 'denied', endReason: 'resident', grantedAt: null, termsEventId: eventIdOf('law', 0) },
    ]);
    expect(await rowsAfter(consents, [requested, granted, ended('consent.revoked@1')])).toMatchObject([
      { state: 'revoked', endReason: 'resident', revision: 2n, termsEventId: eventIdOf('law', 1) },
    ]);
  });

  it('holds no sensitivity and no word of the message in clear', async () => {
    const [row] = await rowsAfter(consents, [requested, granted]);
    const clear = Object.values(row ?? {})
      .filter((value) => !(value instanceof Uint8Array))
      .flat();
    expect(clear).not.toContain('HIV');
    expect(clear).not.toContain('please');
  });
});
