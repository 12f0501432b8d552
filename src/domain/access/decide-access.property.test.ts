import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ANNA,
  asDoctor,
  CLINIC,
  CODE,
  DOCTOR,
  HOSPITAL,
  id16,
  NOW,
  NURSE,
} from '../../../test/support/domain-samples.ts';
import { INITIAL } from '../../../test/support/given.ts';
import type { Day } from '../../kernel/instant.ts';
import { addMs, type Instant } from '../../kernel/instant.ts';
import { grantWithin } from '../consent/covers.ts';
import type { ConsentTerms, LiveGrant } from '../consent/terms.ts';
import type { PolicyRule } from '../ledger/events.ts';
import { CATEGORIES, LABELS, type Period, PURPOSES, type Purpose } from '../terms.ts';
import { type Row, scopeCovers } from './covers.ts';
import { type AccessDecision, type AccessRequest, type AccessStates, decideAccess } from './decide-access.ts';

const some = <T extends string>(items: readonly T[], minLength = 0, maxLength = items.length): fc.Arbitrary<T[]> =>
  fc.subarray([...items], { minLength, maxLength }).map((set) => set.toSorted());
const daysOf = (min: number, max: number) => fc.integer({ min, max }).map((day) => `2026-03-${day}` as Day);
const periodOf = (min: number, max: number): fc.Arbitrary<Period> =>
  fc.tuple(daysOf(min, max), daysOf(min, max)).map(([a, b]) => (a < b ? { from: a, to: b } : { from: b, to: a }));
/** Wide permits and narrow records, so that both answers come up often; edges meet since days and instants are few. */
const periods = fc.oneof(
  periodOf(10, 20),
  fc.tuple(daysOf(10, 12), daysOf(16, 20)).map(([from, to]) => ({ from, to })),
);
const offsets = fc.integer({ min: -5, max: 5 }).map((ms) => addMs(NOW, ms));
const organisations = fc.constantFrom(HOSPITAL, CLINIC);
const people = fc.constantFrom(DOCTOR, NURSE);
const grantees: fc.Arbitrary<ConsentTerms['grantee']> = fc.oneof(
  fc.record({ kind: fc.constant('institution' as const), institution: organisations }),
  fc.record({ kind: fc.constant('practitioner' as const), institution: organisations, practitioner: people }),
);
const someTerms: fc.Arbitrary<ConsentTerms> = fc
  .record({
    grantee: grantees,
    purposes: some(PURPOSES, 3),
    categories: some(CATEGORIES, 3),
    labels: some(LABELS),
    period: periods,
    validFrom: offsets,
    validUntil: offsets,
  })
  .filter(({ validFrom, validUntil }) => validFrom < validUntil);
const someGrants: fc.Arbitrary<LiveGrant[]> = fc
  .array(someTerms, { maxLength: 6 })
  .map((list) => list.map((terms, i) => ({ consentId: id16(i), terms })));
const someRules: fc.Arbitrary<PolicyRule[]> = fc
  .array(
    fc.record({
      statutory: fc.boolean(),
      purposes: some(PURPOSES, 3),
      categories: some(CATEGORIES, 3),
      labels: some(LABELS),
      institution: organisations,
    }),
    { maxLength: 3 },
  )
  .map((list) =>
    list.map(({ statutory, institution, ...rest }, i) => ({
      ...rest,
      id: `rule-${i}`,
      basis: 'PIPL-13-3',
      ...(statutory ? { kind: 'statutory', institutions: [institution] } : { kind: 'own-records' }),
    })),
  );
const rows: fc.Arbitrary<Row> = fc.record({
  category: fc.constantFrom(...CATEGORIES),
  period: periodOf(11, 17),
  custodian: organisations,
  labels: some(LABELS, 0, 2),
});
const worlds = fc.record({ grants: someGrants, rules: someRules, custodians: some([HOSPITAL, CLINIC]) });
const requests: fc.Arbitrary<AccessRequest> = fc.record({
  actor: fc.tuple(people, organisations).map(([id, organisation]) => ({ ...asDoctor, id, organisation })),
  resident: fc.constant(ANNA),
  purpose: fc.constantFrom<Purpose>('TREAT', 'ETREAT', 'BTG', 'HRESCH', 'PUBHLTH', 'CAREMGT'),
  codeRef: fc.constant(CODE),
  selection: fc.record(
    { what: fc.constantFrom('records' as const, 'content' as const), categories: some(CATEGORIES, 1), period: periods },
    { requiredKeys: ['what'] },
  ),
});

