import { accept, type Decider, type Decision, refuse } from '../decider.ts';
import type { RefusalCode } from '../refusals.ts';
import { sameValue } from '../sets.ts';
import type { NewInstitutionEvent } from './events.ts';
import {
  type Contacts,
  contactsGiven,
  type InstitutionProfile,
  type InstitutionState,
  MAX_IDENTIFIERS,
  withIdentifiers,
} from './terms.ts';

export type InstitutionCommand =
  /**
   * From a registry or a file. Of a known organisation the first account wins: what it lacks is added, nothing is replaced or taken
   * away. Contacts are one thing: taken when there are none so far.
   */
  | { readonly type: 'register'; readonly profile: InstitutionProfile; readonly contacts: Contacts }
  /**
   * The whole profile as it is from now on; only identifiers are never taken away. Without `contacts` they stay as they are. With
   * them there is always an event: nobody who decides can see whether they are the same.
   */
  | { readonly type: 'change'; readonly profile: InstitutionProfile; readonly contacts?: Contacts }
  | { readonly type: 'end'; readonly reason: string };

interface States {
  readonly institution: InstitutionState;
}

export const institutionDecider: Decider<InstitutionCommand, States, NewInstitutionEvent, RefusalCode> = {
  folds: ['institution'],
  decide(command, { institution }) {
    switch (command.type) {
      case 'register':
        if (institution.status === 'ended') return refuse('institution-ended');
        return institution.status === 'unregistered' ? registered(command) : merged(command, institution);
      case 'change':
        if (institution.status === 'unregistered') return refuse('no-such-institution');
        if (institution.status === 'ended') return refuse('institution-ended');
        return changed(command, institution);
      case 'end':
        if (institution.status === 'unregistered') return refuse('no-such-institution');
        if (institution.status === 'ended') return accept();
        return accept<NewInstitutionEvent>({
          type: 'institution.ended@1',
          retained: { reason: command.reason },
          personal: {},
        });
    }
  },
};

type Answer = Decision<NewInstitutionEvent, RefusalCode>;

function registered({ profile, contacts }: Extract<InstitutionCommand, { type: 'register' }>): Answer {
  const identifiers = withIdentifiers([], profile.identifiers);
  if (identifiers.length > MAX_IDENTIFIERS) return refuse('too-many-identifiers');
  return accept<NewInstitutionEvent>({
    type: 'institution.registered@1',
    retained: { ...profile, identifiers, contacts: contactsGiven(contacts) },
    personal: contacts,
  });
}

function merged(command: Extract<InstitutionCommand, { type: 'register' }>, state: InstitutionState): Answer {
  const known = state.profile ?? command.profile;
  const profile = {
    ...command.profile,
    ...known,
    identifiers: withIdentifiers(known.identifiers, command.profile.identifiers),
  };
  if (profile.identifiers.length > MAX_IDENTIFIERS) return refuse('too-many-identifiers');
  const contacts = state.contacts === 'none' && contactsGiven(command.contacts) === 'given' ? 'given' : 'kept';
  if (contacts === 'kept' && state.profile !== undefined && sameValue(profile, state.profile)) return accept();
  return accept<NewInstitutionEvent>({
    type: 'institution.changed@1',
    retained: { ...profile, contacts },
    personal: contacts === 'given' ? command.contacts : {},
  });
}

function changed(command: Extract<InstitutionCommand, { type: 'change' }>, state: InstitutionState): Answer {
  const profile = {
    ...command.profile,
    identifiers: withIdentifiers(state.profile?.identifiers ?? [], command.profile.identifiers),
  };
  if (profile.identifiers.length > MAX_IDENTIFIERS) return refuse('too-many-identifiers');
  const { contacts } = command;
  if (contacts === undefined && state.profile !== undefined && sameValue(profile, state.profile)) return accept();
  return accept<NewInstitutionEvent>({
    type: 'institution.changed@1',
    retained: { ...profile, contacts: contacts === undefined ? 'kept' : contactsGiven(contacts) },
    personal: contacts ?? {},
  });
}
