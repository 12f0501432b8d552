import type { Fold } from '../decider.ts';
import type { InstitutionEvent } from './events.ts';
import type { InstitutionProfile, InstitutionState } from './terms.ts';

type Written = Exclude<Extract<InstitutionEvent, { type: 'institution.changed@1' }>['retained'], 'expired'>;

function profileOf({ identifiers, name, region, level, kind }: Omit<Written, 'contacts'>): InstitutionProfile {
  return {
    identifiers,
    name,
    ...(region !== undefined && { region }),
    ...(level !== undefined && { level }),
    ...(kind !== undefined && { kind }),
  };
}

export const institutionFold: Fold<InstitutionState, InstitutionEvent> = {
  name: 'institution',
  version: 1,
  kinds: ['institution.'],
  initialState: { status: 'unregistered', contacts: 'none' },
  evolve(state, event) {
    switch (event.type) {
      case 'institution.registered@1':
        if (event.retained === 'expired') return { ...state, status: 'live' };
        return { status: 'live', profile: profileOf(event.retained), contacts: event.retained.contacts };
      case 'institution.changed@1': {
        // What it was changed to is unknown; what it was is out of date. Its being registered is neither.
        if (event.retained === 'expired') return { status: state.status, contacts: state.contacts };
        const { contacts } = event.retained;
        return {
          status: state.status,
          profile: profileOf(event.retained),
          contacts: contacts === 'kept' ? state.contacts : contacts,
        };
      }
      case 'institution.ended@1':
        return { ...state, status: 'ended' };
    }
  },
};
