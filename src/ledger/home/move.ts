import type { Bytes } from '../../kernel/bytes.ts';
import { isFault } from '../../kernel/fault.ts';
import type { Connection } from '../../postgres/connection.ts';
import { causeOf } from '../../postgres/outage.ts';
import type { Sql } from '../../postgres/pools.ts';
import { APP_ROLE } from '../../postgres/roles.ts';
import { LedgerUnavailable } from '../faults.ts';
import type { Position } from '../port.ts';
import {
  CopyRunning,
  type EngineName,
  LedgerAbsent,
  LedgerElsewhere,
  LedgerMoving,
  NothingMoves,
  SourceWritable,
} from './faults.ts';
import type { Home } from './home.ts';

/** What an engine inserts into before anything of an append stands. */
const DOOR: { readonly [E in EngineName]: string } = { postgres: 'events', eventstore: 'requests' };

/** All functions here throw `LedgerUnavailable` too, and `ConnectionBroken`. */
export interface Move {
  readonly from: EngineName;
  readonly to: EngineName;
}

/** Says "moves the ledger of this database" among its advisory locks: the first 8 bytes of SHA-256("hrl/copy-ledger"). */
const LOCK = '-5537020985209071521';

/** One process at a time moves a ledger; the lock goes with the connection. Throws `CopyRunning`. */
export async function lockMoves(owner: Connection): Promise<void> {
  const [row] = await ask(owner, (sql) => sql<{ got: boolean }[]>`SELECT pg_try_advisory_lock(${LOCK}::bigint) AS got`);
  if (row?.got !== true) throw new CopyRunning();
}

/**
 * From here on nobody appends: the application loses the right to, for every process, and no append is under way in Postgres when this
 * resolves. A process that appended through an EventStoreDB server may still be waiting for an answer of that: `stillForMs` tells for how
 * long no such append can have been begun. Goes on with a move that was begun before.
 * Throws `LedgerAbsent`, `LedgerElsewhere`, `LedgerMoving` (elsewhere), `SourceWritable`.
 */
export function beginMove(owner: Connection, { from, to }: Move, appUser: string): Promise<void> {
  return inOne(owner, async (tx) => {
    // Whoever holds the row is a group that will commit; whoever waits for it behind us finds its right gone. Likewise for the table.
    await tx`SELECT position FROM ledger_head WHERE single FOR UPDATE`;
    await tx`LOCK TABLE requests IN SHARE ROW EXCLUSIVE MODE`;
    const home = await lockedHome(tx);
    if (home.engine !== from) throw new LedgerElsewhere(home.engine, from);
    if (home.movingTo !== null && home.movingTo !== to) throw new LedgerMoving(from, home.movingTo);
    await tx`UPDATE ledger_home SET moving_to = ${to}, since = coalesce(since, clock_timestamp())`;
    for (const table of Object.values(DOOR)) await tx.unsafe(`REVOKE INSERT ON ${table} FROM ${APP_ROLE}`);
    const [right] = await tx<{ stays: boolean }[]>`
      SELECT has_table_privilege(${appUser}::name, ${DOOR[from]}::text, 'INSERT') AS stays`;
    if (right?.stays === true) throw new SourceWritable(DOOR[from]);
    // Stopped here: nothing was changed. Behind the commit: nobody appends, and no start is let in, until the move is finished or given up.
  });
}

/** Milliseconds since nobody can have begun an append, by the database's clock. */
export async function stillForMs(owner: Connection): Promise<number> {
  const [row] = await ask(
    owner,
    (sql) => sql<{ ms: number }[]>`
      SELECT extract(epoch FROM clock_timestamp() - since)::float8 * 1000 AS ms FROM ledger_home`,
  );
  return row?.ms ?? 0;
}

/** How many ids stand in `requests`: about as many as the server has events, which it does not count. */
export async function claimedIds(owner: Connection): Promise<bigint> {
  const [row] = await ask(owner, (sql) => sql<{ count: bigint }[]>`SELECT count(*) FROM requests`);
  return row?.count ?? 0n;
}

/** Whether ids stand in `requests` that no event bears, once everything has been copied to Postgres: an append of them may be under way. */
export async function isAnyUnsettled(owner: Connection): Promise<boolean> {
  const [row] = await ask(
    owner,
    (sql) => sql<{ any: boolean }[]>`
      SELECT EXISTS (SELECT FROM requests AS r WHERE NOT EXISTS (SELECT FROM events AS e WHERE e.id = r.id)) AS any`,
  );
  return row?.any === true;
}

