import type { GroupTried } from '../../kernel/probe.ts';
import type { PendingAppend } from '../append-queue.ts';
import type { GroupOutcome } from './group-transaction.ts';

/** A group and what became of it, as the operator's probe is told: numbers alone. */
export function asTried(
  group: readonly PendingAppend[],
  outcome: GroupOutcome,
  beganMs: number,
  endedMs: number,
): GroupTried {
  let [recorded, events, bytes] = [0, 0, 0];
  if (outcome.kind !== 'not-written') {
    for (const { append, verdict } of outcome.judged) {
      if (verdict.kind !== 'record') continue;
      recorded += 1;
      events += verdict.events.length;
      bytes += append.bytes;
    }
  }
  return {
    engine: 'postgres',
    outcome: outcome.kind,
    appends: group.length,
    recorded,
    events,
    bytes,
    beganMs,
    endedMs,
    spans: group.flatMap(({ within }) => within ?? []),
  };
}
