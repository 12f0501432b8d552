import { describe, expect, it } from 'vitest';
import {
  ANNA,
  adopted,
  asAnna,
  asBen,
  asDoctor,
  asOffice,
  asRegulator,
  asSystem,
  BEN,
  CLINIC,
  CODE,
  CONSENT,
  closed,
  DOCTOR,
  day,
  deceased,
  doctor,
  doctorEnded,
  entry,
  granted,
  HOSPITAL,
  hospital,
  hospitalEnded,
  id16,
  instant,
  issued,
  mark,
  NOW,
  NURSE,
  OWN_RECORDS,
  policyOf,
  recordRegistered,
  registered,
  requested,
  revoked,
  STATUTORY,
  suspended,
  terms,
} from '../../../test/support/domain-samples.ts';
import { advance, at, type Happened, INITIAL, statesAfter, stored } from '../../../test/support/given.ts';
import { addMs, type Instant } from '../../kernel/instant.ts';
import { CATEGORIES, LABELS } from '../terms.ts';
import { type AccessDecision, type AccessRequest, decideAccess } from './decide-access.ts';
import type { Selection } from './events.ts';

/** A living resident with a live code; a doctor who works in the hospital. */
const BASE = [registered, issued(), hospital, doctor()];
const RECORDS: Selection = { what: 'records' };
const ASK: AccessRequest = { actor: asDoctor, resident: ANNA, purpose: 'TREAT', codeRef: CODE, selection: RECORDS };
const OWN: AccessRequest = { actor: asAnna, resident: ANNA, purpose: 'PATRQT', selection: RECORDS };

const decide = (past: readonly Happened[], request: Partial<AccessRequest> = {}, now = NOW): AccessDecision =>
  decideAccess(statesAfter(...past), { ...ASK, ...request }, now);
const own = (past: readonly Happened[], request: Partial<AccessRequest> = {}): AccessDecision =>
  decideAccess(statesAfter(...past), { ...OWN, ...request }, NOW);
const no = (rule: string) => ({ outcome: 'denied', rule });
const wards = (...past: Happened[]) => [...BASE, granted(), ...past];

describe('the resident', () => {
  it('sees all of the own record by the own token', () => {
    expect(own([registered])).toEqual({
      outcome: 'permitted',
      rule: 'self',
      basis: 'PIPL-13-1',
      grants: [],
      policyRules: [],
      scopes: [{ kind: 'all', id: 'self', categories: CATEGORIES, labels: LABELS }],
    });
  });

  it('is not locked out by a suspended or closed code', () => {
    for (const end of [suspended('office'), closed()]) {
      expect(own([registered, issued(), end])).toMatchObject({ outcome: 'permitted', rule: 'self' });
      // Through such a code nobody gets anywhere.
      expect(own([registered, issued(), end], { codeRef: CODE })).toEqual(no('code-not-live'));
    }
  });

  it('sees the part that was selected', () => {
    const period = { from: day('2026-01-01'), to: day('2026-01-31') };
    expect(own([registered], { selection: { ...RECORDS, categories: ['imaging'], period } })).toMatchObject({
      scopes: [{ kind: 'all', categories: ['imaging'], period }],
    });
  });

  it.each(['demographics', 'code', 'consent', 'access-log'] as const)(
    'sees the own %s, which opens no record',
    (what) => {
      expect(own([registered], { selection: { what } })).toMatchObject({
        outcome: 'permitted',
        rule: 'self',
        scopes: [],
      });
    },
  );

  it('is nobody else: another resident gets nothing, not even through the code', () => {
    expect(own([registered], { actor: asBen })).toEqual(no('code-not-live'));
    expect(own(BASE, { actor: asBen, codeRef: CODE })).toEqual(no('no-consent'));
    expect(own([registered], { resident: BEN })).toEqual(no('code-not-live'));
  });

  it('is known by kind and label: others who bear the label as their id are not the resident', () => {
    for (const actor of [
      { ...asDoctor, id: ANNA },
      { ...asOffice, id: ANNA },
      { ...asSystem, id: ANNA },
    ]) {
      expect(own(BASE, { actor })).toEqual(no('code-not-live'));
      expect(decide(BASE, { actor, purpose: 'PATRQT' })).toEqual(no('no-consent'));
    }
  });

  it('asks for the own purpose; a guardian’s is not built', () => {
    expect(own([registered], { purpose: 'TREAT' })).toEqual(no('no-consent'));
    expect(own([registered], { purpose: 'FAMRQT' })).toEqual(no('no-consent'));
  });

  it('who is not registered, or has died, sees nothing', () => {
    expect(own([])).toEqual(no('unknown-actor'));
    expect(own([registered, deceased])).toEqual(no('deceased'));
  });
});

