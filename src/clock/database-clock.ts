import { fromEpochMs, type Instant, latest } from '../kernel/instant.ts';
import type { Clock } from '../kernel/ports.ts';
import type { Probe } from '../kernel/probe.ts';
import { answered } from '../postgres/outage.ts';
import type { Sql } from '../postgres/pools.ts';

export interface DatabaseClock extends Clock {
  /**
   * Measures no more; resolves when no measurement is under way, so that the pool may be ended: the driver opens a connection for a
   * query that comes while it ends, and never closes it. `now` keeps going on what was measured last.
   */
  close(): Promise<void>;
}

export interface DatabaseClockOptions {
  /** SQL that gives the ledger's time as a timestamptz: the same that the engine is given. `clock_timestamp()` unless told. */
  readonly timeExpression?: string;
  /** Milliseconds between measurements; 1,000 unless told. */
  readonly intervalMs?: number;
  /** A clock of this process that never goes back, in milliseconds; `performance.now` unless told. */
  readonly monotonic?: () => number;
  /** Told of every measurement, for the operator. */
  readonly probe?: Pick<Probe, 'clockMeasured' | 'clockFailed'>;
}

/**
 * Two quartz clocks, both disciplined by NTP, drift apart by at most 500 ppm each. So much slower this clock runs between two
 * measurements, in order not to come ahead of the database's.
 */
const DRIFT = 0.001;

/** The database showed `server` not later than at `local` of the process's clock; both in milliseconds. */
interface Measurement {
  readonly server: number;
  readonly local: number;
}

const at = (measured: Measurement, local: number): number => measured.server + (local - measured.local) * (1 - DRIFT);

/** How far the database's clock is from where it was believed to be, beyond what the time of the answer explains; in milliseconds. */
export function offBy(before: Measurement, measured: Measurement, tookMs: number): number {
  const ahead = measured.server - at(before, measured.local);
  return ahead >= 0 ? ahead : Math.min(0, ahead + tookMs);
}

/**
 * The better of two lower bounds: a slow answer must not put the clock back. But when even the latest moment that the answer allows
 * is behind what we believed, the database's clock was set back, and we follow.
 */
export function betterMeasurement(before: Measurement, measured: Measurement, tookMs: number): Measurement {
  const believed = at(before, measured.local);
  return believed <= measured.server || believed > measured.server + tookMs
    ? measured
    : { server: believed, local: measured.local };
}

/**
 * The database's clock as this process knows it: its own monotonic clock plus an offset measured every second. It counts from the
 * arrival of each answer, when the database's clock is already further, so it is behind by at most the time of a round trip.
 * Resolves after the first measurement; throws what that throws. Later ones that fail are left out: the clock goes on.
 */
export async function databaseClock(sql: Sql, options: DatabaseClockOptions = {}): Promise<DatabaseClock> {
  const {
    timeExpression = 'clock_timestamp()',
    intervalMs = 1000,
    monotonic = () => performance.now(),
    probe,
  } = options;

  async function measure(): Promise<{ measured: Measurement; tookMs: number }> {
    const asked = monotonic();
    const [row] = await answered(
      sql<{ server: string }[]>`
        SELECT (extract(epoch FROM (${sql.unsafe(timeExpression)})) * 1000)::text AS server`,
    );
    const local = monotonic();
    if (row === undefined) throw new Error('the database did not say what time it is');
    return { measured: { server: Number.parseFloat(row.server), local }, tookMs: local - asked };
  }

  let current = (await measure()).measured;
  let observed = fromEpochMs(0);
  let closed = false;
  let timer: NodeJS.Timeout;
  let measuring: Promise<void> | undefined;

  async function measureAnew(): Promise<void> {
    try {
      const { measured, tookMs } = await measure();
      probe?.clockMeasured(tookMs, offBy(current, measured, tookMs));
      current = betterMeasurement(current, measured, tookMs);
    } catch {
      // The database is away; what it said last holds until it is back.
      probe?.clockFailed();
    }
    measuring = undefined;
    if (!closed) schedule();
  }

  /** One at a time: whoever asks while one is under way is answered by it. */
  function again(): Promise<void> {
    clearTimeout(timer);
    measuring ??= measureAnew();
    return measuring;
  }

  function schedule(): void {
    timer = setTimeout(() => void again(), intervalMs);
    timer.unref();
  }
  schedule();

  return {
    now: (): Instant => latest(fromEpochMs(at(current, monotonic())), observed),
    observe: (instant) => {
      observed = latest(observed, instant);
    },
    doubt: () => (closed ? Promise.resolve() : again()),
    close: async () => {
      closed = true;
      clearTimeout(timer);
      await measuring;
    },
  };
}
