import type { Fold } from '../decider.ts';
import type { LedgerEvent } from './events.ts';
import type { LedgerState } from './terms.ts';

type Opened = Extract<LedgerEvent, { type: 'ledger.opened@1' }>;

export const ledgerFold: Fold<LedgerState, Opened> = {
  name: 'ledger',
  version: 1,
  kinds: ['ledger.opened'],
  initialState: {},
  evolve(state, event) {
    if (event.retained === 'expired') return state;
    const { origin, suite, region, checks } = event.retained;
    return { opened: { origin, suite, region, checks } };
  },
};
