import type { Follower, RecordedEvent } from '../port.ts';
import { isOutage } from './database-error.ts';
import type { Wakeup } from './wakeup.ts';

/** At the end of the ledger a follower looks again after this long without a wake-up: at first soon, then less and less often. */
const FIRST_LOOK_MS = 20;
const LAST_LOOK_MS = 1000;

export interface FollowSource {
  readonly after: bigint;
  readonly page: (after: bigint) => Promise<readonly RecordedEvent[]>;
  readonly wakeup: Wakeup;
  readonly ended: () => void;
}

/**
 * Gives every event after a position, page by page, then those that are appended. It cannot skip one: positions are gapless and commit
 * in order, so "the next after the last one given" is the whole state, and each page is checked to begin there.
 */
export function follow(source: FollowSource): Follower {
  const { wakeup } = source;
  let closed = false;

  async function* run(): AsyncGenerator<RecordedEvent> {
    let next = source.after;
    let pause = FIRST_LOOK_MS;
    try {
      while (!closed) {
        const seen = wakeup.count;
        const events = await look(next);
        for (const event of events) {
          if (closed) return;
          next += 1n;
          yield event;
        }
        pause = events.length > 0 ? FIRST_LOOK_MS : Math.min(2 * pause, LAST_LOOK_MS);
        if (events.length === 0 && !closed) await wakeup.wait(seen, pause);
      }
    } finally {
      source.ended();
    }
  }

  /** An outage looks like the end of the ledger: the follower waits, and goes on where it stood. */
  async function look(after: bigint): Promise<readonly RecordedEvent[]> {
    try {
      return await source.page(after);
    } catch (error) {
      if (isOutage(error)) return [];
      throw error;
    }
  }

  const events = run();
  return {
    [Symbol.asyncIterator]: () => events,
    close: async () => {
      closed = true;
      wakeup.wake();
      // A generator that was never started runs no `finally`.
      source.ended();
      await events.return(undefined);
    },
  };
}
