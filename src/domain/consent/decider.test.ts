import { describe, expect, it } from 'vitest';
import {
  ANNA,
  ANSWER_BY,
  asAnna,
  asBen,
  asDoctor,
  asOffice,
  BEN,
  CLINIC,
  CODE,
  CONSENT,
  closed,
  DOCTOR,
  deceased,
  denied,
  doctor,
  doctorEnded,
  EVIDENCE,
  granted,
  hospital,
  hospitalEnded,
  id16,
  instant,
  issued,
  mark,
  NOW,
  NURSE,
  registered,
  requested,
  revoked,
  suspended,
  terms,
} from '../../../test/support/domain-samples.ts';
import { at, givenOf } from '../../../test/support/given.ts';
import { addMs } from '../../kernel/instant.ts';
import {
  type ConsentCommand,
  consentDecider,
  MAX_ANSWER_MS,
  MAX_GRANTS_TO_INSTITUTION,
  MAX_LIVE_GRANTS,
  MAX_PENDING_OF_INSTITUTION,
  MAX_PENDING_REQUESTS,
  MAX_VALIDITY_MS,
} from './decider.ts';
import type { ConsentTerms } from './terms.ts';

const given = givenOf(consentDecider);
/** A registered resident with a live code; a doctor who works in the hospital. */
const BASE = [registered, issued(), hospital, doctor()];

const request = (change: object = {}): ConsentCommand =>
  ({
    type: 'request',
    consentId: CONSENT,
    terms: terms(),
    answerBy: ANSWER_BY,
    codeRef: CODE,
    by: asDoctor,
    now: NOW,
    ...change,
  }) as ConsentCommand;
const answer = (type: 'grant' | 'grant-unasked' | 'deny' | 'revoke', change: object = {}): ConsentCommand =>
  ({
    type,
    consentId: CONSENT,
    by: asAnna,
    resident: ANNA,
    now: NOW,
    ...(type.startsWith('grant') && { terms: terms(), evidence: EVIDENCE }),
    ...change,
  }) as ConsentCommand;
const toDoctor = (practitioner = DOCTOR): ConsentTerms =>
  terms({ grantee: { kind: 'practitioner', institution: HOSPITAL_OF_DOCTOR, practitioner } });
const HOSPITAL_OF_DOCTOR = terms().grantee.institution;
const many = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));

