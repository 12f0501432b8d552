import { codeFold } from '../../domain/code/fold.ts';
import { consentDecider } from '../../domain/consent/decider.ts';
import { fatesFold } from '../../domain/consent/fates.ts';
import { consentFold } from '../../domain/consent/fold.ts';
import { type ConsentTerms, consentTerms, evidence } from '../../domain/consent/terms.ts';
import { identityFold } from '../../domain/identity/fold.ts';
import { asSet } from '../../domain/sets.ts';
import { category, labelCode, period, purpose } from '../../domain/terms.ts';
import { toBase64Url } from '../../kernel/base64.ts';
import * as f from '../../kernel/field.ts';
import { type EventId, type Id16, type Mark, residentStream } from '../../kernel/id.ts';
import { addMs } from '../../kernel/instant.ts';
import { actorRef, actorStream, type Caller, type PractitionerActor, type ResidentActor } from '../actor.ts';
import type { Receipt, RequestConsentInput } from '../api.ts';
import type { App } from '../app.ts';
import { partyStates } from '../asker.ts';
import { parseInput } from '../input.ts';
import type { Outcome } from '../outcome.ts';
import { type Attempt, type Prepared, transact } from '../transact.ts';
import { RESIDENT_FOLDS } from './register-resident.ts';
import { labelOfCode } from './resident-stream.ts';

const FOLDS = { ...RESIDENT_FOLDS, fates: fatesFold } as const;
const DAY_MS = 86_400_000;
/** How long a request waits for its answer when the asker does not say. */
const DEFAULT_ANSWER_DAYS = 14;

const REQUEST = {
  code: f.text(128),
  granteeKind: f.oneOf('institution', 'practitioner'),
  purposes: f.list(purpose(), 12, 1),
  categories: f.list(category(), 9, 1),
  labels: f.optional(f.list(labelCode(), 10)),
  period: period(),
  validFrom: f.optional(f.instant()),
  validUntil: f.instant(),
  answerBy: f.optional(f.instant()),
  message: f.optional(f.text(500)),
} as const;

const ANY_CODE = toBase64Url(new Uint8Array(32)) as Mark;
/** A resident of whom everybody may ask. */
const ANYBODY = {
  identity: { ...identityFold.initialState, status: 'living' },
  code: { ...codeFold.initialState, live: { codeRef: ANY_CODE } },
  consent: consentFold.initialState,
  fates: fatesFold.initialState,
} as const;

/**
 * Asks the resident behind a code for consent. Whether anybody stands behind it, lives, or takes more requests is not told: the answer is
 * an id in every case, and exactly one event is appended: the request, a denial in the resident's stream, or a miss in the asker's.
 */
export async function requestConsent(
  app: App,
  caller: Caller & { readonly actor: PractitionerActor },
  requestId: string,
  raw: RequestConsentInput,
): Promise<Outcome<{ readonly consentId: Id16 }>> {
  const input = parseInput(REQUEST, raw);
  const { actor } = caller;
  const answer = (event: EventId) => ({ consentId: app.vault.derivedId(event, 'consent') });
  return transact(app, {
    caller,
    operation: 'requestConsent',
    requestId,
    input: input as never,
    attempt: async (attempt) => {
      const consentId = app.vault.derivedId(attempt.eventId(0), 'consent');
      const asker = await partyStates(attempt, {
        practitioner: actor.registered ? actor.id : undefined,
        institution: actor.institution,
      });
      const label = await labelOfCode(app, input.code);
      const asked = {
        purpose: input.purposes[0] as (typeof input.purposes)[number],
        selection: { what: 'consent' },
      } as const;
      const stream = label === undefined ? actorStream(actor) : residentStream(label);
      const states = label === undefined ? undefined : await attempt.load(stream, FOLDS);
      const now = attempt.now();
      const command = {
        type: 'request',
        consentId,
        terms: termsOf(input, actor, now),
        answerBy: input.answerBy ?? addMs(now, DEFAULT_ANSWER_DAYS * DAY_MS),
        codeRef: ANY_CODE,
        by: actorRef(actor),
        now,
        ...(input.message === undefined ? {} : { message: input.message }),
      } as const;
      // What is wrong with the asker or the request is said first, and alike for every code; whatever else there is, is the resident's.
      const ofAnybody = consentDecider.decide(command, { ...ANYBODY, ...asker });
      if (ofAnybody.kind === 'refuse') return ofAnybody.code;
      if (states === undefined) {
        const missed = { type: 'access.missed@1', retained: asked, personal: {} } as const;
        return { stream, decision: { kind: 'accept', events: [missed] }, answer: () => ({ consentId }) };
      }
      const keys = await app.vault.keysOf(stream, now);
      const decision = consentDecider.decide(
        { ...command, codeRef: keys.codeRef(input.code) },
        { ...states, ...asker },
      );
      if (decision.kind === 'accept') return { stream, decision, answer: () => ({ consentId }) };
      const denied = {
        type: 'access.denied@1',
        retained: { ...asked, rule: ruleOf(decision.code) },
        personal: {},
      } as const;
      return { stream, decision: { kind: 'accept', events: [denied] }, answer: () => ({ consentId }) };
    },
    replay: ([first]) => answer((first as { id: EventId }).id),
  });
}

