import postgres from 'postgres';
import { Fault } from '../kernel/fault.ts';
import { patientSocket } from './patient-socket.ts';
import type { Sql } from './pools.ts';
import { wholeRows } from './whole-rows.ts';

/** The connection broke; whether its last statement was done is not known. Nothing is sent on it any more. */
export class ConnectionBroken extends Fault {
  readonly code = 'connection-broken';

  constructor(cause?: unknown) {
    super('the connection to the database broke', { cause, next: 'check the database and its log; it is tried again' });
  }
}

/**
 * One connection for one user, for statements that belong together. A pool is not safe for them: when one of its connections breaks,
 * the driver opens another by itself and statements sent later run there, outside the transaction and without the session's locks;
 * and a statement given to it between a socket's error and its close is never answered. Here, from the break on, everything under way
 * and everything later throws `ConnectionBroken`.
 */
export interface Connection {
  readonly broken: boolean;
  /** `work` uses `sql` only while it runs, and only there. */
  run<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
  /** All that `work` sends is done, or none of it; when this throws `ConnectionBroken`, or the process stops, either may be the case. */
  transaction<T>(
    work: (sql: Sql) => Promise<T>,
    options?: 'isolation level repeatable read' | 'isolation level read committed read write',
  ): Promise<T>;
  /** Closes it; what is held by it (locks, temporary tables) goes. Never throws. */
  end(): Promise<void>;
}

/**
 * To the same server, as the same user as the pool; connects when first used. `unhurried`: its statements may take as long as they
 * like, for what reads or writes whole tables; then a server that falls silent is waited for until its system says that it is gone.
 */
export function openConnection(pool: Sql, applicationName: string, unhurried = false): Connection {
  let broken = false;
  const waiting = new Set<(error: ConnectionBroken) => void>();
  const breakOff = (): void => {
    broken = true;
    for (const reject of waiting) reject(new ConnectionBroken());
  };
  const options = {
    ...pool.options,
    max: 1,
    idle_timeout: null,
    max_lifetime: null,
    fetch_types: false,
    connection: {
      ...pool.options.connection,
      application_name: applicationName,
      ...(unhurried ? { statement_timeout: 0 } : {}),
    },
    ...(unhurried ? { socket: patientSocket(Number.POSITIVE_INFINITY) } : {}),
    onclose: breakOff,
  };
  // The driver takes its own parsed options back (its `listen` does the same); the published type is that of unparsed ones.
  const raw = postgres(options as unknown as postgres.Options<{ bigint: postgres.PostgresType<bigint> }>);
  const whole = <T>(value: T): T => {
    if (broken) throw new ConnectionBroken();
    return value;
  };
  const sql = new Proxy(wholeRows(raw), {
    apply: (target, self, args) => Reflect.apply(whole(target), self, args),
    get: (target, name) => Reflect.get(whole(target), name),
  });

  const run = <T>(work: (sql: Sql) => Promise<T>): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      if (broken) return reject(new ConnectionBroken());
      waiting.add(reject);
      work(sql)
        .catch((error: unknown) => {
          if (!isBreak(error)) throw error;
          // What comes before the driver's own notice of the close must not be sent any more.
          broken = true;
          throw new ConnectionBroken(error);
        })
        .then(resolve, reject)
        .finally(() => waiting.delete(reject));
    });

  return {
    get broken() {
      return broken;
    },
    run,
    transaction: (work, isolation) =>
      run(async () => {
        await sql.unsafe(`begin ${isolation ?? ''}`);
        try {
          const result = await work(sql);
          await sql`commit`;
          return result;
        } catch (error) {
          // On a broken connection the server has rolled back by itself, or will.
          if (!broken) await sql`rollback`.catch(() => {});
          throw error;
        }
      }),
    async end() {
      // What still hangs in a broken one will not be answered.
      const timeout = broken ? 0 : 1;
      breakOff();
      await raw.end({ timeout }).catch(() => {});
    },
  };
}

/** Errors of the socket and of the driver, and those with which the server ends a session. */
function isBreak(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  const severity = 'severity' in error ? error.severity : undefined;
  return severity === 'FATAL' || severity === 'PANIC' || /^(?:E[A-Z]{3,}|CONNECT[A-Z_]+)$/.test(String(error.code));
}
