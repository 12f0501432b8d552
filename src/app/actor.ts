import type { ActorKind, ActorRef } from '../kernel/event.ts';
import {
  type Id16,
  institutionStream,
  type Label,
  practitionerStream,
  residentStream,
  type StreamName,
} from '../kernel/id.ts';
import type { Instant } from '../kernel/instant.ts';
import type { Span } from '../kernel/probe.ts';

/**
 * Who asks, as the token says and the ledger's claims resolve it. An actor is (issuer, subject) of the token, never the subject alone.
 * `until` is the token's end: no event that the token asked for is appended after it.
 */
interface ActorBase {
  readonly issuer: string;
  readonly subject: string;
  readonly until: Instant;
}

export interface ResidentActor extends ActorBase {
  readonly role: 'resident';
  readonly label: Label;
}

export interface PractitionerActor extends ActorBase {
  readonly role: 'practitioner';
  /** The practitioner's id, or the token's pseudonym when nobody is registered under the token's number. */
  readonly id: Id16;
  readonly registered: boolean;
  readonly institution: Id16;
}

/** Health-code office, regulator, or a hospital's system: known by a keyed pseudonym of (issuer, subject) and by its organisation. */
export interface OfficerActor extends ActorBase {
  readonly role: 'issuer' | 'regulator' | 'system';
  readonly id: Id16;
  readonly institution: Id16;
}

export type Actor = ResidentActor | PractitionerActor | OfficerActor;
export type Role = ActorKind;

/** The actor as events name them: ids only. */
export function actorRef(actor: Actor): ActorRef {
  return actor.role === 'resident'
    ? { kind: 'resident', id: actor.label }
    : { kind: actor.role, id: actor.id, organisation: actor.institution };
}

/** The actor's own stream, where what has no resident's stream is recorded. */
export function actorStream(actor: Actor): StreamName {
  switch (actor.role) {
    case 'resident':
      return residentStream(actor.label);
    case 'practitioner':
      return actor.registered ? practitionerStream(actor.id) : institutionStream(actor.institution);
    case 'issuer':
    case 'regulator':
    case 'system':
      return institutionStream(actor.institution);
  }
}

/** What comes with a request beside its arguments. */
export interface Caller {
  readonly actor: Actor;
  /** X-Request-Id, `[A-Za-z0-9._-]{8,64}`. */
  readonly trace?: string;
  /** WS/T channel and care step (诊疗环节), when the caller says them. */
  readonly channel?: string;
  readonly careStep?: string;
  /** Where the operation stands in a trace. */
  readonly span?: Span | undefined;
}
