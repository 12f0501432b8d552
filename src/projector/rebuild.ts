import type { Ledger } from '../ledger/port.ts';
import { type Connection, openConnection } from '../postgres/connection.ts';
import type { Sql } from '../postgres/pools.ts';
import { type BatchApplier, bulkApplier } from './apply-batch.ts';
import type { AnyProjection } from './define.ts';
import { ReadModelsStale, RebuildFailed } from './faults.ts';
import { type Applied, type Lease, releaseLease, seizeLease } from './lease.ts';
import type { OpenRetained } from './project-events.ts';
import { type ReplayPoint, replay } from './replay.ts';
import { createNext, dropNext, indexNext, nextOf, swapIn } from './swap.ts';
import { recordVersions, staleProjections } from './versions.ts';

export interface RebuildOptions {
  /** A pool of the tables' owner: the application may not change tables. */
  readonly ownerSql: Sql;
  readonly ledger: Ledger;
  readonly openRetained: OpenRetained;
  readonly projections: readonly AnyProjection[];
  /** A name of this process among all that share the database, such as 16 random bytes in text. */
  readonly owner: string;
  /** Told after each batch: events folded, and how many the live tables show. */
  readonly progress?: (done: bigint, of: bigint) => void;
}

export interface RebuildReport {
  /** The names of what was rebuilt, in order. */
  readonly projections: readonly string[];
  /** Events that the new tables show. */
  readonly events: bigint;
}

const NOTHING: RebuildReport = { projections: [], events: 0n };

/** Says "rebuild" among the advisory locks of a database: the first 8 bytes of SHA-256("hrl/rebuild"), as a signed number. */
const LOCK = '-6028133132270907989';
/** So many events may be left for the time in which the projector is held still. */
const FEW = 500n;
const SWAP_ATTEMPTS = 30;
/** How long a swap waits for readers of a live table, while new ones wait behind it; and how long it then lets them pass. */
const SWAP_LOCK_MS = 1_000;
const SWAP_LEASE_MS = 10_000;

/**
 * Folds the whole ledger anew into tables beside the live ones, catches up with the projector, and swaps them in one transaction. The
 * live tables serve and are written all the while, but for the last catching up and the swap, for which the rebuild takes the
 * projector's lease. Whoever projects then takes it anew and looks at the versions, so that code of another version does not go on
 * writing into the new tables. Rebuilds come one after the other.
 * @throws ProjectorStopped, RebuildFailed, ConnectionBroken; the live tables are then as they were.
 */
export function rebuild(options: RebuildOptions): Promise<RebuildReport> {
  return alone(options.ownerSql, (connection) => rebuildNow(options, connection, options.projections));
}

/**
 * Before serving: rebuilds every projection whose table another version has made. Without an owner's pool it only looks.
 * @throws ReadModelsStale when something is to be rebuilt and there is no owner's pool; and what `rebuild` throws.
 */
export async function ensureVersions(
  options: Omit<RebuildOptions, 'ownerSql'> & { readonly sql: Sql; readonly ownerSql?: Sql },
): Promise<RebuildReport> {
  const { sql, ownerSql, projections } = options;
  const stale = await staleProjections(sql, projections);
  if (stale.length === 0) return NOTHING;
  if (ownerSql === undefined) throw new ReadModelsStale(stale.map(({ name }) => name));
  return alone(ownerSql, async (connection) => {
    // Another process may have rebuilt them while this one waited for its turn.
    const still = await connection.run((sql) => staleProjections(sql, projections));
    return still.length === 0 ? NOTHING : rebuildNow({ ...options, ownerSql }, connection, still);
  });
}

async function rebuildNow(
  options: RebuildOptions,
  connection: Connection,
  projections: readonly AnyProjection[],
): Promise<RebuildReport> {
  try {
    for (const { table } of projections) await createNext(connection, table);
    const applier = bulkApplier(projections, nextOf);
    let point: ReplayPoint = { position: undefined, applied: 0n };
    const follow = async (): Promise<void> => {
      for (let came = FEW; came >= FEW; ) {
        const next = await catchUp(options, connection, applier, point, await connection.run(liveNow));
        came = next.applied - point.applied;
        point = next;
      }
    };
    await follow();
    for (const { table } of projections) await indexNext(connection, table);
    // What came while the indexes were made.
    await follow();
    for (const { table } of projections) await connection.run((sql) => sql`analyze ${sql(nextOf(table))}`);
    const { applied } = await swapWhenFree(options, connection, projections, applier, point);
    return { projections: projections.map(({ name }) => name), events: applied };
  } catch (error) {
    // Tidiness only, and on this connection only: were it broken, the tables might be another rebuild's by now.
    for (const { table } of projections) await connection.run((sql) => dropNext(sql, table)).catch(() => {});
    throw error;
  }
}

