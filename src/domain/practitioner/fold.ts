import type { Id16 } from '../../kernel/id.ts';
import type { Fold } from '../decider.ts';
import { asSet } from '../sets.ts';
import type { PractitionerEvent } from './events.ts';
import type { PractitionerProfile, PractitionerState } from './terms.ts';

type Written = Exclude<Extract<PractitionerEvent, { type: 'practitioner.changed@1' }>['retained'], 'expired'>;

function profileOf({
  identifiers,
  name,
  licence,
  title,
  affiliations,
}: Omit<Written, 'contacts'>): PractitionerProfile {
  return {
    identifiers,
    name,
    ...(licence !== undefined && { licence }),
    ...(title !== undefined && { title }),
    affiliations,
  };
}

function leftAfter(state: PractitionerState, affiliations: readonly Id16[]): Id16[] {
  const once = asSet([...state.left, ...(state.profile?.affiliations ?? [])]);
  return once.filter((organisation) => !affiliations.includes(organisation));
}

export const practitionerFold: Fold<PractitionerState, PractitionerEvent> = {
  name: 'practitioner',
  version: 1,
  kinds: ['practitioner.'],
  initialState: { status: 'unregistered', left: [], contacts: 'none' },
  evolve(state, event) {
    switch (event.type) {
      case 'practitioner.registered@1':
        if (event.retained === 'expired') return { ...state, status: 'live' };
        return { status: 'live', profile: profileOf(event.retained), left: [], contacts: event.retained.contacts };
      case 'practitioner.changed@1': {
        // The change may have ended an affiliation: without its details nobody is affiliated to anything.
        if (event.retained === 'expired') {
          return { status: state.status, left: leftAfter(state, []), contacts: state.contacts };
        }
        const { contacts, affiliations } = event.retained;
        return {
          status: state.status,
          profile: profileOf(event.retained),
          left: leftAfter(state, affiliations),
          contacts: contacts === 'kept' ? state.contacts : contacts,
        };
      }
      case 'practitioner.ended@1':
        return { ...state, status: 'ended' };
    }
  },
};