describe('asking for consent', () => {
  it('leaves a request with its terms and its message', () => {
    given(...BASE)
      .when(request({ message: 'For your check-up.' }))
      .emits({ ...requested(), personal: { message: 'For your check-up.' } });
    given(...BASE)
      .when(request({ terms: toDoctor() }))
      .emits(requested(CONSENT, toDoctor()));
  });

  it('again changes nothing; other terms under the same id are refused', () => {
    given(...BASE, requested())
      .when(request())
      .changesNothing();
    given(...BASE, requested())
      .when(request({ terms: toDoctor() }))
      .refuses('id-taken');
    given(...BASE, requested(), denied())
      .when(request())
      .refuses('id-taken');
  });

  it('is for the organisation of the token or for the asker alone', () => {
    const elsewhere = terms({ grantee: { kind: 'institution', institution: CLINIC } });
    given(...BASE)
      .when(request({ terms: elsewhere }))
      .refuses('not-own-grantee');
    given(...BASE)
      .when(request({ terms: toDoctor(NURSE) }))
      .refuses('not-own-grantee');
  });

  it('is a practitioner’s, who is registered, not ended, and works there', () => {
    for (const by of [asAnna, asOffice, { ...asAnna, id: BEN }]) {
      given(...BASE)
        .when(request({ by }))
        .refuses('not-permitted');
    }
    given(registered, issued(), hospital).when(request()).refuses('unknown-actor');
    given(registered, issued(), doctor()).when(request()).refuses('unknown-actor');
    given(...BASE, doctorEnded)
      .when(request())
      .refuses('actor-ended');
    given(...BASE, hospitalEnded)
      .when(request())
      .refuses('actor-ended');
    given(registered, issued(), hospital, doctor(CLINIC)).when(request()).refuses('not-affiliated');
  });

  it('reaches a living resident through an active code only', () => {
    given(hospital, doctor()).when(request()).refuses('not-registered');
    given(...BASE, deceased)
      .when(request())
      .refuses('deceased');
    given(...BASE)
      .when(request({ codeRef: mark(22) }))
      .refuses('code-not-live');
    given(...BASE, suspended())
      .when(request())
      .refuses('code-not-live');
    given(...BASE, closed())
      .when(request())
      .refuses('code-not-live');
  });

  it('waits for its answer until now at the earliest and 30 days at the latest', () => {
    const inTime = [NOW, addMs(NOW, MAX_ANSWER_MS)];
    for (const answerBy of inTime) expect(given(...BASE).when(request({ answerBy })).decision.kind).toBe('accept');
    for (const answerBy of [addMs(NOW, -1), addMs(NOW, MAX_ANSWER_MS + 1)]) {
      given(...BASE)
        .when(request({ answerBy }))
        .refuses('answer-by-out-of-range');
    }
  });

  it('is appended no later than it could be answered', () => {
    given(...BASE)
      .when(request())
      .holdsUntil(ANSWER_BY);
    const validUntil = addMs(NOW, 1000);
    given(...BASE)
      .when(request({ terms: terms({ validUntil }) }))
      .holdsUntil(addMs(NOW, 999));
  });

  it('is limited in number, of one organisation and in all; expired requests do not count', () => {
    const own = many(MAX_PENDING_OF_INSTITUTION, (i) => requested(id16(5000 + i)));
    given(...BASE, ...own)
      .when(request())
      .refuses('too-many-requests');
    const others = many(MAX_PENDING_REQUESTS, (i) =>
      requested(id16(5000 + i), terms({ grantee: { kind: 'institution', institution: id16(900 + i) } })),
    );
    given(...BASE, ...others)
      .when(request())
      .refuses('too-many-requests');
    given(...BASE, ...others.slice(1))
      .when(request())
      .emits(requested());
    const expired = many(MAX_PENDING_OF_INSTITUTION, (i) => requested(id16(5000 + i), terms(), addMs(NOW, -1)));
    given(...BASE, ...expired)
      .when(request())
      .emits(requested());
  });
});

describe('the terms of a request and of a grant', () => {
  const cases: [string, Partial<ConsentTerms>, string][] = [
    ['that have ended', { validUntil: NOW }, 'validity-over'],
    ['that end later than in five years', { validUntil: addMs(NOW, MAX_VALIDITY_MS + 1) }, 'validity-too-long'],
    ['with the resident’s own purpose', { purposes: ['PATRQT', 'TREAT'] }, 'purpose-not-grantable'],
    ['with a guardian’s purpose', { purposes: ['FAMRQT'] }, 'purpose-not-grantable'],
  ];
  it.each(cases)('%s are refused', (_, change, code) => {
    given(...BASE)
      .when(request({ terms: terms(change) }))
      .refuses(code as never);
    given(...BASE)
      .when(answer('grant-unasked', { terms: terms(change) }))
      .refuses(code as never);
    given(...BASE, requested(CONSENT, terms(change)))
      .when(answer('grant', { terms: terms(change) }))
      .refuses(code as never);
  });

  it('may last five years to the millisecond', () => {
    const longest = terms({ validUntil: addMs(NOW, MAX_VALIDITY_MS) });
    given(...BASE)
      .when(answer('grant-unasked', { terms: longest }))
      .emits(granted(CONSENT, longest));
  });
});

