import { setTimeout as sleep } from 'node:timers/promises';
import type { Ledger } from '../../src/ledger/port.ts';
import { groupTransaction } from '../../src/ledger/postgres/group-transaction.ts';
import { type RecordingContext, toAppended } from '../../src/ledger/recording.ts';
import type { Sql } from '../../src/postgres/pools.ts';

/** There is one head row: more transactions at once would only wait at the server for its lock, not here. */
const LANES = 4;

/**
 * The baseline of bench/append: one transaction an append, with every promise of the engine. It is the engine's own transaction, its
 * statements, prepared and sent ahead as there, its conditions, leaves and rows; only nobody is waited for to share it.
 */
export function oneByOne(pool: Sql, context: RecordingContext): Pick<Ledger, 'append'> & { close(): Promise<void> } {
  const options = { ...context, timeExpression: 'clock_timestamp()', groupTimeoutMs: 10_000 };
  const all = Array.from({ length: LANES }, () => groupTransaction(pool, options));
  const idle = [...all];
  const waiting: ((lane: (typeof all)[number]) => void)[] = [];

  return {
    append: async (stream, events, condition, priority = 'command') => {
      const lane = idle.pop() ?? (await new Promise<(typeof all)[number]>((resolve) => waiting.push(resolve)));
      try {
        for (;;) {
          const nobody = () => {};
          const append = {
            stream,
            events,
            condition,
            priority,
            bytes: 0,
            patienceMs: 20,
            resolve: nobody,
            reject: nobody,
          };
          const outcome = await lane.run([append]);
          if (outcome.kind !== 'committed') throw outcome.fault;
          const verdict = outcome.judged[0]?.verdict;
          if (verdict?.kind === 'record') return toAppended(verdict.events);
          if (verdict?.kind !== 'wait') throw verdict?.fault;
          await sleep(verdict.ms);
        }
      } finally {
        const next = waiting.shift();
        if (next === undefined) idle.push(lane);
        else next(lane);
      }
    },
    close: async () => {
      await Promise.all(all.map((lane) => lane.end()));
    },
  };
}
