import type { Sql } from '../../postgres/pools.ts';
import { openLane } from './lane.ts';
import { CHANNEL } from './statements.ts';

/**
 * Tells all followers of a process that something was committed, through one connection that listens. A wake-up is a hint: whoever
 * waits looks again after a while anyway, so one that is lost (the connection broke, or goes through a pooler) costs time, not events.
 */
export interface Wakeup {
  /** Counts the wake-ups; read it before looking at the table. */
  readonly count: number;
  /** Resolves when there was a wake-up since `seen`, or after `ms`. */
  wait(seen: number, ms: number): Promise<void>;
  /** Wakes everybody. */
  wake(): void;
  close(): Promise<void>;
}

export function commitWakeup(pool: Sql): Wakeup {
  const lane = openLane(pool, 'ledger follower');
  const sleepers = new Set<() => void>();
  let count = 0;

  const wake = (): void => {
    count += 1;
    for (const sleeper of sleepers) sleeper();
  };
  // After a break the driver listens again by itself, and calls the last function: what was committed meanwhile is looked for.
  lane.sql.listen(CHANNEL, wake, wake).catch(() => {});

  return {
    get count() {
      return count;
    },
    wait: (seen, ms) =>
      new Promise((resolve) => {
        if (count !== seen) return resolve();
        const done = (): void => {
          clearTimeout(timer);
          sleepers.delete(done);
          resolve();
        };
        const timer = setTimeout(done, ms);
        sleepers.add(done);
      }),
    wake,
    close: async () => {
      wake();
      await lane.end();
    },
  };
}
