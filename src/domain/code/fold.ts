import type { Mark } from '../../kernel/id.ts';
import type { Fold } from '../decider.ts';
import type { CodeEvent } from './events.ts';
import type { CodeState } from './terms.ts';

const close = (state: CodeState, codeRef: Mark): CodeState => ({
  ...(state.live === undefined || state.live.codeRef === codeRef ? {} : { live: state.live }),
  closed: state.closed.includes(codeRef) ? state.closed : [...state.closed, codeRef],
});

/** An event whose details have expired can only take a code away: a suspension or a closing is of the one live code. */
export const codeFold: Fold<CodeState, CodeEvent> = {
  name: 'code',
  version: 1,
  kinds: ['code.'],
  initialState: { closed: [] },
  evolve(state, event) {
    const { live } = state;
    switch (event.type) {
      case 'code.issued@1':
        return event.retained === 'expired' ? state : { ...state, live: { codeRef: event.retained.codeRef } };
      case 'code.suspended@1':
        if (live === undefined) return state;
        if (event.retained === 'expired') return { ...state, live: { ...live, suspended: 'office' } };
        if (event.retained.codeRef !== live.codeRef) return state;
        return { ...state, live: { ...live, suspended: event.retained.reason } };
      case 'code.resumed@1':
        if (live === undefined || event.retained === 'expired' || event.retained.codeRef !== live.codeRef) return state;
        return { ...state, live: { codeRef: live.codeRef } };
      case 'code.closed@1':
        if (event.retained !== 'expired') return close(state, event.retained.codeRef);
        return live === undefined ? state : close(state, live.codeRef);
    }
  },
};