/** The move is given up: the source may be appended to again. What was copied stays, for another time. Throws `LedgerAbsent`, `NothingMoves`. */
export function abortMove(owner: Connection): Promise<EngineName> {
  return inOne(owner, async (tx) => {
    const { engine, movingTo } = await lockedHome(tx);
    if (movingTo === null) throw new NothingMoves(engine);
    await tx`UPDATE ledger_home SET moving_to = NULL, since = NULL`;
    await tx.unsafe(`GRANT INSERT ON ${DOOR[engine]} TO ${APP_ROLE}`);
    return engine;
  });
}

/** How many events the read tables show. */
export async function shownEvents(owner: Connection): Promise<bigint> {
  const [row] = await ask(
    owner,
    (sql) => sql<{ applied: bigint }[]>`SELECT applied FROM projectors WHERE name = 'reads'`,
  );
  return row?.applied ?? 0n;
}

/** What was found when source and target had been compared to their ends. */
export interface Moved {
  readonly size: bigint;
  readonly root: Bytes;
  /** Where the last event stands; undefined when there is none. */
  readonly fromEnd: Position | undefined;
  readonly toEnd: Position | undefined;
  /** Where the target has the last event that the read tables show, and the how-manieth that is. */
  readonly shown: bigint;
  readonly shownAt: Position | undefined;
}

/**
 * The ledger lives in the target from here on, and may be appended to again. The read tables stay as they are: they show as many events as
 * before, and only the name of the last one's place is another. False, and nothing done, when they have gone on meanwhile.
 * Throws `LedgerAbsent`, `LedgerElsewhere`, `NothingMoves`.
 */
export function finishMove(owner: Connection, { from, to }: Move, moved: Moved): Promise<boolean> {
  return inOne(owner, async (tx) => {
    const home = await lockedHome(tx);
    if (home.engine !== from) throw new LedgerElsewhere(home.engine, from);
    if (home.movingTo !== to) throw new NothingMoves(from);
    // Whoever projects from the source finds its lease lost, and then a position that it cannot read.
    const shown = await tx`
      UPDATE projectors SET position = ${moved.shownAt ?? null}, owner = NULL, epoch = epoch + 1, lease_ends = clock_timestamp()
      WHERE name = 'reads' AND applied = ${moved.shown.toString()}::bigint RETURNING 1`;
    if (shown.length === 0) return false;
    // Snapshots name places too. They are made again.
    await tx`TRUNCATE vault.snapshots`;
    await tx`
      INSERT INTO ledger_moves (number, from_engine, to_engine, size, root, from_end, to_end)
      SELECT count(*) + 1, ${from}::text, ${to}::text, ${moved.size.toString()}::bigint, ${moved.root}::bytea,
        ${moved.fromEnd ?? null}::text, ${moved.toEnd ?? null}::text FROM ledger_moves`;
    await tx`UPDATE ledger_home SET engine = ${to}, moving_to = NULL, since = NULL`;
    await tx.unsafe(`GRANT INSERT ON ${DOOR[to]} TO ${APP_ROLE}`);
    // Stopped here: the ledger is on its way still, and copying again finishes. Behind the commit: it lives in the target.
    return true;
  });
}

/** The last move that was finished. */
export async function lastMove(owner: Connection): Promise<(Move & Pick<Moved, 'size' | 'root'>) | undefined> {
  const [row] = await ask(
    owner,
    (sql) => sql<(Move & { size: bigint; root: Uint8Array })[]>`
      SELECT from_engine AS "from", to_engine AS "to", size, root FROM ledger_moves ORDER BY number DESC LIMIT 1`,
  );
  return row && { ...row, root: new Uint8Array(row.root) };
}

async function lockedHome(tx: Sql): Promise<Home> {
  const [home] = await tx<Home[]>`SELECT engine, moving_to AS "movingTo" FROM ledger_home FOR UPDATE`;
  if (home === undefined) throw new LedgerAbsent();
  return home;
}

const inOne = <T>(owner: Connection, work: (tx: Sql) => Promise<T>): Promise<T> =>
  asked(owner.transaction(work, 'isolation level read committed read write'));

const ask = <T>(owner: Connection, query: (sql: Sql) => Promise<T>): Promise<T> => asked(owner.run(query));

async function asked<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw isFault(error) ? error : new LedgerUnavailable(causeOf(error));
  }
}