describe('the way to a resident', () => {
  it('is an active code: none, another, a suspended or closed one leads nowhere, whatever was granted', () => {
    const { codeRef: _, ...withoutCode } = ASK;
    expect(decideAccess(statesAfter(...wards()), withoutCode, NOW)).toEqual(no('code-not-live'));
    expect(decide(wards(), { codeRef: mark(22) })).toEqual(no('code-not-live'));
    expect(decide(wards(suspended()))).toEqual(no('code-not-live'));
    expect(decide(wards(closed()))).toEqual(no('code-not-live'));
    expect(decide(wards())).toMatchObject({ outcome: 'permitted' });
  });

  it('ends with death', () => {
    expect(decide(wards(deceased))).toEqual(no('deceased'));
  });
});

describe('the asker', () => {
  it('must be registered, not ended, and work in the organisation of the token', () => {
    expect(decide([registered, issued(), hospital, granted()])).toEqual(no('unknown-actor'));
    expect(decide([registered, issued(), doctor(), granted()])).toEqual(no('unknown-actor'));
    expect(decide(wards(doctorEnded))).toEqual(no('actor-ended'));
    expect(decide(wards(hospitalEnded))).toEqual(no('actor-ended'));
    expect(decide([registered, issued(), hospital, doctor(CLINIC), granted()])).toEqual(no('not-affiliated'));
    const { organisation: _, ...nowhere } = asDoctor;
    expect(decide(wards(), { actor: nowhere })).toEqual(no('not-affiliated'));
  });

  it('who is an officer or a system opens nothing', () => {
    const past = [...BASE, granted(), adopted(policyOf(OWN_RECORDS, STATUTORY)), recordRegistered(entry(1))];
    for (const actor of [asOffice, asRegulator, asSystem].map((one) => ({ ...one, organisation: HOSPITAL }))) {
      for (const what of ['records', 'content', 'demographics', 'consent', 'access-log'] as const) {
        expect(decide(past, { actor, selection: { what } })).toEqual(no('no-consent'));
      }
    }
  });
});

describe('a grant', () => {
  it('permits what it covers, and says so', () => {
    expect(decide(wards())).toEqual({
      outcome: 'permitted',
      rule: 'grant',
      basis: 'PIPL-13-1',
      winner: CONSENT,
      grants: [CONSENT],
      policyRules: [],
      scopes: [
        {
          kind: 'grant',
          id: CONSENT,
          categories: ['outpatient', 'prescription'],
          period: { from: '2020-01-01', to: '2026-12-31' },
          labels: [],
        },
      ],
      notAfter: '2027-04-30T23:59:59.999Z',
    });
  });

  it('is needed: without one there is no applicable consent', () => {
    expect(decide(BASE)).toEqual(no('no-consent'));
    expect(decide([...BASE, requested()])).toEqual(no('no-consent'));
    expect(decide([...BASE, requested(), granted(), revoked()])).toEqual(no('no-consent'));
  });

  it('to one organisation is of no use in another, to one practitioner none to another', () => {
    const inClinic = [registered, issued(), hospital, doctor(HOSPITAL, CLINIC), granted()];
    expect(decide(inClinic, { actor: { ...asDoctor, organisation: CLINIC } })).toEqual(no('no-consent'));
    const grantee = { kind: 'practitioner', institution: HOSPITAL, practitioner: DOCTOR } as const;
    const personal = [...BASE, granted(CONSENT, terms({ grantee }))];
    expect(decide(personal)).toMatchObject({ outcome: 'permitted' });
    expect(decide(personal, { actor: { ...asDoctor, id: NURSE } })).toEqual(no('no-consent'));
  });

  it('covers its purposes with their sub-codes, and no others', () => {
    expect(decide(wards(), { purpose: 'BTG' })).toMatchObject({ outcome: 'permitted', grants: [CONSENT] });
    expect(decide(wards(), { purpose: 'HRESCH' })).toEqual(no('not-covered'));
    const narrow = [...BASE, granted(CONSENT, terms({ purposes: ['ETREAT'] }))];
    expect(decide(narrow)).toEqual(no('not-covered'));
    expect(decide(narrow, { purpose: 'ETREAT' })).toMatchObject({ outcome: 'permitted' });
  });

  it('limits what is seen to its categories and its period', () => {
    expect(decide(wards(), { selection: { ...RECORDS, categories: ['imaging'] } })).toEqual(no('not-covered'));
    expect(decide(wards(), { selection: { ...RECORDS, categories: ['imaging', 'outpatient'] } })).toMatchObject({
      scopes: [{ categories: ['outpatient'] }],
    });
    const before = { from: day('2019-01-01'), to: day('2019-12-31') };
    expect(decide(wards(), { selection: { ...RECORDS, period: before } })).toEqual(no('not-covered'));
    const across = { from: day('2019-07-01'), to: day('2020-06-30') };
    expect(decide(wards(), { selection: { ...RECORDS, period: across } })).toMatchObject({
      scopes: [{ period: { from: '2020-01-01', to: '2020-06-30' } }],
    });
  });

  it('is valid from its begin, included, to its end, not included', () => {
    const { validFrom, validUntil } = terms();
    expect(decide(wards(), {}, addMs(validFrom, -1))).toEqual(no('no-consent'));
    expect(decide(wards(), {}, validFrom)).toMatchObject({ outcome: 'permitted' });
    expect(decide(wards(), {}, addMs(validUntil, -1))).toMatchObject({ outcome: 'permitted' });
    expect(decide(wards(), {}, validUntil)).toEqual(no('no-consent'));
  });

  it('lets the demographics be seen too, and nothing of logs and consents', () => {
    expect(decide(wards(), { selection: { what: 'demographics' } })).toMatchObject({
      outcome: 'permitted',
      grants: [CONSENT],
      scopes: [],
    });
    expect(decide(wards(), { selection: { what: 'demographics' }, purpose: 'HRESCH' })).toEqual(no('not-covered'));
    expect(decide(wards(), { selection: { what: 'access-log' } })).toEqual(no('no-consent'));
    expect(decide(wards(), { selection: { what: 'consent' } })).toEqual(no('no-consent'));
  });

  it('that was revoked later leaves an earlier access lawful on replay (PIPL 15)', () => {
    const history = stored([...wards(), at(addMs(NOW, 1000), revoked())]);
    const replayed = (events: number, now: Instant) =>
      decideAccess(history.slice(0, events).reduce(advance, INITIAL), ASK, now);
    expect(replayed(history.length - 1, NOW)).toMatchObject({ outcome: 'permitted', winner: CONSENT });
    expect(replayed(history.length, addMs(NOW, 1000))).toEqual(no('no-consent'));
  });
});

