import postgres from 'postgres';
import type { Sql } from '../../postgres/pools.ts';
import { wholeRows } from '../../postgres/whole-rows.ts';

/**
 * One connection of one user, for a transaction whose statements are sent without waiting for each other's answers.
 * The driver opens a new connection by itself when one breaks, and statements that still waited in it would then run outside
 * any transaction. So whoever uses a lane looks at `broken` before it believes an answer, and throws a broken lane away.
 */
export interface Lane {
  readonly sql: Sql;
  /** True from the moment at which the connection closed, whatever the driver did afterwards. */
  readonly broken: boolean;
  /** Closes the connection; resolves when it is closed. */
  end(): Promise<void>;
  /** Drops the connection without waiting for it. */
  destroy(): void;
}

/** A lane with the options of a pool: same server, same user, a connection of its own, with settings of its own. It connects when first used. */
export function openLane(pool: Sql, purpose: string, settings: Readonly<Record<string, string>> = {}): Lane {
  let broken = false;
  const options = {
    ...pool.options,
    max: 1,
    // Nothing here needs the server's types, and the question for them must not be in the way of a connection that breaks.
    fetch_types: false,
    // A lane is not closed in the middle of its work.
    idle_timeout: null,
    max_lifetime: null,
    connection: { ...pool.options.connection, ...settings, application_name: `hrl ${purpose}` },
    onclose: () => {
      broken = true;
    },
  };
  // The driver takes its own parsed options back (its `listen` does the same); the published type is that of unparsed ones.
  const raw = postgres(options as unknown as postgres.Options<{ bigint: postgres.PostgresType<bigint> }>);
  const sql = wholeRows(raw);
  return {
    sql,
    get broken() {
      return broken;
    },
    end: async () => {
      broken = true;
      await sql.end({ timeout: 1 });
    },
    destroy: () => {
      broken = true;
      void sql.end({ timeout: 0 }).catch(() => {});
    },
  };
}
