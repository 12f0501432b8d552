import { type Operation, ROLES } from '../../app/roles.ts';
import { type AccessDecision, type AccessStates, decideAccess } from '../../domain/access/decide-access.ts';
import type { Selection } from '../../domain/access/events.ts';
import type { CodeState } from '../../domain/code/terms.ts';
import { READ_GUARDS } from '../../domain/guards.ts';
import type { ActorRef } from '../../kernel/event.ts';
import { institutionStream, type Label, type Mark, subjectOf } from '../../kernel/id.ts';
import type { Case, Judge, KnownOf } from './append.ts';
import { checkEnd } from './compare-events.ts';
import { type Flaw, otherPath } from './difference.ts';
import { askerStream, checkGuards, readGuards } from './guards.ts';
import { checkServedCounts } from './served-counts.ts';

type Access = KnownOf<'access.permitted@1'> | KnownOf<'access.denied@1'>;

/** Which operation reads this: of one's own record, or through a code. */
const READS: { readonly [W in Selection['what']]?: { readonly own?: Operation; readonly byCode?: Operation } } = {
  records: { own: 'myRecords', byCode: 'openRecords' },
  content: { own: 'myContent', byCode: 'openContent' },
  demographics: { own: 'myProfile' },
  code: { byCode: 'verifyCode' },
};

/** One access through the gate: the decision on the states that it saw, then what it says of what was served. */
export const judgeAccess: Judge = (of) => {
  const [event] = of.append.events as readonly [Access];
  const { retained } = event;
  const label = subjectOf(event.stream) as Label;
  const own = retained.by.kind === 'resident';
  const operation = READS[retained.selection.what]?.[own ? 'own' : 'byCode'];
  if (operation === undefined || !ROLES[operation].includes(retained.by.kind)) {
    return [{ kind: 'actor', recorded: `${retained.by.kind} ${retained.selection.what}`, follows: 'no such read' }];
  }
  if (own && retained.by.id !== label) {
    return [{ kind: 'place', recorded: 'a resident in the stream of another', follows: 'their own stream' }];
  }
  const unguarded = checkGuards(of, [{ stream: event.stream, kinds: READ_GUARDS.resident }, ...readGuards(of)]);
  if (unguarded.length > 0) return unguarded;

  const states = accessStates(of, retained.by);
  if (retained.policy !== states.policy.adopted?.hash) {
    return [{ kind: 'field', recorded: `${event.type} policy`, follows: 'the policy in force' }];
  }
  if (!own) of.note('code-shown');
  const shown = own ? [undefined] : codesOf(states.code);
  const judged = shown.map((codeRef) => {
    const { by: actor, purpose, selection } = retained;
    const request = { actor, resident: label, purpose, selection, ...(codeRef === undefined ? {} : { codeRef }) };
    return judgeOutcome(of, event, decideAccess(states, request, retained.decided));
  });
  // What the live code makes of it is what is told, when none of the codes makes what is recorded.
  return judged.find((flaws) => flaws.length === 0) ?? judged[0] ?? [];
};

function accessStates({ append, states }: Case, by: ActorRef): AccessStates {
  const { stream } = append;
  const { identity, code, consent } = states.of(stream);
  const seen = append.seen.find((one) => one.stream === stream)?.revision ?? -1;
  const organisation = by.kind === 'resident' ? undefined : by.organisation;
  return {
    identity,
    code,
    consent,
    custodians: states.custodiansAt(stream, BigInt(seen)),
    practitioner: states.of(askerStream({ append, states } as Case, by)).practitioner,
    institution: states.of(organisation === undefined ? undefined : institutionStream(organisation)).institution,
    policy: states.of(states.ledger).policy,
  };
}

const NO_CODE = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' as Mark;

/** The codes by which the resident can have been reached: all that are closed are answered alike. Somebody without any has none that lives. */
export function codesOf({ live, closed }: CodeState): readonly Mark[] {
  const codes = [...(live === undefined ? [] : [live.codeRef]), ...closed.slice(0, 1)];
  return codes.length > 0 ? codes : [NO_CODE];
}

function judgeOutcome(of: Case, event: Access, decision: AccessDecision): readonly Flaw[] {
  if (event.type === 'access.denied@1') return judgeDenial(of, event, decision);
  if (decision.outcome === 'denied') return [told(event, decision)];
  const { rule, basis, winner, grants, policyRules } = event.retained;
  const due = decision;
  const path = otherPath(
    { rule, basis, grants, policyRules, ...(winner === undefined ? {} : { winner }) },
    {
      rule: due.rule,
      basis: due.basis,
      grants: due.grants,
      policyRules: due.policyRules,
      ...(due.winner === undefined ? {} : { winner: due.winner }),
    },
  );
  if (path === 'rule') return [told(event, decision)];
  if (path !== undefined) return [{ kind: 'field', recorded: `${event.type} ${path}`, follows: `another ${path}` }];
  const late = checkEnd(of.append, due.notAfter);
  return late.length > 0 ? late : checkServedCounts(of, event, due);
}

/** A permitted access is recorded as not covered when what was named, a record or a cursor, was not there for this asker. */
function judgeDenial(of: Case, event: KnownOf<'access.denied@1'>, decision: AccessDecision): readonly Flaw[] {
  const { rule, selection } = event.retained;
  if (decision.outcome === 'denied') return decision.rule === rule ? [] : [told(event, decision)];
  if (rule === 'not-covered' && selection.what === 'content') {
    of.note('record-named');
    return [];
  }
  if (rule === 'not-covered' && selection.what === 'records' && selection.page === 1) {
    of.note('cursor');
    return [];
  }
  return [told(event, decision)];
}

function told(event: Access, decision: AccessDecision): Flaw {
  const words = (outcome: string, rule: string): string => `access.${outcome}@1 by rule ${rule}`;
  const recorded = `${event.type} by rule ${event.retained.rule}`;
  return { kind: 'decision', recorded, follows: words(decision.outcome, decision.rule) };
}