describe('several grants', () => {
  const wide = terms({ categories: CATEGORIES });
  const narrow = terms({ categories: ['prescription'] });
  const [first, second, third] = [id16(43), id16(42), id16(41)];
  const winner = (past: readonly Happened[]) => decide(past);

  it('add up: each is a scope of its own, and all are listed', () => {
    expect(decide([...BASE, granted(first, wide), granted(second, narrow)])).toMatchObject({
      grants: [second, first],
      scopes: [{ id: second }, { id: first }],
    });
  });

  it('name the narrower, whichever is newer', () => {
    expect(winner([...BASE, granted(first, wide), granted(second, narrow)])).toMatchObject({ winner: second });
    expect(winner([...BASE, granted(second, narrow), granted(first, wide)])).toMatchObject({ winner: second });
  });

  it('name the newer of equally narrow ones', () => {
    const three = [granted(first, narrow), granted(second, narrow), granted(third, narrow)];
    expect(winner([...BASE, ...three])).toMatchObject({ winner: third });
    expect(winner([...BASE, ...three.toReversed()])).toMatchObject({ winner: first });
  });

  it.each([
    ['a practitioner', terms({ grantee: { kind: 'practitioner', institution: HOSPITAL, practitioner: DOCTOR } })],
    ['a sub-purpose', terms({ purposes: ['ETREAT'] })],
    ['a shorter period', terms({ period: { from: day('2026-01-01'), to: day('2026-12-31') } })],
    ['a shorter validity', terms({ validUntil: addMs(NOW, 1) })],
  ])('count %s as narrower', (_, narrower) => {
    const past = [...BASE, granted(first, narrower), granted(second, terms({ labels: [] }))];
    expect(decide(past, { purpose: 'ETREAT' })).toMatchObject({ winner: first });
    expect(
      decide([...past.slice(0, -2), granted(second, terms()), granted(first, narrower)], { purpose: 'ETREAT' }),
    ).toMatchObject({
      winner: first,
    });
  });

  it('count fewer labels as narrower', () => {
    const past = [...BASE, granted(first), granted(second, terms({ labels: ['HIV'] }))];
    expect(decide(past)).toMatchObject({ winner: first });
  });

  it('bound the append by the one that ends first', () => {
    const soon = terms({ validUntil: addMs(NOW, 5000) });
    expect(decide([...BASE, granted(first), granted(second, soon)])).toMatchObject({ notAfter: addMs(NOW, 4999) });
  });

  it('that contribute nothing to the selection are not used', () => {
    const soon = terms({ validUntil: addMs(NOW, 5000), categories: ['imaging'] });
    expect(
      decide([...BASE, granted(first), granted(second, soon)], {
        selection: { ...RECORDS, categories: ['outpatient'] },
      }),
    ).toMatchObject({ grants: [first], notAfter: addMs(terms().validUntil, -1) });
  });
});

