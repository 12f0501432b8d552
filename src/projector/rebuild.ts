import type { Ledger } from '../ledger/port.ts';
import type { Sql } from '../postgres/pools.ts';
import { applyBatch, targetsOf } from './apply-batch.ts';
import type { AnyProjection } from './define.ts';
import { ReadModelsStale, RebuildFailed } from './faults.ts';
import type { OpenRetained } from './project-events.ts';
import { type ReplayPoint, replay } from './replay.ts';
import { createNext, dropNext, holdNext, type NextTable, nextOf, swapIn } from './swap.ts';
import { recordVersions, staleProjections } from './versions.ts';

export interface RebuildOptions {
  /** A pool of the tables' owner with two connections or more: the application may not change tables. */
  readonly ownerSql: Sql;
  readonly ledger: Ledger;
  readonly openRetained: OpenRetained;
  readonly projections: readonly AnyProjection[];
  /** Told after each batch: events folded, and how many the live tables show. */
  readonly progress?: (done: bigint, of: bigint) => void;
}

export interface RebuildReport {
  /** The names of what was rebuilt, in order. */
  readonly projections: readonly string[];
  /** Events that the new tables show. */
  readonly events: bigint;
}

/** Says "rebuild" among the advisory locks of a database: the first 8 bytes of SHA-256("hrl/rebuild"), as a signed number. */
const LOCK = '-6028133132270907989';
/** So many events may be left for the swap's own transaction, which holds the projector still. */
const FEW = 500n;
/** How often the swap is tried while somebody holds on to a live table, and for how long each time. */
const SWAP_ATTEMPTS = 30;
const SWAP_LOCK_MS = 1_000;

/**
 * Folds the whole ledger anew into tables beside the live ones, catches up with the projector, and swaps them in one transaction. The
 * live tables serve and are written all the while; whoever projects is put out by the swap and takes its lease anew, so that code of
 * another version cannot go on writing into the new tables. Two rebuilds come one after the other.
 * @throws ProjectorStopped, RebuildFailed; the live tables are then as they were.
 */
export async function rebuild(options: RebuildOptions): Promise<RebuildReport> {
  return alone(options.ownerSql, () => rebuildNow(options, options.projections));
}

/**
 * Before serving: rebuilds every projection whose table another version has made. Without an owner's pool it only looks.
 * @throws ReadModelsStale when something is to be rebuilt and there is no owner's pool.
 */
export async function ensureVersions(
  options: Omit<RebuildOptions, 'ownerSql'> & { readonly sql: Sql; readonly ownerSql?: Sql },
): Promise<RebuildReport> {
  const { sql, ownerSql, projections } = options;
  const stale = await staleProjections(sql, projections);
  if (stale.length === 0) return { projections: [], events: 0n };
  if (ownerSql === undefined) throw new ReadModelsStale(stale.map(({ name }) => name));
  return alone(ownerSql, async () => {
    // Another process may have rebuilt them while this one waited for its turn.
    const still = await staleProjections(ownerSql, projections);
    return still.length === 0 ? { projections: [], events: 0n } : rebuildNow({ ...options, ownerSql }, still);
  });
}

async function rebuildNow(options: RebuildOptions, projections: readonly AnyProjection[]): Promise<RebuildReport> {
  const { ownerSql } = options;
  try {
    const tables: NextTable[] = [];
    for (const { table } of projections) tables.push(await createNext(ownerSql, table));
    return await fillAndSwap(options, projections, tables);
  } catch (error) {
    // Tidiness only: what is left over when this fails too, the next rebuild drops.
    for (const { table } of projections) await dropNext(ownerSql, table).catch(() => {});
    throw error;
  }
}

