import { describe, expect, it } from 'vitest';
import { entry, hospital, recordRegistered, registered, withdrawn } from '../../test/support/domain-samples.ts';
import { statesAfter } from '../../test/support/given.ts';
import { codeDecider } from './code/decider.ts';
import { consentDecider } from './consent/decider.ts';
import { FOLDS, STREAM_OF } from './folds.ts';
import { guardsOf, READ_FOLDS, READ_GUARDS } from './guards.ts';
import { identityDecider } from './identity/decider.ts';
import { institutionDecider } from './institution/decider.ts';
import { ledgerDecider } from './ledger/decider.ts';
import { practitionerDecider } from './practitioner/decider.ts';
import { recordDecider } from './record/decider.ts';

const KIND_PREFIX = /^[a-z.-]{0,64}$/;
const DECIDERS = {
  identityDecider,
  codeDecider,
  consentDecider,
  recordDecider,
  institutionDecider,
  practitionerDecider,
  ledgerDecider,
};

describe('a command is guarded by', () => {
  it.each(Object.entries(DECIDERS))(
    'everything that %s reads, and by erasure where a resident is concerned',
    (_, decider) => {
      const guards = guardsOf(decider.folds);
      for (const name of decider.folds) {
        for (const kind of FOLDS[name].kinds) expect(guards[STREAM_OF[name]]).toContain(kind);
      }
      if (guards.resident !== undefined) expect(guards.resident).toContain('erasure.');
      for (const kinds of Object.values(guards)) {
        expect(kinds.length).toBeLessThanOrEqual(16);
        for (const kind of kinds) expect(kind).toMatch(KIND_PREFIX);
      }
    },
  );

  it('nothing that it does not read: two residents’ accesses never stand in a command’s way', () => {
    expect(guardsOf(consentDecider.folds)).toEqual({
      resident: ['code.', 'consent.', 'erasure.', 'identity.'],
      practitioner: ['practitioner.'],
      institution: ['institution.'],
    });
    expect(guardsOf(ledgerDecider.folds)).toEqual({ ledger: ['ledger.opened', 'ledger.policy-'] });
  });
});

describe('an access is guarded by', () => {
  const guarded = [...READ_GUARDS.resident, ...READ_GUARDS.actor, ...READ_GUARDS.ledger];

  it('everything that its decision reads, but for what can only add to it', () => {
    for (const name of READ_FOLDS) {
      if (name === 'shelf' || name === 'custodians') continue;
      for (const kind of FOLDS[name].kinds) expect(guarded.some((prefix) => kind.startsWith(prefix))).toBe(true);
    }
  });

  it('whatever takes a planned record away, and not by what adds one', () => {
    for (const type of ['record.withdrawn@1', 'record.replaced@1', 'record.sealed@1', 'erasure.ordered@1']) {
      expect(guarded.some((prefix) => type.startsWith(prefix))).toBe(true);
    }
    for (const type of ['record.registered@1', 'access.permitted@1', 'ledger.opened@1']) {
      expect(guarded.some((prefix) => type.startsWith(prefix))).toBe(false);
    }
  });

  it('custodians need no guard, because they only grow', () => {
    const past = [registered, hospital, recordRegistered(entry(1))];
    const { custodians } = statesAfter(...past);
    expect(statesAfter(...past, withdrawn(entry(1).retained.recordId)).custodians).toEqual(custodians);
  });
});
