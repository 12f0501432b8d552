import { isFault } from '../kernel/fault.ts';
import type { Probe } from '../kernel/probe.ts';
import type { Ledger, RecordedEvent } from '../ledger/port.ts';
import { type Connection, openConnection } from '../postgres/connection.ts';
import type { Sql } from '../postgres/pools.ts';
import { type BatchApplier, batchApplier } from './apply-batch.ts';
import type { AnyProjection } from './define.ts';
import { LeaseLost, ProjectorStopped, ReadModelsStale } from './faults.ts';
import { type Intake, intake } from './intake.ts';
import { type Applied, advance, type Lease, releaseLease, renewLease, takeLease } from './lease.ts';
import { type OpenRetained, projectEvents } from './project-events.ts';
import { requireVersions } from './versions.ts';

export interface ProjectorOptions {
  readonly sql: Sql;
  readonly ledger: Ledger;
  readonly openRetained: OpenRetained;
  readonly projections: readonly AnyProjection[];
  /** A name of this process among all that share the database, such as 16 random bytes in text. */
  readonly owner: string;
  /** Told of what an operator may want to know; nothing in it is personal. */
  readonly report?: (what: ProjectorReport, error?: unknown) => void;
  /** Told of every batch. */
  readonly probe?: Pick<Probe, 'projected'>;
  /** Milliseconds after its last renewal at which another process may take over; 3,000 unless told. Renewed at a third of it. */
  readonly leaseMs?: number;
  /** Events a batch at most; 500 unless told. */
  readonly maxBatch?: number;
}

export type ProjectorReport = 'lease-taken' | 'lease-lost' | 'retrying' | 'stopped';

export interface Projector {
  readonly state: 'standby' | 'projecting' | 'stopped';
  /** Resolves after `stop`; rejects with the fault when it stopped by itself: `ProjectorStopped`, `ReadModelsStale`, `ledger-corrupt`. */
  readonly done: Promise<void>;
  /** Finishes or rolls back the batch under way and gives the lease back. */
  stop(): Promise<void>;
}

/** Sealed bytes of a batch, after which no further event is added to it. */
const MAX_BATCH_BYTES = 8 * 1024 * 1024;
const LONGEST_PAUSE_MS = 2_000;

/**
 * Follows the ledger and keeps the read tables: rows and position in one statement. Of all processes that run one, the holder of
 * the lease works and the others stand by. What can pass (a database that is away) is tried again for ever; an event that cannot be
 * projected ends it.
 */
export function startProjector(options: ProjectorOptions): Projector {
  const { sql, owner, report = () => {}, leaseMs = 3_000 } = options;
  const applier = batchApplier(options.projections);
  const stopping = new AbortController();
  let state: Projector['state'] = 'standby';

  const run = async (): Promise<void> => {
    let failures = 0;
    let connection: Connection | undefined;
    try {
      while (!stopping.signal.aborted) {
        try {
          if (connection?.broken) await connection.end();
          if (connection === undefined || connection.broken) connection = openConnection(sql, 'hrl projector');
          const lease = await connection.run((own) => takeLease(own, owner, leaseMs));
          if (lease !== undefined) {
            report('lease-taken');
            state = 'projecting';
            const progressed = () => {
              failures = 0;
            };
            await project({ ...options, leaseMs, applier, connection, lease, stop: stopping.signal, progressed });
          }
        } catch (error) {
          if (isLasting(error)) throw error;
          if (error instanceof LeaseLost) report('lease-lost');
          else {
            failures++;
            report('retrying', error);
          }
        }
        state = 'standby';
        await pause(Math.min(LONGEST_PAUSE_MS, (leaseMs / 10) * 2 ** Math.min(failures, 10)), stopping.signal);
      }
    } finally {
      await connection?.end();
    }
  };

  const done = run()
    .catch((error: unknown) => {
      report('stopped', error);
      throw error;
    })
    .finally(() => {
      state = 'stopped';
    });
  // Whoever waits for `done` hears of it; nobody need.
  done.catch(() => {});
  return {
    get state() {
      return state;
    },
    done,
    async stop() {
      stopping.abort();
      await done.catch(() => {});
    },
  };
}

