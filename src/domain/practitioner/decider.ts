import { accept, type Decider, type Decision, refuse } from '../decider.ts';
import { type Contacts, contactsGiven, MAX_IDENTIFIERS, withIdentifiers } from '../institution/terms.ts';
import type { RefusalCode } from '../refusals.ts';
import { asSet, sameValue } from '../sets.ts';
import type { NewPractitionerEvent } from './events.ts';
import type { PractitionerProfile, PractitionerState } from './terms.ts';

export const MAX_AFFILIATIONS = 64;

/**
 * `register` and `change` as of institutions; of a known practitioner `register` adds affiliations, except to where a change
 * has ended one; `change` replaces them all.
 */
export type PractitionerCommand =
  | { readonly type: 'register'; readonly profile: PractitionerProfile; readonly contacts: Contacts }
  | { readonly type: 'change'; readonly profile: PractitionerProfile; readonly contacts?: Contacts }
  | { readonly type: 'end'; readonly reason: string };

interface States {
  readonly practitioner: PractitionerState;
}

export const practitionerDecider: Decider<PractitionerCommand, States, NewPractitionerEvent, RefusalCode> = {
  folds: ['practitioner'],
  decide(command, { practitioner }) {
    switch (command.type) {
      case 'register':
        if (practitioner.status === 'ended') return refuse('practitioner-ended');
        return practitioner.status === 'unregistered' ? registered(command) : merged(command, practitioner);
      case 'change':
        if (practitioner.status === 'unregistered') return refuse('no-such-practitioner');
        if (practitioner.status === 'ended') return refuse('practitioner-ended');
        return changed(command, practitioner);
      case 'end':
        if (practitioner.status === 'unregistered') return refuse('no-such-practitioner');
        if (practitioner.status === 'ended') return accept();
        return accept<NewPractitionerEvent>({
          type: 'practitioner.ended@1',
          retained: { reason: command.reason },
          personal: {},
        });
    }
  },
};

type Answer = Decision<NewPractitionerEvent, RefusalCode>;

function excess(profile: PractitionerProfile): 'too-many-identifiers' | 'too-many-affiliations' | undefined {
  if (profile.identifiers.length > MAX_IDENTIFIERS) return 'too-many-identifiers';
  return profile.affiliations.length > MAX_AFFILIATIONS ? 'too-many-affiliations' : undefined;
}

function registered({ profile: given, contacts }: Extract<PractitionerCommand, { type: 'register' }>): Answer {
  const profile = {
    ...given,
    identifiers: withIdentifiers([], given.identifiers),
    affiliations: asSet(given.affiliations),
  };
  const tooMany = excess(profile);
  if (tooMany !== undefined) return refuse(tooMany);
  return accept<NewPractitionerEvent>({
    type: 'practitioner.registered@1',
    retained: { ...profile, contacts: contactsGiven(contacts) },
    personal: contacts,
  });
}

function merged(command: Extract<PractitionerCommand, { type: 'register' }>, state: PractitionerState): Answer {
  const known = state.profile ?? { ...command.profile, affiliations: [] };
  const more = command.profile.affiliations.filter((organisation) => !state.left.includes(organisation));
  const profile = {
    ...command.profile,
    ...known,
    identifiers: withIdentifiers(known.identifiers, command.profile.identifiers),
    affiliations: asSet([...known.affiliations, ...more]),
  };
  const tooMany = excess(profile);
  if (tooMany !== undefined) return refuse(tooMany);
  const contacts = state.contacts === 'none' && contactsGiven(command.contacts) === 'given' ? 'given' : 'kept';
  if (contacts === 'kept' && state.profile !== undefined && sameValue(profile, state.profile)) return accept();
  return accept<NewPractitionerEvent>({
    type: 'practitioner.changed@1',
    retained: { ...profile, contacts },
    personal: contacts === 'given' ? command.contacts : {},
  });
}

function changed(command: Extract<PractitionerCommand, { type: 'change' }>, state: PractitionerState): Answer {
  const profile = {
    ...command.profile,
    identifiers: withIdentifiers(state.profile?.identifiers ?? [], command.profile.identifiers),
    affiliations: asSet(command.profile.affiliations),
  };
  const tooMany = excess(profile);
  if (tooMany !== undefined) return refuse(tooMany);
  const { contacts } = command;
  if (contacts === undefined && state.profile !== undefined && sameValue(profile, state.profile)) return accept();
  return accept<NewPractitionerEvent>({
    type: 'practitioner.changed@1',
    retained: { ...profile, contacts: contacts === undefined ? 'kept' : contactsGiven(contacts) },
    personal: contacts ?? {},
  });
}
