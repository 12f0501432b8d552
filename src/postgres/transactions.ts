import { type Connection, openConnection } from './connection.ts';
import type { Sql } from './pools.ts';

/** Transactions of one pool that run at once; more wait for their turn. */
const MAX_AT_ONCE = 4;
/** An idle connection closes itself, so that nobody has to end these. */
const IDLE_SECONDS = 2;

interface Lanes {
  readonly free: Connection[];
  open: number;
  readonly waiting: (() => void)[];
}

const lanesOf = new WeakMap<Sql, Lanes>();

/**
 * One transaction under READ COMMITTED, on a connection that is nobody else's and is thrown away when it breaks: the driver's own
 * `begin` sends its rollback on a connection that has just closed, which ends the process (postgres 3.4.9). All that `work` sends is
 * done, or none of it; when this throws `ConnectionBroken`, or the process stops, either may be the case.
 */
export async function inTransaction<T>(pool: Sql, work: (tx: Sql) => Promise<T>): Promise<T> {
  const lanes = lanesOf.get(pool) ?? { free: [], open: 0, waiting: [] };
  lanesOf.set(pool, lanes);
  const connection = await acquire(pool, lanes);
  try {
    return await connection.transaction(work, 'isolation level read committed');
  } finally {
    if (connection.broken) {
      lanes.open--;
      void connection.end();
    } else lanes.free.push(connection);
    lanes.waiting.shift()?.();
  }
}

async function acquire(pool: Sql, lanes: Lanes): Promise<Connection> {
  for (;;) {
    const free = lanes.free.pop();
    if (free !== undefined && !free.broken) return free;
    if (free !== undefined) {
      lanes.open--;
      void free.end();
      continue;
    }
    if (lanes.open < MAX_AT_ONCE) {
      lanes.open++;
      return openConnection(pool, 'hrl transaction', IDLE_SECONDS);
    }
    await new Promise<void>((resolve) => lanes.waiting.push(resolve));
  }
}
