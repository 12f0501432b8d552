import type { Fold } from '../decider.ts';
import { asSet } from '../sets.ts';
import type { RecordEvent } from './events.ts';
import type { CustodiansState } from './terms.ts';

export const custodiansFold: Fold<CustodiansState, RecordEvent> = {
  name: 'custodians',
  version: 1,
  kinds: ['record.registered', 'record.replaced'],
  initialState: [],
  evolve(state, event) {
    if (event.retained === 'expired') return state;
    switch (event.type) {
      case 'record.registered@1':
      case 'record.replaced@1': {
        const { custodian } = event.retained;
        return state.includes(custodian) ? state : asSet([...state, custodian]);
      }
      case 'record.withdrawn@1':
        return state;
    }
  },
};
