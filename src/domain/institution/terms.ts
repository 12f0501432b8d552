import { sameValue } from '../sets.ts';

/** A number in one issuing system, such as USCC GB 32100. */
export type Identifier = { readonly system: string; readonly number: string };

/** So many identifiers of one organisation or practitioner are kept. */
export const MAX_IDENTIFIERS = 16;

/** Phone and address: personal parts, so no decider sees those of the past. */
export interface Contacts {
  readonly phone?: string;
  readonly address?: string;
}

export type InstitutionProfile = {
  readonly identifiers: readonly Identifier[];
  readonly name: string;
  readonly region?: string;
  readonly level?: number;
  readonly kind?: string;
};

export type InstitutionState = {
  readonly status: 'unregistered' | 'live' | 'ended';
  /** As it is now; absent before registration, and when its details have expired. */
  readonly profile?: InstitutionProfile;
  /** Whether contacts stand somewhere in the stream's personal parts. */
  readonly contacts: 'given' | 'none';
};

/** Known identifiers first, then those that are new, each once: identifiers are added, never taken away. */
export function withIdentifiers(known: readonly Identifier[], more: readonly Identifier[]): Identifier[] {
  const all: Identifier[] = [];
  for (const identifier of [...known, ...more]) {
    if (!all.some((one) => sameValue(one, identifier))) all.push(identifier);
  }
  return all;
}

export function contactsGiven(contacts: Contacts): 'given' | 'none' {
  return contacts.phone === undefined && contacts.address === undefined ? 'none' : 'given';
}
