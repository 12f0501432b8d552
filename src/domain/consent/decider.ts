import type { ActorRef } from '../../kernel/event.ts';
import type { Id16, Label, Mark } from '../../kernel/id.ts';
import { addMs, earliest, type Instant } from '../../kernel/instant.ts';
import { type CodeState, isActive } from '../code/terms.ts';
import { accept, acceptUntil, type Decider, type Decision, refuse } from '../decider.ts';
import { hindrance, type IdentityState } from '../identity/terms.ts';
import type { InstitutionState } from '../institution/terms.ts';
import { type PractitionerState, standing } from '../practitioner/terms.ts';
import type { RefusalCode } from '../refusals.ts';
import { sameValue } from '../sets.ts';
import { grantWithin } from './covers.ts';
import type { NewConsentEvent } from './events.ts';
import {
  type ConsentFates,
  type ConsentState,
  type ConsentTerms,
  type Evidence,
  type Grantee,
  isOver,
  isOwnPurpose,
} from './terms.ts';

const DAY_MS = 86_400_000;
/** Five years, two leap days included, counted from the decision: consent is asked for again in time. */
export const MAX_VALIDITY_MS = 1827 * DAY_MS;
export const MAX_ANSWER_MS = 30 * DAY_MS;
/** Of one resident; and of one asking organisation, so that none takes all the places. */
export const MAX_PENDING_REQUESTS = 50;
export const MAX_PENDING_OF_INSTITUTION = 10;
/** Of one resident; and to one organisation and its practitioners: an access names each grant that it uses, 64 at most. */
export const MAX_LIVE_GRANTS = 256;
export const MAX_GRANTS_TO_INSTITUTION = 64;

/**
 * `by` is who asks, `resident` whose consents these are. `practitioner` and `institution` of the states are the asker's for `request`
 * and the grantee's for the grants (a grantee organisation: any initial practitioner state); `deny` and `revoke` read neither.
 */
export type ConsentCommand =
  | {
      readonly type: 'request';
      readonly consentId: Id16;
      readonly terms: ConsentTerms;
      readonly answerBy: Instant;
      readonly message?: string;
      /** The code that the resident showed. */
      readonly codeRef: Mark;
      readonly by: ActorRef;
      readonly now: Instant;
    }
  /** Answers the request of that id. */
  | ({ readonly type: 'grant' } & Granting)
  /** By the resident's own wish; the id is new. */
  | ({ readonly type: 'grant-unasked' } & Granting)
  | ({ readonly type: 'deny' } & Answering)
  | ({ readonly type: 'revoke' } & Answering);

interface Answering {
  readonly consentId: Id16;
  readonly by: ActorRef;
  readonly resident: Label;
  readonly now: Instant;
}
interface Granting extends Answering {
  readonly terms: ConsentTerms;
  readonly evidence: Evidence;
}

interface States {
  readonly identity: IdentityState;
  readonly code: CodeState;
  readonly consent: ConsentState;
  readonly fates: ConsentFates;
  readonly practitioner: PractitionerState;
  readonly institution: InstitutionState;
}
type Answer = Decision<NewConsentEvent, RefusalCode>;

export const consentDecider: Decider<ConsentCommand, States, NewConsentEvent, RefusalCode> = {
  folds: ['identity', 'code', 'consent', 'fates', 'practitioner', 'institution'],
  decide(command, states) {
    if (command.type === 'request') return request(command, states);
    if (command.by.kind !== 'resident' || command.by.id !== command.resident) return refuse('not-permitted');
    switch (command.type) {
      case 'grant':
      case 'grant-unasked':
        return grant(command, states);
      case 'deny':
        return deny(command, states);
      case 'revoke':
        return revoke(command, states);
    }
  },
};

type RequestCommand = Extract<ConsentCommand, { type: 'request' }>;
type GrantCommand = Extract<ConsentCommand, { type: 'grant' | 'grant-unasked' }>;
type AnswerCommand = Extract<ConsentCommand, { type: 'deny' | 'revoke' }>;

function request(command: RequestCommand, states: States): Answer {
  const { by, consentId, terms, answerBy, message, now } = command;
  if (by.kind !== 'practitioner') return refuse('not-permitted');
  const stands = standing(states.practitioner, states.institution, by.organisation);
  if (stands !== 'good') return refuse(stands);
  if (!isOwnGrantee(terms.grantee, by)) return refuse('not-own-grantee');

  const why = hindrance(states.identity) ?? faultOf(terms, now);
  if (why !== undefined) return refuse(why);
  if (!isActive(states.code, command.codeRef)) return refuse('code-not-live');

  if (states.fates[consentId] !== undefined) {
    const same = states.consent.pending.find((pending) => pending.consentId === consentId);
    return same !== undefined && sameValue(same.terms, terms) ? accept() : refuse('id-taken');
  }
  if (answerBy < now || answerBy > addMs(now, MAX_ANSWER_MS)) return refuse('answer-by-out-of-range');
  const waiting = states.consent.pending.filter((pending) => now <= pending.answerBy);
  const own = waiting.filter((pending) => pending.terms.grantee.institution === terms.grantee.institution);
  if (waiting.length >= MAX_PENDING_REQUESTS || own.length >= MAX_PENDING_OF_INSTITUTION) {
    return refuse('too-many-requests');
  }
  return acceptUntil<NewConsentEvent>(earliest(answerBy, lastOf(terms)), {
    type: 'consent.requested@1',
    retained: { consentId, terms, answerBy },
    personal: message === undefined ? {} : { message },
  });
}

