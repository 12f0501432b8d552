import { ledgerDecider } from '../../domain/ledger/decider.ts';
import type { LedgerEnd as RecordedEnd } from '../../domain/ledger/events.ts';
import { ledgerFold } from '../../domain/ledger/fold.ts';
import { policyFold } from '../../domain/ledger/policy.ts';
import { toBase64Url } from '../../kernel/base64.ts';
import * as f from '../../kernel/field.ts';
import { type EventId, ledgerStream } from '../../kernel/id.ts';
import { toJsonInteger } from '../../kernel/integer.ts';
import type { LedgerEnd } from '../../ledger/tail.ts';
import type { Caller } from '../actor.ts';
import type { App } from '../app.ts';
import { parseInput } from '../input.ts';
import type { Outcome } from '../outcome.ts';
import { transact } from '../transact.ts';

/** The operator goes on with a database that lacks what was seen of its ledger. */
export interface RestoreToAccept {
  /** Absent when it cannot be told any more. */
  readonly expected: LedgerEnd | undefined;
  /** Absent: the database was empty. */
  readonly found: LedgerEnd | undefined;
  readonly reason: string;
}

/** Records it in the ledger's own stream. Of one state that was seen it is recorded once, however often this is tried. */
export async function acceptRestored(
  app: App,
  caller: Caller,
  { expected, found, reason: given }: RestoreToAccept,
): Promise<Outcome<{ readonly event: EventId }>> {
  const { reason } = parseInput({ reason: f.text(500) }, { reason: given });
  const stream = ledgerStream(app.region);
  const command = {
    type: 'accept-restored',
    ...(expected && { expected: endOf(expected) }),
    ...(found && { found: endOf(found) }),
    reason,
  } as const;
  return transact<{ readonly event: EventId }>(app, {
    caller,
    operation: 'acceptRestored',
    ...(expected === undefined
      ? {}
      : { requestId: `seen-${expected.size}-${toBase64Url(expected.leaf).slice(0, 32)}` }),
    input: {},
    attempt: async (attempt) => ({
      stream,
      decision: ledgerDecider.decide(command, await attempt.load(stream, { ledger: ledgerFold, policy: policyFold })),
      answer: ([event]) => ({ event: event as EventId }),
    }),
    replay: ([first]) => ({ event: (first as { id: EventId }).id }),
  });
}

const endOf = ({ size, leaf }: LedgerEnd): RecordedEnd => ({ size: toJsonInteger(size), leaf: toBase64Url(leaf) });