/** One owner's turn. */
interface Turn extends ProjectorOptions {
  readonly leaseMs: number;
  readonly applier: BatchApplier;
  readonly connection: Connection;
  readonly lease: Lease & Applied;
  readonly stop: AbortSignal;
  readonly progressed: () => void;
}

/** Works as the lease's owner until it is lost (`LeaseLost`), something fails, or the projector is told to stop. */
async function project(turn: Turn): Promise<void> {
  const { ledger, connection, lease, stop } = turn;
  let { applied } = lease;
  const events = intake(ledger.follow(lease.position === null ? undefined : ledger.parsePosition(lease.position)));
  const renewal = keepRenewing(turn, events);
  const close = () => void events.close();
  stop.addEventListener('abort', close);
  if (stop.aborted) close();
  try {
    await connection.run((sql) => requireVersions(sql, turn.projections));
    for (;;) {
      const batch = await events.take(turn.maxBatch ?? 500, MAX_BATCH_BYTES);
      if (batch.length === 0) break;
      try {
        applied = await projectBatch(turn, applied, batch);
      } catch (error) {
        // All that stands before the event that cannot be projected is shown; then it ends.
        const good = error instanceof ProjectorStopped ? batch.findIndex(({ id }) => id === error.eventId) : 0;
        if (good > 0) await projectBatch(turn, applied, batch.slice(0, good));
        throw error;
      }
      turn.progressed();
    }
  } finally {
    stop.removeEventListener('abort', close);
    renewal.end();
    await events.close();
    // Best effort: a lease that is not given back ends by itself.
    await connection.run((sql) => releaseLease(sql, lease)).catch(() => {});
  }
  if (renewal.lost()) throw new LeaseLost();
}

/** Rows and position in one statement; resolves to how many events the tables show now. */
async function projectBatch(turn: Turn, applied: bigint, batch: readonly RecordedEvent[]): Promise<bigint> {
  const began = performance.now();
  const { position } = batch.at(-1) as RecordedEvent;
  const events = await projectEvents(batch, applied, turn.openRetained);
  const next = applied + BigInt(batch.length);
  const fence = advance(turn.lease, applied, { position, applied: next }, turn.leaseMs);
  // If the process stops before the statement is sent: nothing of the batch stands, and the next owner begins with it.
  const held = await turn.connection.run((sql) => turn.applier.apply(sql, events, fence));
  // If it stops here: rows and position stand, and the next owner begins after them. If only the answer was lost, this throws, the
  // lease is taken again, and the row in `projectors` says which of the two it was.
  if (!held) throw new LeaseLost();
  turn.probe?.projected(batch.length, performance.now() - began);
  return next;
}

/** Renews while nothing is to be projected; batches renew by themselves. When the lease is lost or the connection broken, it ends the intake. */
function keepRenewing({ connection, lease, leaseMs }: Turn, events: Intake) {
  let lost = false;
  let running = false;
  const timer = setInterval(() => {
    if (running) return;
    running = true;
    connection
      .run((sql) => renewLease(sql, lease, leaseMs))
      .catch(async (error: unknown) => {
        // Anything else (a lock waited for too long): the next renewal or batch shows whether the lease outlived it.
        lost = error instanceof LeaseLost || connection.broken;
        if (lost) await events.close();
      })
      .finally(() => {
        running = false;
      });
  }, leaseMs / 3);
  return { end: () => clearInterval(timer), lost: () => lost };
}

/** What trying again will not mend: an event that cannot be projected, tables of another version, statements that the server refuses. */
function isLasting(error: unknown): boolean {
  if (error instanceof ProjectorStopped || error instanceof ReadModelsStale) return true;
  if (isFault(error)) return error.code === 'ledger-corrupt' || error.code === 'malformed';
  // SQLSTATE classes: 22 data, 23 integrity, 42 names and rights.
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^(?:22|23|42)[0-9A-Z]{3}$/.test(code);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
