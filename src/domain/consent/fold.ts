import type { Id16 } from '../../kernel/id.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { Fold } from '../decider.ts';
import type { ConsentEvent } from './events.ts';
import { type ConsentState, isOver } from './terms.ts';

/**
 * What has expired by an event's time is dropped with that event: time never goes back in a stream, so nothing later can be
 * decided on it, and the state stays as small as what is alive.
 */
function alive(state: ConsentState, time: Instant): ConsentState {
  return {
    pending: state.pending.filter(({ answerBy }) => !(answerBy < time)),
    grants: state.grants.filter(({ terms }) => !isOver(terms, time)),
  };
}

const without = <T extends { readonly consentId: Id16 }>(items: readonly T[], consentId: Id16): T[] =>
  items.filter((item) => item.consentId !== consentId);

/** Without its details a refusal may be of any request and a revocation of any grant, so all of them end. */
export const consentFold: Fold<ConsentState, ConsentEvent> = {
  name: 'consent',
  version: 1,
  kinds: ['consent.'],
  initialState: { pending: [], grants: [] },
  evolve(past, event) {
    const state = alive(past, event.time);
    switch (event.type) {
      case 'consent.requested@1': {
        if (event.retained === 'expired') return state;
        const { consentId, terms, answerBy } = event.retained;
        return { ...state, pending: [...without(state.pending, consentId), { consentId, terms, answerBy }] };
      }
      case 'consent.granted@1': {
        if (event.retained === 'expired') return state;
        const { consentId, terms } = event.retained;
        return {
          pending: without(state.pending, consentId),
          grants: [...without(state.grants, consentId), { consentId, terms }],
        };
      }
      case 'consent.denied@1':
        if (event.retained === 'expired') return { ...state, pending: [] };
        return { ...state, pending: without(state.pending, event.retained.consentId) };
      case 'consent.revoked@1':
        if (event.retained === 'expired') return { ...state, grants: [] };
        return { ...state, grants: without(state.grants, event.retained.consentId) };
    }
  },
};
