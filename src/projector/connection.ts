import postgres from 'postgres';
import { Fault } from '../kernel/fault.ts';
import type { Sql } from '../postgres/pools.ts';

/** The connection broke; whether its last statement was done is not known. Nothing is sent on it any more. */
export class ConnectionBroken extends Fault {
  readonly code = 'connection-broken';

  constructor() {
    super('the connection to the database broke', { next: 'check the database and its log; it is tried again' });
  }
}

/**
 * One connection for one user. A pool is not safe for work of several statements that belong together: when a connection breaks, the
 * driver opens another by itself, and statements sent later run there, outside the transaction and without the session's locks.
 * Here they throw `ConnectionBroken`, from the moment of the break on.
 */
export interface Connection {
  readonly sql: Sql;
  /** All that `run` sends is done, or none of it; if the process stops before this resolves, either may be the case. */
  transaction<T>(run: () => Promise<T>, options?: 'isolation level repeatable read'): Promise<T>;
  /** Closes it; what is held by it (locks, temporary tables) goes. Never throws. */
  end(): Promise<void>;
}

/** To the same server, as the same user as the pool; connects when first used. */
export function openConnection(pool: Sql, applicationName: string): Connection {
  let broken = false;
  const options = {
    ...pool.options,
    max: 1,
    idle_timeout: null,
    max_lifetime: null,
    connection: { ...pool.options.connection, application_name: applicationName },
    onclose: () => {
      broken = true;
    },
  };
  // The driver takes its own parsed options back (its `listen` does the same); the published type is that of unparsed ones.
  const raw = postgres(options as unknown as postgres.Options<{ bigint: postgres.PostgresType<bigint> }>);
  const whole = (): void => {
    if (broken) throw new ConnectionBroken();
  };
  const sql = new Proxy(raw, {
    apply: (target, self, args) => {
      whole();
      return Reflect.apply(target, self, args);
    },
    get: (target, name) => {
      whole();
      return Reflect.get(target, name);
    },
  });
  return {
    sql,
    async transaction(run, isolation) {
      await sql.unsafe(`begin ${isolation ?? ''}`);
      try {
        const result = await run();
        await sql`commit`;
        return result;
      } catch (error) {
        // On a broken connection the server has rolled back by itself, or will.
        if (!broken) await sql`rollback`.catch(() => {});
        throw error;
      }
    },
    async end() {
      broken = true;
      await raw.end({ timeout: 1 }).catch(() => {});
    },
  };
}