describe('the region’s policy', () => {
  const policy = adopted(policyOf(OWN_RECORDS, STATUTORY));

  it('lets an organisation read for treatment what it registered itself, and only that', () => {
    const past = [...BASE, policy, recordRegistered(entry(1))];
    expect(decide(past)).toEqual({
      outcome: 'permitted',
      rule: 'policy',
      basis: 'PIPL-13-2',
      winner: 'own-records',
      grants: [],
      policyRules: ['own-records'],
      scopes: [{ kind: 'policy', id: 'own-records', categories: CATEGORIES, labels: [], custodian: HOSPITAL }],
    });
    expect(decide(past, { purpose: 'HRESCH' })).toEqual(no('no-consent'));
  });

  it('is no consent for an organisation that has registered nothing of this resident', () => {
    expect(decide([...BASE, policy])).toEqual(no('no-consent'));
    expect(decide([...BASE, policy, recordRegistered(entry(1, { custodian: CLINIC }))])).toEqual(no('no-consent'));
  });

  it('lets those whom a law names read what it names, with its article as basis', () => {
    expect(decide([...BASE, policy], { purpose: 'PUBHLTH' })).toMatchObject({
      rule: 'policy',
      basis: 'PIPL-13-4',
      winner: 'infectious-diseases',
      scopes: [{ categories: ['diagnostic-report', 'immunisation'] }],
    });
    const forClinic = adopted(policyOf({ ...STATUTORY, institutions: [CLINIC] }));
    expect(decide([...BASE, forClinic], { purpose: 'PUBHLTH' })).toEqual(no('no-consent'));
  });

  it('is what was adopted last', () => {
    const past = [...BASE, recordRegistered(entry(1)), policy, adopted(policyOf(), 62)];
    expect(decide(past)).toEqual(no('no-consent'));
  });

  it('is named after a grant, and a law before the region’s own rule; all that contribute are listed', () => {
    const law = { ...STATUTORY, id: 'a-law', purposes: ['TREAT'] as const };
    const past = [...BASE, adopted(policyOf(OWN_RECORDS, law)), recordRegistered(entry(1))];
    expect(decide(past)).toMatchObject({ rule: 'policy', winner: 'a-law', policyRules: ['a-law', 'own-records'] });
    expect(decide([...past, granted()])).toMatchObject({
      rule: 'grant',
      basis: 'PIPL-13-1',
      winner: CONSENT,
      policyRules: ['a-law', 'own-records'],
      scopes: [{ kind: 'grant' }, { kind: 'policy', id: 'a-law' }, { kind: 'policy', id: 'own-records' }],
    });
  });

  it('names the narrower of two laws', () => {
    const wide = { ...STATUTORY, id: 'a-wide-one', categories: CATEGORIES };
    expect(decide([...BASE, adopted(policyOf(wide, STATUTORY))], { purpose: 'PUBHLTH' })).toMatchObject({
      winner: 'infectious-diseases',
    });
  });
});

describe('verifying a code', () => {
  const verify = { selection: { what: 'code' } } as const;

  it('tells a practitioner or an officer that it is live, and opens nothing', () => {
    expect(decide(BASE, verify)).toEqual({
      outcome: 'permitted',
      rule: 'code-shown',
      basis: 'PIPL-13-1',
      grants: [],
      policyRules: [],
      scopes: [],
    });
    expect(decide(BASE, { ...verify, actor: asOffice })).toMatchObject({ outcome: 'permitted', rule: 'code-shown' });
  });

  it('needs a live code and an asker in good standing', () => {
    expect(decide([...BASE, suspended()], verify)).toEqual(no('code-not-live'));
    expect(decide([...BASE, doctorEnded], verify)).toEqual(no('actor-ended'));
    expect(decide([registered, issued()], { ...verify, actor: asOffice })).toEqual(no('unknown-actor'));
    expect(decide([...BASE, hospitalEnded], { ...verify, actor: asOffice })).toEqual(no('actor-ended'));
    expect(decide(BASE, { ...verify, actor: asRegulator })).toEqual(no('no-consent'));
    expect(decide(BASE, { ...verify, purpose: 'PATRQT' })).toEqual(no('no-consent'));
  });
});

it('what is not built lets nobody in: no emergency, no guardian, no default', () => {
  for (const purpose of ['BTG', 'ETREAT', 'FAMRQT', 'PATRQT', 'PUBHLTH', 'HPAYMT', 'CAREMGT'] as const) {
    expect(decide(BASE, { purpose })).toEqual(no('no-consent'));
  }
  expect(decide([...BASE, granted()], {}, instant('2026-10-31T23:59:59.999Z'))).toEqual(no('no-consent'));
});
