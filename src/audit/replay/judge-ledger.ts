import { ROLES } from '../../app/roles.ts';
import { guardsOf } from '../../domain/guards.ts';
import { ledgerDecider } from '../../domain/ledger/decider.ts';
import { toBase64Url } from '../../kernel/base64.ts';
import { canonicalBytes } from '../../kernel/canonical.ts';
import { subjectOf } from '../../kernel/id.ts';
import type { Judge, KnownOf } from './append.ts';
import { compareDecision } from './compare-events.ts';
import { checkGuards } from './guards.ts';

type LedgerKnown = KnownOf<'ledger.opened@1'> | KnownOf<'ledger.policy-adopted@1'> | KnownOf<'ledger.restored@1'>;
const KINDS = guardsOf(['ledger', 'policy']).ledger ?? [];

/** The ledger opened by its operator, a policy adopted, whose hash is made anew, or a restored database accepted. */
export const judgeLedger: Judge = (of) => {
  const [event] = of.append.events as unknown as readonly [LedgerKnown];
  const { by } = event.retained;
  const unguarded = checkGuards(of, [{ stream: event.stream, kinds: KINDS }]);
  if (unguarded.length > 0) return unguarded;
  // The operator's own programs open the ledger and adopt its first policy.
  if (by.kind !== 'system' && !(event.type === 'ledger.policy-adopted@1' && ROLES.adoptPolicy.includes(by.kind))) {
    return [{ kind: 'actor', recorded: `${by.kind} ${event.type}`, follows: 'no such command' }];
  }
  const states = of.states.of(event.stream);
  if (event.type === 'ledger.policy-adopted@1') {
    const { policy } = event.retained;
    const hash = toBase64Url(of.suite.hash(canonicalBytes(policy as never)));
    return compareDecision(of.append, ledgerDecider.decide({ type: 'adopt-policy', policy, hash }, states));
  }
  if (event.type === 'ledger.restored@1') {
    of.note('restored');
    const { expected, found, reason } = event.retained;
    const command = {
      type: 'accept-restored',
      ...(expected && { expected }),
      ...(found && { found }),
      reason,
    } as const;
    return compareDecision(of.append, ledgerDecider.decide(command, states));
  }
  const { checks } = event.retained;
  const { origin, suite } = of.identity;
  const opening = { type: 'open', origin, suite, region: subjectOf(event.stream), checks } as const;
  return compareDecision(of.append, ledgerDecider.decide(opening, states));
};
