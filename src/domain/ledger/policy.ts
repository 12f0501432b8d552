import type { Fold } from '../decider.ts';
import type { LedgerEvent } from './events.ts';
import type { PolicyState } from './terms.ts';

type Adopted = Extract<LedgerEvent, { type: 'ledger.policy-adopted@1' }>;

/** A state of its own, so that an access is guarded by policies alone. A policy that cannot be read permits nothing, nor does the one before it. */
export const policyFold: Fold<PolicyState, Adopted> = {
  name: 'policy',
  version: 1,
  kinds: ['ledger.policy-'],
  initialState: {},
  evolve(_state, event) {
    if (event.retained === 'expired') return {};
    const { policy, hash } = event.retained;
    return { adopted: { policy, hash } };
  },
};