function grant(command: GrantCommand, states: States): Answer {
  const { consentId, terms, evidence, now } = command;
  const { consent, fates } = states;
  const fate = fates[consentId];
  const known = consent.grants.find((one) => one.consentId === consentId);
  // The same answer again: nothing to do, whatever happened to code or grantee since.
  if (fate === 'granted' && known !== undefined && sameValue(known.terms, terms)) return accept();

  const why = hindrance(states.identity) ?? (states.code.live === undefined ? 'no-live-code' : faultOf(terms, now));
  if (why !== undefined) return refuse(why);
  let until = lastOf(terms);
  if (command.type === 'grant') {
    if (fate === undefined) return refuse('no-such-request');
    if (fate !== 'requested') return refuse('request-answered');
    const asked = consent.pending.find((one) => one.consentId === consentId);
    if (asked === undefined || asked.answerBy < now) return refuse('request-expired');
    if (!grantWithin(asked.terms, terms)) return refuse('grant-exceeds-request');
    until = earliest(until, asked.answerBy);
  } else if (fate !== undefined) {
    return refuse('id-taken');
  }
  if (!isGranteeAvailable(terms.grantee, states)) return refuse('grantee-not-available');
  const live = consent.grants.filter((one) => !isOver(one.terms, now));
  const toSame = live.filter((one) => one.terms.grantee.institution === terms.grantee.institution);
  if (live.length >= MAX_LIVE_GRANTS || toSame.length >= MAX_GRANTS_TO_INSTITUTION) return refuse('too-many-grants');
  return acceptUntil<NewConsentEvent>(until, {
    type: 'consent.granted@1',
    retained: { consentId, terms, evidence },
    personal: {},
  });
}

function deny({ consentId, now }: AnswerCommand, { identity, consent, fates }: States): Answer {
  const fate = fates[consentId];
  if (fate === undefined) return refuse('no-such-request');
  if (fate === 'denied') return accept();
  if (fate !== 'requested') return refuse('request-answered');
  const asked = consent.pending.find((one) => one.consentId === consentId);
  if (asked === undefined || asked.answerBy < now) return accept();
  const why = hindrance(identity);
  if (why !== undefined) return refuse(why);
  return accept<NewConsentEvent>({
    type: 'consent.denied@1',
    retained: { consentId, reason: 'resident' },
    personal: {},
  });
}

/** As easy as granting (PIPL 15): no notice, no live code, no reason; and nothing else ends with it (PIPL 16). */
function revoke({ consentId, now }: AnswerCommand, { identity, consent, fates }: States): Answer {
  const fate = fates[consentId];
  if (fate === 'revoked') return accept();
  if (fate !== 'granted') return refuse('no-such-consent');
  const known = consent.grants.find((one) => one.consentId === consentId);
  if (known === undefined || isOver(known.terms, now)) return accept();
  const why = hindrance(identity);
  if (why !== undefined) return refuse(why);
  return accept<NewConsentEvent>({
    type: 'consent.revoked@1',
    retained: { consentId, reason: 'resident' },
    personal: {},
  });
}

/** The last instant of the validity, whose end is not included. */
function lastOf(terms: ConsentTerms): Instant {
  return addMs(terms.validUntil, -1);
}

function faultOf(
  terms: ConsentTerms,
  now: Instant,
): 'purpose-not-grantable' | 'validity-over' | 'validity-too-long' | undefined {
  if (terms.purposes.some(isOwnPurpose)) return 'purpose-not-grantable';
  if (isOver(terms, now)) return 'validity-over';
  return terms.validUntil > addMs(now, MAX_VALIDITY_MS) ? 'validity-too-long' : undefined;
}

function isOwnGrantee(grantee: Grantee, by: ActorRef): boolean {
  if (grantee.institution !== by.organisation) return false;
  return grantee.kind === 'institution' ? grantee.practitioner === undefined : grantee.practitioner === by.id;
}

function isGranteeAvailable(grantee: Grantee, { practitioner, institution }: States): boolean {
  if (grantee.kind === 'institution') return institution.status === 'live';
  return standing(practitioner, institution, grantee.institution) === 'good';
}