/** Everybody is registered, alive and in good standing; only permits differ. */
function statesOf({
  grants,
  rules,
  custodians,
}: {
  grants: LiveGrant[];
  rules: PolicyRule[];
  custodians: (typeof HOSPITAL)[];
}): AccessStates {
  return {
    ...INITIAL,
    identity: { status: 'living', documents: [], logins: [] },
    code: { live: { codeRef: CODE }, closed: [] },
    consent: { pending: [], grants },
    custodians,
    practitioner: {
      status: 'live',
      profile: { identifiers: [], name: 'x', affiliations: [HOSPITAL, CLINIC] },
      left: [],
      contacts: 'none',
    },
    institution: { status: 'live', contacts: 'none' },
    policy: { adopted: { policy: { version: '1', rules }, hash: 'x' } },
  };
}

const PARENT: { [code: string]: string } = {
  ETREAT: 'TREAT',
  BTG: 'ETREAT',
  DSRCH: 'HRESCH',
  CLINTRCH: 'HRESCH',
  FAMRQT: 'PATRQT',
};
const ancestors = (code: string): string[] => [code, ...(PARENT[code] === undefined ? [] : ancestors(PARENT[code]))];

/** The law once more, in other words: whether this one grant shows this one record to this asker now. */
function shows({ terms }: LiveGrant, { actor, purpose }: AccessRequest, row: Row, now: Instant): boolean {
  if (terms.grantee.institution !== actor.organisation) return false;
  if (terms.grantee.kind === 'practitioner' && terms.grantee.practitioner !== actor.id) return false;
  if (!(now >= terms.validFrom && now < terms.validUntil)) return false;
  if (!ancestors(purpose).some((code) => terms.purposes.includes(code as Purpose))) return false;
  if (!terms.categories.includes(row.category)) return false;
  if (row.period.from < terms.period.from || row.period.to > terms.period.to) return false;
  return !row.labels.some((label) => !terms.labels.includes(label));
}

function allows(rule: PolicyRule, { actor, purpose }: AccessRequest, row: Row, custodians: readonly string[]): boolean {
  if (!ancestors(purpose).some((code) => rule.purposes.includes(code as Purpose))) return false;
  if (!rule.categories.includes(row.category) || row.labels.some((label) => !rule.labels.includes(label))) return false;
  if (rule.kind === 'statutory') return rule.institutions?.some((one) => one === actor.organisation) === true;
  return row.custodian === actor.organisation && custodians.includes(row.custodian);
}

function isSelected({ selection }: AccessRequest, row: Row): boolean {
  const { categories, period } = selection;
  if (categories !== undefined && !categories.includes(row.category)) return false;
  return period === undefined || (row.period.from >= period.from && row.period.to <= period.to);
}

const seen = (decision: AccessDecision, row: Row): boolean =>
  decision.outcome === 'permitted' && decision.scopes.some((scope) => scopeCovers(scope, row));

