import type { Id16 } from '../../kernel/id.ts';
import type { Identifier, InstitutionState } from '../institution/terms.ts';

export type PractitionerProfile = {
  readonly identifiers: readonly Identifier[];
  readonly name: string;
  readonly licence?: string;
  readonly title?: string;
  /** Ascending. */
  readonly affiliations: readonly Id16[];
};

export type PractitionerState = {
  readonly status: 'unregistered' | 'live' | 'ended';
  /** As it is now; absent before registration, and when its details have expired. */
  readonly profile?: PractitionerProfile;
  /** Organisations that a change took away, ascending: a file that still names them does not bring them back. */
  readonly left: readonly Id16[];
  /** Whether contacts stand somewhere in the stream's personal parts. */
  readonly contacts: 'given' | 'none';
};

/**
 * Whether a practitioner may act for an organisation (domain.md, "Deciding an access" 1): both registered, neither ended, the
 * one affiliated to the other. The states are those of the actor's own streams; `organisation` is the token's.
 */
export function standing(
  practitioner: PractitionerState,
  institution: InstitutionState,
  organisation: Id16 | undefined,
): 'good' | 'unknown-actor' | 'actor-ended' | 'not-affiliated' {
  if (practitioner.status === 'unregistered' || institution.status === 'unregistered') return 'unknown-actor';
  if (practitioner.status === 'ended' || institution.status === 'ended') return 'actor-ended';
  if (organisation === undefined || practitioner.profile?.affiliations.includes(organisation) !== true) {
    return 'not-affiliated';
  }
  return 'good';
}