describe('granting a request', () => {
  it('gives what was asked, with the evidence of what the resident saw and how they said yes (PIPL 14, 17, 29)', () => {
    given(...BASE, requested())
      .when(answer('grant'))
      .emits({
        type: 'consent.granted@1',
        retained: { consentId: CONSENT, terms: terms(), evidence: EVIDENCE },
        personal: {},
      });
  });

  it('may give less in every respect', () => {
    const less = terms({
      purposes: ['ETREAT'],
      categories: ['prescription'],
      period: { from: terms().period.from, to: terms().period.from },
      validFrom: NOW,
      validUntil: addMs(NOW, 60_000),
    });
    given(...BASE, requested())
      .when(answer('grant', { terms: less }))
      .emits(granted(CONSENT, less));
  });

  const asked = terms({ labels: ['HIV'] });
  const wider: [string, Partial<ConsentTerms>][] = [
    ['another organisation', { grantee: { kind: 'institution', institution: CLINIC } }],
    ['a practitioner in place of the organisation', toDoctor()],
    ['another purpose', { purposes: ['HRESCH'] }],
    ['a purpose more', { purposes: ['HPAYMT', 'TREAT'] }],
    ['a category more', { categories: ['imaging', 'outpatient', 'prescription'] }],
    ['a label more', { labels: ['HIV', 'PSY'] }],
    ['an earlier day', { period: { ...terms().period, from: '2019-12-31' as never } }],
    ['a later day', { period: { ...terms().period, to: '2027-01-01' as never } }],
    ['an earlier begin', { validFrom: addMs(terms().validFrom, -1) }],
    ['a later end', { validUntil: addMs(terms().validUntil, 1) }],
  ];
  it.each(wider)('never gives more: %s is refused', (_, change) => {
    given(...BASE, requested(CONSENT, asked))
      .when(answer('grant', { terms: { ...asked, ...change } }))
      .refuses('grant-exceeds-request');
  });

  it('never gives the parent of the purpose that was asked', () => {
    given(...BASE, requested(CONSENT, terms({ purposes: ['ETREAT'] })))
      .when(answer('grant', { terms: terms({ purposes: ['TREAT'] }) }))
      .refuses('grant-exceeds-request');
  });

  it('is refused once the request has expired, and appended no later than then', () => {
    const late = { now: addMs(ANSWER_BY, 1) };
    given(...BASE, requested())
      .when(answer('grant', { now: ANSWER_BY }))
      .emits(granted());
    given(...BASE, requested())
      .when(answer('grant'))
      .holdsUntil(ANSWER_BY);
    given(...BASE, requested())
      .when(answer('grant', late))
      .refuses('request-expired');
    // The same when a later event has dropped it from the state.
    given(...BASE, requested(), at(late.now, requested(id16(2), terms(), addMs(late.now, 1000))))
      .when(answer('grant', late))
      .refuses('request-expired');
  });

  it('again changes nothing; an answered request takes no other answer', () => {
    given(...BASE, requested(), granted())
      .when(answer('grant'))
      .changesNothing();
    const less = terms({ categories: ['outpatient'] });
    given(...BASE, requested(), granted())
      .when(answer('grant', { terms: less }))
      .refuses('request-answered');
    given(...BASE, requested(), denied())
      .when(answer('grant'))
      .refuses('request-answered');
    given(...BASE, requested(), granted(), revoked())
      .when(answer('grant'))
      .refuses('request-answered');
    given(...BASE)
      .when(answer('grant'))
      .refuses('no-such-request');
  });
});

