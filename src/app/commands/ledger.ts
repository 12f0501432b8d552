import { ledgerDecider } from '../../domain/ledger/decider.ts';
import { type Policy, policy } from '../../domain/ledger/events.ts';
import { ledgerFold } from '../../domain/ledger/fold.ts';
import { policyFold } from '../../domain/ledger/policy.ts';
import { asSet } from '../../domain/sets.ts';
import { CATEGORIES, LABELS } from '../../domain/terms.ts';
import { toBase64Url } from '../../kernel/base64.ts';
import { canonicalBytes } from '../../kernel/canonical.ts';
import * as f from '../../kernel/field.ts';
import { ledgerStream } from '../../kernel/id.ts';
import type { Caller } from '../actor.ts';
import type { App } from '../app.ts';
import { parseInput } from '../input.ts';
import type { Outcome } from '../outcome.ts';
import { transact } from '../transact.ts';

const FOLDS = { ledger: ledgerFold, policy: policyFold } as const;

/** The policy with which a region begins: an institution reads for treatment what it registered itself. */
export const FIRST_POLICY: Policy = {
  version: '1',
  rules: [
    {
      id: 'own-records',
      kind: 'own-records',
      purposes: ['TREAT'],
      categories: asSet(CATEGORIES),
      labels: asSet(LABELS),
      basis: 'PIPL-13-2',
    },
  ],
};

/** How the ledger was opened; undefined before `openLedger`. */
export async function ledgerOpening(app: App) {
  return (await app.states.load(ledgerStream(app.region), FOLDS)).state.ledger.opened;
}

/** Opens the ledger with the check values of its keyring. The same again changes nothing; another origin or region is refused. */
export async function openLedger(
  app: App,
  caller: Caller,
  checks: readonly { readonly name: string; readonly value: string }[],
): Promise<Outcome<object>> {
  const stream = ledgerStream(app.region);
  const { origin, suite } = app.ledger.identity;
  return transact<object>(app, {
    caller,
    operation: 'openLedger',
    input: { origin, region: app.region },
    attempt: async (attempt) => ({
      stream,
      decision: ledgerDecider.decide(
        { type: 'open', origin, suite, region: app.region, checks },
        await attempt.load(stream, FOLDS),
      ),
      answer: () => ({}),
    }),
    replay: () => ({}),
  });
}

/** The hash that access events name: H(canonical(policy)), base64url. */
export function policyHash(app: Pick<App, 'suite'>, adopted: Policy): string {
  return toBase64Url(app.suite.hash(canonicalBytes(adopted)));
}

/** Sets are brought into their one order before the policy is hashed, so that the order in which a person lists them says nothing. */
function inOrder(given: GivenPolicy): Policy {
  return {
    version: given.version,
    rules: given.rules.map((rule) => ({
      ...rule,
      purposes: asSet(rule.purposes),
      categories: asSet(rule.categories),
      labels: asSet(rule.labels),
      ...(rule.institutions === undefined ? {} : { institutions: asSet(rule.institutions) }),
    })) as unknown as Policy['rules'],
  };
}
type GivenPolicy = { readonly version: string; readonly rules: readonly GivenRule[] };
type GivenRule = Record<'purposes' | 'categories' | 'labels', readonly string[]> & {
  readonly institutions?: readonly string[];
};

export async function adoptPolicy(
  app: App,
  caller: Caller,
  requestId: string | undefined,
  raw: { readonly policy: unknown },
): Promise<Outcome<{ readonly hash: string }>> {
  const outer = parseInput({ policy: LOOSE_POLICY }, raw);
  const { policy: adopted } = parseInput({ policy: policy() }, { policy: inOrder(outer.policy as never) });
  const hash = policyHash(app, adopted);
  const stream = ledgerStream(app.region);
  return transact(app, {
    caller,
    operation: 'adoptPolicy',
    ...(requestId === undefined ? {} : { requestId }),
    input: { policy: adopted },
    attempt: async (attempt) => ({
      stream,
      decision: ledgerDecider.decide(
        { type: 'adopt-policy', policy: adopted, hash },
        await attempt.load(stream, FOLDS),
      ),
      answer: () => ({ hash }),
    }),
    replay: () => ({ hash }),
  });
}

/** The policy as people write it, sets in any order; the strict form is checked after they are sorted. */
const LOOSE_POLICY = f.object({
  version: f.text(32),
  rules: f.list(
    f.object({
      id: f.text(64),
      kind: f.text(16),
      purposes: f.list(f.text(16), 12, 1),
      categories: f.list(f.text(32), 9, 1),
      labels: f.list(f.text(16), 10),
      basis: f.text(64),
      institutions: f.optional(f.list(f.id16(), 256, 1)),
    }),
    64,
  ),
});

/** The policy in force, and its hash. */
export async function policyInForce(app: App): Promise<{ hash: string; policy: Policy } | null> {
  const { adopted } = (await app.states.load(ledgerStream(app.region), FOLDS)).state.policy;
  return adopted ?? null;
}
