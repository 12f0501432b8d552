import type { Fold } from '../decider.ts';
import { asSet } from '../sets.ts';
import type { IdentityEvent } from './events.ts';
import type { IdentityState } from './terms.ts';

export const identityFold: Fold<IdentityState, IdentityEvent> = {
  name: 'identity',
  version: 1,
  kinds: ['identity.'],
  initialState: { status: 'unregistered', documents: [], logins: [] },
  evolve(state, event) {
    switch (event.type) {
      case 'identity.registered@1': {
        if (event.retained === 'expired') return { ...state, status: 'living' };
        const { documents, login } = event.retained;
        return { status: 'living', documents, logins: login === undefined ? [] : [login] };
      }
      case 'identity.presented@1':
        return state;
      case 'identity.document-linked@1':
        if (event.retained === 'expired') return state;
        return { ...state, documents: asSet([...state.documents, ...event.retained.documents]) };
      case 'identity.login-bound@1':
        if (event.retained === 'expired') return state;
        return { ...state, logins: asSet([...state.logins, event.retained.login]) };
      case 'identity.deceased@1':
        return { ...state, status: 'deceased' };
    }
  },
};
