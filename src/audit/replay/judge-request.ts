import { ROLES } from '../../app/roles.ts';
import { consentDecider } from '../../domain/consent/decider.ts';
import type { ConsentTerms } from '../../domain/consent/terms.ts';
import { FOLDS, type States } from '../../domain/folds.ts';
import type { Purpose } from '../../domain/terms.ts';
import type { ActorRef } from '../../kernel/event.ts';
import { type Id16, institutionStream, type Mark } from '../../kernel/id.ts';
import { addMs, type Day } from '../../kernel/instant.ts';
import type { Case, Judge, KnownOf } from './append.ts';
import { compareDecision } from './compare-events.ts';
import type { Flaw } from './difference.ts';
import { askerStream, checkGuards, type Guard } from './guards.ts';
import { codesOf } from './judge-access.ts';

/** How a practitioner and an organisation stand; whoever is not named is as if unregistered. */
export type PartyStates = Pick<States, 'practitioner' | 'institution'>;

export function askerStates(of: Case, by: ActorRef): PartyStates {
  const organisation = by.organisation === undefined ? undefined : institutionStream(by.organisation);
  return {
    practitioner: of.states.of(askerStream(of, by)).practitioner,
    institution: of.states.of(organisation).institution,
  };
}

export function askerGuards(of: Case, by: ActorRef): readonly Guard[] {
  const practitioner = askerStream(of, by);
  return [
    ...(practitioner === undefined ? [] : [{ stream: practitioner, kinds: FOLDS.practitioner.kinds }]),
    ...(by.organisation === undefined
      ? []
      : [{ stream: institutionStream(by.organisation), kinds: FOLDS.institution.kinds }]),
  ];
}

const RESIDENT_KINDS = ['identity.', 'code.', 'consent.', 'erasure.'];

/** A request for consent by a practitioner, with any code of the resident: the one that was shown stands nowhere. */
export const judgeRequest: Judge = (of) => {
  const [event] = of.append.events as readonly [KnownOf<'consent.requested@1'>];
  const { by, consentId, terms, answerBy, decided } = event.retained;
  const unable = checkAsker(of);
  if (unable.length > 0) return unable;
  if (consentId !== of.derivedId(event.id, 'consent')) {
    return [{ kind: 'field', recorded: `${event.type} consentId`, follows: 'the id that the request derives' }];
  }
  of.note('code-shown');
  const states = { ...of.states.of(event.stream), ...askerStates(of, by) };
  const judged = codesOf(states.code).map((codeRef) =>
    compareDecision(
      of.append,
      consentDecider.decide({ type: 'request', consentId, terms, answerBy, codeRef, by, now: decided }, states),
    ),
  );
  return judged.find((flaws) => flaws.length === 0) ?? judged[0] ?? [];
};

/** A request that the resident's own circumstances refuse is recorded as a denied access to their consents; its terms stand nowhere. */
export const judgeDeniedRequest: Judge = (of) => {
  const [event] = of.append.events as readonly [KnownOf<'access.denied@1'>];
  const { by, rule, purpose, policy } = event.retained;
  const unable = checkAsker(of);
  if (unable.length > 0) return unable;
  if (policy !== undefined) return [{ kind: 'field', recorded: `${event.type} policy`, follows: 'no policy' }];
  of.note('code-shown');
  const asker = askerStates(of, by);
  const ofAnybody = anyRequest(of, purpose, asker, undefined);
  if (ofAnybody.kind === 'refuse')
    return [{ kind: 'decision', recorded: event.type, follows: `refused: ${ofAnybody.code}` }];
  const due = codesOf(of.states.of(event.stream).code).map((codeRef) => {
    const decision = anyRequest(of, purpose, asker, codeRef);
    return decision.kind === 'accept' ? 'consent.requested@1' : ruleOf(decision.code);
  });
  return due.includes(rule)
    ? []
    : [{ kind: 'decision', recorded: `${event.type} by rule ${rule}`, follows: due[0] ?? 'nothing' }];
};

const ruleOf = (code: string): string => (code === 'deceased' || code === 'code-not-live' ? code : 'not-covered');

function checkAsker(of: Case): readonly Flaw[] {
  const { by, stream } = of.append;
  if (!ROLES.requestConsent.includes(by.kind)) {
    return [{ kind: 'actor', recorded: `${by.kind} requestConsent`, follows: 'no such command' }];
  }
  return checkGuards(of, [{ stream, kinds: RESIDENT_KINDS }, ...askerGuards(of, by)]);
}

const ANY_CODE = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' as Mark;
const DAY_MS = 86_400_000;

/** What becomes of a request with nothing wrong in it: by this asker, of this resident, or of somebody of whom everybody may ask. */
export function anyRequest(of: Case, purpose: Purpose, asker: PartyStates, codeRef: Mark | undefined) {
  const { by, decided: now, stream } = of.append;
  const terms: ConsentTerms = {
    grantee: { kind: 'institution', institution: by.organisation as Id16 },
    purposes: [purpose],
    categories: ['outpatient'],
    labels: [],
    period: { from: '2000-01-01' as Day, to: '2000-01-01' as Day },
    validFrom: now,
    validUntil: addMs(now, DAY_MS),
  };
  const command = { type: 'request', consentId: ANY_CODE.slice(0, 22) as Id16, terms, answerBy: now, by, now } as const;
  if (codeRef !== undefined)
    return consentDecider.decide({ ...command, codeRef }, { ...of.states.of(stream), ...asker });
  const nobody = of.states.of(undefined);
  const anybody = {
    ...nobody,
    identity: { ...nobody.identity, status: 'living' },
    code: { closed: [], live: { codeRef: ANY_CODE } },
  } as const;
  return consentDecider.decide({ ...command, codeRef: ANY_CODE }, { ...anybody, ...asker });
}