describe('for any grants, policy, request and record', () => {
  it('exactly those records may be seen that some grant or rule shows and that were selected', () => {
    let shown = 0;
    fc.assert(
      fc.property(worlds, requests, fc.array(rows, { minLength: 5, maxLength: 20 }), (world, request, shelf) => {
        const decision = decideAccess(statesOf(world), request, NOW);
        for (const row of shelf) {
          const lawful =
            isSelected(request, row) &&
            (world.grants.some((grant) => shows(grant, request, row, NOW)) ||
              world.rules.some((rule) => allows(rule, request, row, world.custodians)));
          expect(seen(decision, row)).toBe(lawful);
          if (lawful) shown += 1;
        }
      }),
      { numRuns: 2000 },
    );
    // The property says nothing where nothing is ever shown.
    expect(shown).toBeGreaterThan(500);
  });

  it('every grant used is the asker’s, valid, and outlives the append; the winner is among those used', () => {
    fc.assert(
      fc.property(worlds, requests, (world, request) => {
        const decision = decideAccess(statesOf(world), request, NOW);
        if (decision.outcome === 'denied') return;
        for (const id of decision.grants) {
          const { terms } = world.grants.find(({ consentId }) => consentId === id) as LiveGrant;
          expect(terms.grantee.institution).toBe(request.actor.organisation);
          expect(terms.validFrom <= NOW && NOW < terms.validUntil).toBe(true);
          expect(decision.notAfter !== undefined && decision.notAfter < terms.validUntil).toBe(true);
        }
        expect([...decision.grants, ...decision.policyRules]).toContain(decision.winner);
        expect(decision.scopes.map(({ id }) => id).toSorted()).toEqual(
          [...decision.grants, ...decision.policyRules].toSorted(),
        );
      }),
      { numRuns: 1000 },
    );
  });

  it('the order in which grants came decides only who is named, never what is seen', () => {
    fc.assert(
      fc.property(worlds, requests, fc.array(rows, { minLength: 5 }), (world, request, shelf) => {
        const there = decideAccess(statesOf(world), request, NOW);
        const back = decideAccess(statesOf({ ...world, grants: world.grants.toReversed() }), request, NOW);
        for (const row of shelf) expect(seen(back, row)).toBe(seen(there, row));
        expect(back.outcome).toBe(there.outcome);
      }),
    );
  });

  it('one more grant never takes anything away, and one less never gives', () => {
    fc.assert(
      fc.property(worlds, someTerms, requests, fc.array(rows, { minLength: 5 }), (world, terms, request, shelf) => {
        const less = decideAccess(statesOf(world), request, NOW);
        const grants = [...world.grants, { consentId: id16(99), terms }];
        const more = decideAccess(statesOf({ ...world, grants }), request, NOW);
        for (const row of shelf) if (seen(less, row)) expect(seen(more, row)).toBe(true);
      }),
    );
  });

  it('an ended practitioner or institution, a dead resident and a code that is not live are never let in', () => {
    fc.assert(
      fc.property(worlds, requests, fc.nat(5), (world, request, which) => {
        const states = statesOf(world);
        const barred: AccessStates[] = [
          { ...states, practitioner: { ...states.practitioner, status: 'ended' } },
          { ...states, institution: { ...states.institution, status: 'ended' } },
          { ...states, practitioner: INITIAL.practitioner },
          { ...states, identity: { ...states.identity, status: 'deceased' } },
          { ...states, code: { live: { codeRef: CODE, suspended: 'resident' }, closed: [] } },
          { ...states, code: { closed: [CODE] } },
        ];
        expect(decideAccess(barred[which] as AccessStates, request, NOW).outcome).toBe('denied');
      }),
    );
  });

  it('a grant within its request shows nothing that the request had not asked for', () => {
    let within = 0;
    fc.assert(
      fc.property(
        someTerms,
        someTerms,
        requests,
        rows,
        offsets,
        fc.boolean(),
        (asked, other, request, row, now, narrowed) => {
          const given = narrowed ? narrow(asked, other) : other;
          if (!grantWithin(asked, given)) return;
          within += 1;
          const [grant, wish] = [given, asked].map((terms) => ({ consentId: id16(1), terms })) as [
            LiveGrant,
            LiveGrant,
          ];
          if (shows(grant, request, row, now)) expect(shows(wish, request, row, now)).toBe(true);
        },
      ),
      { numRuns: 2000 },
    );
    expect(within).toBeGreaterThan(200);
  });
});

/** Terms that are within the first, drawn by means of the second. */
function narrow(asked: ConsentTerms, by: ConsentTerms): ConsentTerms {
  const part = <T>(items: readonly T[], other: readonly T[]): readonly T[] => {
    const both = items.filter((item) => other.includes(item));
    return both.length > 0 ? both : items;
  };
  return {
    ...asked,
    purposes: part(asked.purposes, by.purposes),
    categories: part(asked.categories, by.categories),
    labels: asked.labels.filter((label) => by.labels.includes(label)),
    validUntil: by.validUntil > asked.validFrom && by.validUntil < asked.validUntil ? by.validUntil : asked.validUntil,
  };
}
