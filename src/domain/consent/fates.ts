import type { Fold } from '../decider.ts';
import type { ConsentEvent } from './events.ts';
import type { ConsentFates } from './terms.ts';

/** Tells a consent that has ended from one that never was: ending it again changes nothing, answering it again is refused. */
export const fatesFold: Fold<ConsentFates, ConsentEvent> = {
  name: 'fates',
  version: 1,
  kinds: ['consent.'],
  initialState: {},
  evolve(state, event) {
    if (event.retained === 'expired') return state;
    const { consentId } = event.retained;
    switch (event.type) {
      case 'consent.requested@1':
        return { ...state, [consentId]: 'requested' };
      case 'consent.granted@1':
        return { ...state, [consentId]: 'granted' };
      case 'consent.denied@1':
        return { ...state, [consentId]: 'denied' };
      case 'consent.revoked@1':
        return { ...state, [consentId]: 'revoked' };
    }
  },
};
