import { type Connection, openConnection } from './connection.ts';
import type { Sql } from './pools.ts';

/** Transactions of one pool that run at once; more wait for their turn. */
const MAX_AT_ONCE = 4;
/** A connection that nobody used for so long is closed, so that nobody has to end these. By us: the driver's own timer can close it under a statement. */
const IDLE_MS = 2_000;

interface Idle {
  readonly connection: Connection;
  readonly timer: NodeJS.Timeout;
}

interface Lanes {
  readonly idle: Idle[];
  open: number;
  readonly waiting: (() => void)[];
}

const lanesOf = new WeakMap<Sql, Lanes>();

/**
 * One transaction under READ COMMITTED, whatever the server's defaults are, on a connection that is nobody else's and is thrown away when it breaks: the driver's own
 * `begin` sends its rollback on a connection that has just closed, which ends the process (postgres 3.4.9). All that `work` sends is
 * done, or none of it; when this throws `ConnectionBroken`, or the process stops, either may be the case.
 */
export async function inTransaction<T>(pool: Sql, work: (tx: Sql) => Promise<T>): Promise<T> {
  const lanes = lanesOf.get(pool) ?? { idle: [], open: 0, waiting: [] };
  lanesOf.set(pool, lanes);
  const connection = await acquire(pool, lanes);
  try {
    return await connection.transaction(work, 'isolation level read committed read write');
  } finally {
    if (connection.broken) discard(lanes, connection);
    else {
      const rest: Idle = { connection, timer: setTimeout(() => retire(lanes, rest), IDLE_MS) };
      lanes.idle.push(rest);
    }
    lanes.waiting.shift()?.();
  }
}

async function acquire(pool: Sql, lanes: Lanes): Promise<Connection> {
  for (;;) {
    const rest = lanes.idle.pop();
    if (rest !== undefined) {
      clearTimeout(rest.timer);
      if (!rest.connection.broken) return rest.connection;
      discard(lanes, rest.connection);
    } else if (lanes.open < MAX_AT_ONCE) {
      lanes.open++;
      return openConnection(pool, 'hrl transaction');
    } else await new Promise<void>((resolve) => lanes.waiting.push(resolve));
  }
}

/** Out of the list before it is closed: nobody can be given it any more. */
function retire(lanes: Lanes, rest: Idle): void {
  lanes.idle.splice(lanes.idle.indexOf(rest), 1);
  discard(lanes, rest.connection);
}

function discard(lanes: Lanes, connection: Connection): void {
  lanes.open--;
  void connection.end();
}
