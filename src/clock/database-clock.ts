import { fromEpochMs, type Instant, latest } from '../kernel/instant.ts';
import type { Clock } from '../kernel/ports.ts';
import type { Sql } from '../postgres/pools.ts';

export interface DatabaseClock extends Clock {
  /** Ends measuring. */
  close(): Promise<void>;
}

const MEASURE_EVERY_MS = 1_000;

/**
 * The database's time as this process knows it: its own monotonic clock plus an offset measured every second. The answer's way back counts as
 * time that has not passed, so `now` is never ahead of the server unless the server's clock steps back. A measurement that fails is left out;
 * the offset before it goes on. Throws what the driver throws when the first one fails.
 */
export async function databaseClock(sql: Sql): Promise<DatabaseClock> {
  let observed: Instant | undefined;
  const measure = async (): Promise<number> => {
    const [row] = await sql<{ ms: number }[]>`select extract(epoch from clock_timestamp())::float8 * 1000 as ms`;
    return (row?.ms ?? 0) - performance.now();
  };
  let offset = await measure();
  let measuring: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    measuring = measure().then(
      (fresh) => {
        offset = fresh;
      },
      () => undefined,
    );
  }, MEASURE_EVERY_MS);
  timer.unref();
  return {
    now: () => {
      const shown = fromEpochMs(performance.now() + offset);
      return observed === undefined ? shown : latest(shown, observed);
    },
    observe: (instant) => {
      observed = observed === undefined ? instant : latest(observed, instant);
    },
    close: async () => {
      clearInterval(timer);
      await measuring;
    },
  };
}