describe('granting anything', () => {
  it('is the resident’s alone, also unasked; one named like the resident is not the resident', () => {
    given(...BASE)
      .when(answer('grant-unasked'))
      .emits(granted());
    const namesake = { ...asDoctor, id: ANNA };
    for (const by of [asBen, asDoctor, asOffice, namesake]) {
      for (const type of ['grant', 'grant-unasked', 'deny', 'revoke'] as const) {
        given(...BASE, requested(), granted())
          .when(answer(type, { by }))
          .refuses('not-permitted');
      }
    }
  });

  it('needs a registered, living resident with a code that is not closed', () => {
    given(hospital).when(answer('grant-unasked')).refuses('not-registered');
    given(...BASE, requested(), deceased)
      .when(answer('grant'))
      .refuses('deceased');
    given(registered, hospital).when(answer('grant-unasked')).refuses('no-live-code');
    given(...BASE, closed())
      .when(answer('grant-unasked'))
      .refuses('no-live-code');
    given(...BASE, suspended())
      .when(answer('grant-unasked'))
      .emits(granted());
  });

  it('needs a grantee who is there: registered, not ended, a practitioner in that organisation', () => {
    const unasked = (given: ConsentTerms) => answer('grant-unasked', { terms: given });
    given(registered, issued(), doctor()).when(unasked(terms())).refuses('grantee-not-available');
    given(...BASE, hospitalEnded)
      .when(unasked(terms()))
      .refuses('grantee-not-available');
    given(registered, issued(), hospital).when(unasked(toDoctor())).refuses('grantee-not-available');
    given(...BASE, doctorEnded)
      .when(unasked(toDoctor()))
      .refuses('grantee-not-available');
    given(registered, issued(), hospital, doctor(CLINIC)).when(unasked(toDoctor())).refuses('grantee-not-available');
    given(registered, issued(), hospital).when(unasked(terms())).emits(granted());
  });

  it('unasked takes a new id: the same again changes nothing, another under it is refused', () => {
    given(...BASE, granted())
      .when(answer('grant-unasked'))
      .changesNothing();
    given(...BASE, granted())
      .when(answer('grant-unasked', { terms: toDoctor() }))
      .refuses('id-taken');
    given(...BASE, requested())
      .when(answer('grant-unasked'))
      .refuses('id-taken');
  });

  it('is limited in number, to one organisation and in all', () => {
    const own = many(MAX_GRANTS_TO_INSTITUTION, (i) => granted(id16(5000 + i)));
    given(...BASE, ...own)
      .when(answer('grant-unasked'))
      .refuses('too-many-grants');
    const others = many(MAX_LIVE_GRANTS, (i) =>
      granted(id16(5000 + i), terms({ grantee: { kind: 'institution', institution: id16(1000 + i) } })),
    );
    given(...BASE, ...others)
      .when(answer('grant-unasked'))
      .refuses('too-many-grants');
    given(...BASE, ...others.slice(1))
      .when(answer('grant-unasked'))
      .emits(granted());
  });
});

describe('denying a request', () => {
  it('ends it, and again changes nothing', () => {
    given(...BASE, requested())
      .when(answer('deny'))
      .emits(denied());
    given(...BASE, requested(), denied())
      .when(answer('deny'))
      .changesNothing();
  });

  it('that has expired changes nothing', () => {
    given(...BASE, requested())
      .when(answer('deny', { now: addMs(ANSWER_BY, 1) }))
      .changesNothing();
  });

  it('that was granted, or never made, is refused', () => {
    given(...BASE, requested(), granted())
      .when(answer('deny'))
      .refuses('request-answered');
    given(...BASE)
      .when(answer('deny'))
      .refuses('no-such-request');
    given(...BASE, requested(), deceased)
      .when(answer('deny'))
      .refuses('deceased');
  });
});

describe('revoking a grant', () => {
  it('ends it at once and needs no more than granting did: no code, no grantee, no notice (PIPL 15)', () => {
    given(...BASE, granted())
      .when(answer('revoke'))
      .emits(revoked());
    given(registered, granted()).when(answer('revoke')).emits(revoked());
    given(...BASE, granted(), suspended(), hospitalEnded)
      .when(answer('revoke'))
      .emits(revoked());
  });

  it('again changes nothing, as does revoking what has expired', () => {
    given(...BASE, granted(), revoked())
      .when(answer('revoke'))
      .changesNothing();
    given(...BASE, granted(), revoked(), deceased)
      .when(answer('revoke'))
      .changesNothing();
    given(...BASE, granted())
      .when(answer('revoke', { now: terms().validUntil }))
      .changesNothing();
    const later = at(instant('2028-01-01T00:00:00.000Z'), requested(id16(2)));
    given(...BASE, granted(), later)
      .when(answer('revoke', { now: later.time }))
      .changesNothing();
  });

  it('takes nothing else away: consent can be given again, and asked for (PIPL 16)', () => {
    given(...BASE, granted(), revoked())
      .when(answer('grant-unasked', { consentId: id16(2) }))
      .emits(granted(id16(2)));
    given(...BASE, granted(), revoked())
      .when(request({ consentId: id16(2) }))
      .emits(requested(id16(2)));
  });

  it('that was never given is refused; those of the dead are frozen', () => {
    given(...BASE)
      .when(answer('revoke'))
      .refuses('no-such-consent');
    given(...BASE, requested())
      .when(answer('revoke'))
      .refuses('no-such-consent');
    given(...BASE, requested(), denied())
      .when(answer('revoke'))
      .refuses('no-such-consent');
    given(...BASE, granted(), deceased)
      .when(answer('revoke'))
      .refuses('deceased');
  });
});
