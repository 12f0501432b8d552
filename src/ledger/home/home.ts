import { isFault } from '../../kernel/fault.ts';
import { answered, causeOf } from '../../postgres/outage.ts';
import type { Sql } from '../../postgres/pools.ts';
import { LedgerUnavailable } from '../faults.ts';
import type { Ledger, Position } from '../port.ts';
import { type EngineName, LedgerElsewhere, LedgerMoving } from './faults.ts';

/** Where the ledger of a database lives, and whether it is on its way. */
export interface Home {
  readonly engine: EngineName;
  readonly movingTo: EngineName | null;
}

/** Undefined: nothing was ever opened in this database. Throws `LedgerUnavailable`. */
export async function readHome(sql: Sql): Promise<Home | undefined> {
  const [home] = await asked(sql<Home[]>`SELECT engine, moving_to AS "movingTo" FROM ledger_home`);
  return home;
}

/**
 * Makes sure that the ledger of this database lives in this engine, and gives a fresh database its engine when it `claims`. Whoever comes
 * first decides. Without claiming, for who only reads, a ledger that is on its way still lives where it was.
 * Throws `LedgerElsewhere`, `LedgerMoving`, `LedgerUnavailable`.
 */
export async function requireHome(sql: Sql, engine: EngineName, claims: boolean): Promise<void> {
  if (claims) await asked(sql`INSERT INTO ledger_home (engine) VALUES (${engine}) ON CONFLICT DO NOTHING`);
  const home = await readHome(sql);
  if (home === undefined) return;
  if (home.engine !== engine) throw new LedgerElsewhere(home.engine, engine);
  if (claims && home.movingTo !== null) throw new LedgerMoving(engine, home.movingTo);
}

/**
 * Whether the event at a position was written on EventStoreDB, where an append may be overtaken: what was copied keeps the promises of the
 * engine that wrote it. `undefined` for a ledger that always lived on PostgreSQL. Throws `LedgerUnavailable`.
 */
export async function writtenOnEventStore(
  sql: Sql,
  engine: EngineName,
  compare: Ledger['compare'],
): Promise<((position: Position) => boolean) | undefined> {
  const moves = await asked(
    sql<{ from: EngineName; end: Position | null }[]>`
      SELECT from_engine AS "from", CASE WHEN from_engine = ${engine} THEN from_end ELSE to_end END AS end
      FROM ledger_moves ORDER BY number`,
  );
  if (engine === 'postgres' && moves.length === 0) return undefined;
  return (position) => {
    const move = moves.find(({ end }) => end !== null && compare(position, end) <= 0);
    return (move?.from ?? engine) === 'eventstore';
  };
}

async function asked<T>(query: Promise<T>): Promise<T> {
  try {
    return await answered(query);
  } catch (error) {
    throw isFault(error) ? error : new LedgerUnavailable(causeOf(error));
  }
}
