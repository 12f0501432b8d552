import type { ActorRef } from '../../kernel/event.ts';
import type { Label } from '../../kernel/id.ts';
import type { IdentityState } from '../identity/terms.ts';
import type { InstitutionState } from '../institution/terms.ts';
import type { DenialRule } from './decide-access.ts';

export interface LogReadStates {
  /** Of the resident whose log it is; initial for a trail that is of no resident. */
  readonly identity: IdentityState;
  /** Of the token's organisation; initial for a resident. */
  readonly institution: InstitutionState;
}

export interface LogReadRequest {
  readonly actor: ActorRef;
  /** Whose log; absent for a trail by practitioner, organisation, region, purpose or X-Request-Id. */
  readonly resident?: Label;
}

export type LogReadDecision =
  | { readonly outcome: 'permitted'; readonly rule: 'self' | 'policy'; readonly basis: string }
  | { readonly outcome: 'denied'; readonly rule: DenialRule };

/**
 * Who may read who read what: residents their own log, as long as they live; regulators every trail, of the dead too, by their
 * statutory duty (PIPL 13 (3)). Nobody else, whatever they were granted: a grant is of records. Each read is recorded in turn.
 */
export function decideLogRead(states: LogReadStates, { actor, resident }: LogReadRequest): LogReadDecision {
  switch (actor.kind) {
    case 'resident':
      if (actor.id !== resident) return { outcome: 'denied', rule: 'no-consent' };
      if (states.identity.status === 'unregistered') return { outcome: 'denied', rule: 'unknown-actor' };
      if (states.identity.status === 'deceased') return { outcome: 'denied', rule: 'deceased' };
      return { outcome: 'permitted', rule: 'self', basis: 'PIPL-13-1' };
    case 'regulator':
      if (states.institution.status === 'unregistered') return { outcome: 'denied', rule: 'unknown-actor' };
      if (states.institution.status === 'ended') return { outcome: 'denied', rule: 'actor-ended' };
      return { outcome: 'permitted', rule: 'policy', basis: 'PIPL-13-3' };
    case 'practitioner':
    case 'issuer':
    case 'system':
      return { outcome: 'denied', rule: 'no-consent' };
  }
}
