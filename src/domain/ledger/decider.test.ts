import { describe, expect, it } from 'vitest';
import {
  adopted,
  bytes32,
  HOSPITAL,
  OWN_RECORDS,
  opened,
  policyOf,
  STATUTORY,
} from '../../../test/support/domain-samples.ts';
import { givenOf } from '../../../test/support/given.ts';
import type { AnyNewEvent } from '../catalogue.ts';
import { type LedgerCommand, ledgerDecider } from './decider.ts';
import type { PolicyRule } from './events.ts';
import { MAX_RULES_FOR_PURPOSE } from './terms.ts';

const given = givenOf(ledgerDecider);
const open = (change: object = {}): LedgerCommand => ({
  type: 'open',
  origin: 'health.example/110000',
  suite: 'international',
  region: '110000',
  checks: [{ name: 'request', value: bytes32(71) }],
  ...change,
});
const adopt = (...rules: PolicyRule[]): LedgerCommand => ({
  type: 'adopt-policy',
  policy: policyOf(...rules),
  hash: bytes32(61),
});

describe('accepting a restored database', () => {
  const end = (size: number) => ({ size, leaf: bytes32(size) });
  const accept = (change: object = {}): LedgerCommand => ({
    type: 'accept-restored',
    expected: end(120),
    found: end(100),
    reason: 'the disk broke',
    ...change,
  });
  const restored = (retained: object): AnyNewEvent =>
    ({ type: 'ledger.restored@1', retained: { ...retained, reason: 'the disk broke' }, personal: {} }) as AnyNewEvent;

  it('records what was expected, what was found, and why', () => {
    given(opened)
      .when(accept())
      .emits(restored({ expected: end(120), found: end(100) }));
  });

  it('says nothing of what cannot be told any more', () => {
    const command = { type: 'accept-restored', reason: 'the disk broke' } as const;
    given(opened).when(command).emits(restored({}));
  });

  it('changes nothing where what was expected is there, and is refused before the ledger is open', () => {
    given(opened)
      .when(accept({ found: end(120) }))
      .changesNothing();
    given().when(accept()).refuses('ledger-not-open');
  });
});

describe('opening the ledger', () => {
  it('is done once; again the same changes nothing, another is refused', () => {
    given().when(open()).emits(opened);
    given(opened).when(open()).changesNothing();
    given(opened)
      .when(open({ origin: 'health.example/120000' }))
      .refuses('ledger-opened-otherwise');
    given(opened)
      .when(open({ region: '120000' }))
      .refuses('ledger-opened-otherwise');
  });
});

describe('adopting a policy', () => {
  it('puts it in force; the same hash again changes nothing', () => {
    given(opened)
      .when(adopt(OWN_RECORDS, STATUTORY))
      .emits(adopted(policyOf(OWN_RECORDS, STATUTORY)));
    given(opened, adopted(policyOf(OWN_RECORDS)))
      .when(adopt(OWN_RECORDS))
      .changesNothing();
    given(opened, adopted(policyOf(OWN_RECORDS), 62))
      .when(adopt(OWN_RECORDS))
      .emits(adopted(policyOf(OWN_RECORDS)));
  });

  it('may permit nothing at all', () => {
    given(opened).when(adopt()).emits(adopted(policyOf()));
  });

  it('needs an open ledger', () => {
    given().when(adopt(OWN_RECORDS)).refuses('ledger-not-open');
  });

  const { institutions: _, ...nobodys } = STATUTORY;
  const broken: [string, PolicyRule[]][] = [
    ['two rules of one id', [OWN_RECORDS, OWN_RECORDS]],
    ['a statutory rule for everybody', [nobodys]],
    ['own records for named organisations', [{ ...OWN_RECORDS, institutions: [HOSPITAL] }]],
    ['the resident’s own purpose', [{ ...OWN_RECORDS, purposes: ['PATRQT', 'TREAT'] }]],
    ['a guardian’s purpose', [{ ...STATUTORY, purposes: ['FAMRQT'] }]],
  ];
  it.each(broken)('with %s is refused', (__, rules) => {
    given(opened)
      .when(adopt(...rules))
      .refuses('policy-rule-invalid');
  });

  it('with more rules for one purpose than an access can name is refused, sub-codes counted', () => {
    const rules = Array.from(
      { length: MAX_RULES_FOR_PURPOSE + 1 },
      (___, i): PolicyRule => ({
        ...OWN_RECORDS,
        id: `rule-${i}`,
        purposes: [i % 2 === 0 ? 'TREAT' : 'BTG'],
      }),
    );
    given(opened)
      .when(adopt(...rules))
      .refuses('policy-too-many-rules');
    expect(given(opened).when(adopt(...rules.slice(1))).decision.kind).toBe('accept');
  });
});