async function fillAndSwap(
  options: RebuildOptions,
  projections: readonly AnyProjection[],
  tables: readonly NextTable[],
): Promise<RebuildReport> {
  const { ownerSql } = options;
  let point: ReplayPoint = { position: undefined, applied: 0n };
  // Never beyond the live tables: the projector would bring those events once more, after the swap.
  for (let missed = FEW; missed >= FEW; ) {
    const before = point.applied;
    point = await catchUp(options, projections, tables, point);
    missed = point.applied - before;
  }
  for (const { table } of projections) await ownerSql`analyze ${ownerSql(nextOf(table))}`;
  for (let attempt = 1; ; attempt++) {
    try {
      const events = await swap(options, projections, tables, point);
      return { projections: projections.map(({ name }) => name), events };
    } catch (error) {
      if (!isLockTimeout(error)) throw error;
      if (attempt === SWAP_ATTEMPTS) throw new RebuildFailed('a live table was held by others all the time', error);
    }
  }
}

/** Folds up to where the live tables are now. Each batch is a transaction; if the process stops, the tables beside are left over. */
async function catchUp(
  options: RebuildOptions,
  projections: readonly AnyProjection[],
  tables: readonly NextTable[],
  from: ReplayPoint,
): Promise<ReplayPoint> {
  const { ownerSql, ledger, progress } = options;
  const live = await livePoint(ownerSql);
  if (live.position === null) return from;
  const targets = targetsOf(projections, nextOf);
  return replay(options, from, ledger.parsePosition(live.position), async (events, point) => {
    await ownerSql.begin(async (tx) => {
      for (const table of tables) await holdNext(tx, table);
      await applyBatch(tx, targets, events);
    });
    progress?.(point.applied, live.applied);
  });
}

/** The last events and the swap in one transaction, with the projector held still: the new tables show exactly what the old ones do. */
async function swap(
  options: RebuildOptions,
  projections: readonly AnyProjection[],
  tables: readonly NextTable[],
  from: ReplayPoint,
): Promise<bigint> {
  const { ownerSql, ledger, progress } = options;
  return ownerSql.begin(async (tx) => {
    await tx`select set_config('lock_timeout', ${`${SWAP_LOCK_MS}ms`}, true)`;
    // Whoever projects finishes its batch first, and finds itself put out afterwards. The row stays ours until the commit.
    const [live] = await tx<{ position: string | null; applied: bigint }[]>`
      update projectors set owner = null, epoch = epoch + 1, lease_ends = clock_timestamp()
      where name = 'reads' returning position, applied`;
    for (const table of tables) await holdNext(tx, table);
    if (live?.position != null) {
      const targets = targetsOf(projections, nextOf);
      const point = await replay(options, from, ledger.parsePosition(live.position), async (events) =>
        applyBatch(tx, targets, events),
      );
      if (point.applied !== live.applied)
        throw new RebuildFailed('the ledger and the live tables count events differently');
      progress?.(point.applied, live.applied);
    }
    for (const { table } of projections) await swapIn(tx, table);
    await recordVersions(tx, projections);
    // If the process stops before the commit, the old tables serve on and the projector goes on with them; after it, the new ones do.
    return live?.applied ?? 0n;
  });
}

async function livePoint(sql: Sql): Promise<{ position: string | null; applied: bigint }> {
  const [row] = await sql<{ position: string | null; applied: bigint }[]>`
    select position, applied from projectors where name = 'reads'`;
  return row ?? { position: null, applied: 0n };
}

/** Runs when no other rebuild does. The lock is the connection's: it goes with the process. */
async function alone<T>(ownerSql: Sql, run: () => Promise<T>): Promise<T> {
  const held = await ownerSql.reserve();
  try {
    await held`select set_config('lock_timeout', '0', false), set_config('statement_timeout', '0', false)`;
    await held`select pg_advisory_lock(${LOCK}::bigint)`;
    try {
      return await run();
    } finally {
      await held`select pg_advisory_unlock(${LOCK}::bigint)`;
      await held`reset lock_timeout`;
      await held`reset statement_timeout`;
    }
  } finally {
    held.release();
  }
}

function isLockTimeout(error: unknown): boolean {
  // 55P03: somebody held the table; 40P01: we and somebody waited for each other.
  return error instanceof Error && 'code' in error && (error.code === '55P03' || error.code === '40P01');
}