function ruleOf(code: string): 'deceased' | 'code-not-live' | 'not-covered' {
  return code === 'deceased' || code === 'code-not-live' ? code : 'not-covered';
}

function termsOf(
  input: f.InferFields<typeof REQUEST>,
  actor: PractitionerActor,
  now: ReturnType<Attempt['now']>,
): ConsentTerms {
  return {
    grantee:
      input.granteeKind === 'institution'
        ? { kind: 'institution', institution: actor.institution }
        : { kind: 'practitioner', institution: actor.institution, practitioner: actor.id },
    purposes: asSet(input.purposes),
    categories: asSet(input.categories),
    labels: asSet(input.labels ?? []),
    period: input.period,
    validFrom: input.validFrom ?? now,
    validUntil: input.validUntil,
  };
}

type Resident = Caller & { readonly actor: ResidentActor };

/** Grants what a request asks, or less; without a `consentId`, by the resident's own wish. */
export async function grantConsent(
  app: App,
  caller: Resident,
  requestId: string,
  raw: { readonly consentId?: string; readonly terms: unknown; readonly evidence: unknown },
): Promise<Outcome<{ readonly consentId: Id16 }>> {
  const input = parseInput({ consentId: f.optional(f.id16()), terms: consentTerms(), evidence: evidence() }, raw);
  const { terms } = input;
  return onOwnConsents(
    app,
    caller,
    requestId,
    'grantConsent',
    input,
    async (attempt, states, now) => {
      const consentId = input.consentId ?? app.vault.derivedId(attempt.eventId(0), 'consent');
      const grantee = await partyStates(attempt, terms.grantee);
      const type = input.consentId === undefined ? 'grant-unasked' : 'grant';
      const { label } = caller.actor;
      const command = {
        type,
        consentId,
        terms,
        evidence: input.evidence,
        by: actorRef(caller.actor),
        resident: label,
        now,
      } as const;
      return { decision: consentDecider.decide(command, { ...states, ...grantee }), value: { consentId } };
    },
    (event) => ({ consentId: input.consentId ?? app.vault.derivedId(event, 'consent') }),
  );
}

/** denyConsent and revokeConsent: as easy as granting (PIPL 15). */
const ending =
  (operation: 'denyConsent' | 'revokeConsent', type: 'deny' | 'revoke') =>
  async (app: App, caller: Resident, requestId: string, raw: unknown): Promise<Outcome<Receipt>> => {
    const { consentId } = parseInput({ consentId: f.id16() }, raw);
    const { label } = caller.actor;
    return onOwnConsents<Receipt>(
      app,
      caller,
      requestId,
      operation,
      { consentId },
      async (attempt, states, now) => {
        const nobody = await partyStates(attempt, {});
        const command = { type, consentId, by: actorRef(caller.actor), resident: label, now } as const;
        const decision = consentDecider.decide(command, { ...states, ...nobody });
        const did = decision.kind === 'accept' && decision.events.length > 0;
        return { decision, value: did ? { event: attempt.eventId(0) } : {} };
      },
      (event) => ({ event }),
    );
  };

export const denyConsent = ending('denyConsent', 'deny');
export const revokeConsent = ending('revokeConsent', 'revoke');

type States = Awaited<ReturnType<typeof loadOwn>>;
const loadOwn = (attempt: Attempt, caller: Resident) => attempt.load(residentStream(caller.actor.label), FOLDS);

async function onOwnConsents<T>(
  app: App,
  caller: Resident,
  requestId: string,
  operation: string,
  input: object,
  work: (
    attempt: Attempt,
    states: States,
    now: ReturnType<Attempt['now']>,
  ) => Promise<{ decision: Prepared<T>['decision']; value: T }>,
  replay: (first: EventId) => T,
): Promise<Outcome<T>> {
  return transact<T>(app, {
    caller,
    operation,
    requestId,
    input: input as never,
    attempt: async (attempt) => {
      const states = await loadOwn(attempt, caller);
      const { decision, value } = await work(attempt, states, attempt.now());
      return { stream: residentStream(caller.actor.label), decision, answer: () => value };
    },
    replay: ([first]) => replay((first as { id: EventId }).id),
  });
}