/**
 * Folds up to where the live tables are, never beyond: the projector would bring those events once more after the swap. If the process
 * stops here, the tables beside are left over.
 */
async function catchUp(
  options: RebuildOptions,
  connection: Connection,
  applier: BatchApplier,
  from: ReplayPoint,
  live: Applied,
): Promise<ReplayPoint> {
  if (live.position === null) return from;
  const point = await replay(options, from, options.ledger.parsePosition(live.position), async (events, at) => {
    await connection.transaction((sql) => applier.apply(sql, events));
    options.progress?.(at.applied, live.applied);
  });
  if (point.applied !== live.applied)
    throw new RebuildFailed('the ledger and the live tables count events differently');
  return point;
}

/** With the projector held still, the last events and the swap; again and again while somebody keeps a live table from being let go. */
async function swapWhenFree(
  options: RebuildOptions,
  connection: Connection,
  projections: readonly AnyProjection[],
  applier: BatchApplier,
  from: ReplayPoint,
): Promise<ReplayPoint> {
  let point = from;
  for (let attempt = 1; ; attempt++) {
    const lease = await connection.run((sql) => seizeLease(sql, options.owner, SWAP_LEASE_MS));
    try {
      point = await catchUp(options, connection, applier, point, lease);
      await swap(connection, projections, lease);
      return point;
    } catch (error) {
      await connection.run((sql) => releaseLease(sql, lease)).catch(() => {});
      if (!isHeldUp(error)) throw error;
      if (attempt === SWAP_ATTEMPTS) throw new RebuildFailed('a live table was in use all the time', error);
    }
    await new Promise((resolve) => setTimeout(resolve, SWAP_LOCK_MS));
  }
}

async function swap(
  connection: Connection,
  projections: readonly AnyProjection[],
  lease: Lease & Applied,
): Promise<void> {
  await connection.transaction(async (sql) => {
    await sql`select set_config('lock_timeout', ${`${SWAP_LOCK_MS}ms`}, true), set_config('synchronous_commit', 'on', true)`;
    const ours = await sql`
      update projectors set owner = null, epoch = epoch + 1, lease_ends = clock_timestamp()
      where name = 'reads' and owner = ${lease.owner} and epoch = ${lease.epoch} and applied = ${lease.applied}`;
    if (ours.count === 0) throw new RebuildFailed('another process took the lease meanwhile');
    for (const { table } of projections) await swapIn(sql, table);
    await recordVersions(sql, projections);
    // If the process stops before the commit, the old tables serve on and the projector goes on with them once the lease has ended;
    // after it, the new ones do.
  });
}

async function liveNow(sql: Sql): Promise<Applied> {
  const [row] = await sql<Applied[]>`select position, applied from projectors where name = 'reads'`;
  if (row === undefined) throw new Error('the table projectors has lost its row');
  return row;
}

/** Runs when no other rebuild does, on one connection: the lock is its own and goes with it. */
async function alone<T>(ownerSql: Sql, run: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = openConnection(ownerSql, 'hrl rebuild', true);
  try {
    // The server's time-outs are for people who wait; a rebuild may take an hour, and wait as long for another.
    await connection.run(async (sql) => {
      await sql`select set_config('statement_timeout', '0', false), set_config('lock_timeout', '0', false)`;
      // Nothing before the swap must outlive the server: what it loses of the tables beside, the next rebuild makes anew. The swap's own
      // commit is synced, and with it the log of all that went before.
      await sql`select set_config('synchronous_commit', 'off', false)`;
      await sql`select pg_advisory_lock(${LOCK}::bigint)`;
    });
    return await run(connection);
  } finally {
    await connection.end();
  }
}

/** 55P03: somebody holds a table; 40P01: somebody and we waited for each other, and we were sent away. */
function isHeldUp(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === '55P03' || error.code === '40P01');
}
