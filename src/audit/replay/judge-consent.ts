import { consentDecider } from '../../domain/consent/decider.ts';
import { FOLDS } from '../../domain/folds.ts';
import { guardsOf } from '../../domain/guards.ts';
import { institutionStream, type Label, practitionerStream, subjectOf } from '../../kernel/id.ts';
import type { Judge, KnownOf } from './append.ts';
import { compareDecision } from './compare-events.ts';
import { checkGuards } from './guards.ts';

const RESIDENT_KINDS = guardsOf(['identity', 'code', 'consent', 'fates']).resident ?? [];

/** A grant by the resident, as an answer or unasked: which of the two, its id says, which an unasked grant derives from its event. */
export const judgeGrant: Judge = (of) => {
  const [event] = of.append.events as readonly [KnownOf<'consent.granted@1'>];
  const { by, consentId, terms, evidence, decided } = event.retained;
  const { institution, practitioner } = terms.grantee;
  const organisation = institutionStream(institution);
  const person = practitioner === undefined ? undefined : practitionerStream(practitioner);
  const unguarded = checkGuards(of, [
    { stream: event.stream, kinds: RESIDENT_KINDS },
    { stream: organisation, kinds: FOLDS.institution.kinds },
    ...(person === undefined ? [] : [{ stream: person, kinds: FOLDS.practitioner.kinds }]),
  ]);
  if (unguarded.length > 0) return unguarded;
  const states = {
    ...of.states.of(event.stream),
    institution: of.states.of(organisation).institution,
    practitioner: of.states.of(person).practitioner,
  };
  const unasked = consentId === of.derivedId(event.id, 'consent');
  const command = {
    type: unasked ? 'grant-unasked' : 'grant',
    consentId,
    terms,
    evidence,
    by,
    resident: subjectOf(event.stream) as Label,
    now: decided,
  } as const;
  return compareDecision(of.append, consentDecider.decide(command, states));
};

/** A request denied or a grant revoked by the resident. Those that end with a code are the closing's. */
export const judgeConsentEnd: Judge = (of) => {
  const [event] = of.append.events as readonly [KnownOf<'consent.denied@1'> | KnownOf<'consent.revoked@1'>];
  const { by, consentId, decided } = event.retained;
  const unguarded = checkGuards(of, [{ stream: event.stream, kinds: RESIDENT_KINDS }]);
  if (unguarded.length > 0) return unguarded;
  const command = {
    type: event.type === 'consent.denied@1' ? 'deny' : 'revoke',
    consentId,
    by,
    resident: subjectOf(event.stream) as Label,
    now: decided,
  } as const;
  return compareDecision(of.append, consentDecider.decide(command, of.states.of(event.stream)));
};
