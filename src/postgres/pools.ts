import postgres from 'postgres';
import { ARRAY_TYPES } from './array-types.ts';
import { DatabaseNotDurable, DatabaseUnreachable } from './faults.ts';
import { STATEMENT_MS, silenceMs } from './outage.ts';
import { patientSocket } from './patient-socket.ts';
import { wholeRows } from './whole-rows.ts';

/** A pool of connections. `int8` is a bigint both ways, `bytea` is a Buffer. */
export type Sql = postgres.Sql<{ bigint: bigint }>;
/** One connection inside `sql.begin`. */
export type TransactionSql = postgres.TransactionSql<{ bigint: bigint }>;

export interface PoolOptions {
  /** Connections at most, 1 to 16: more only queue inside the server. */
  readonly max: number;
  /** Shown in `pg_stat_activity`; says which part of which process holds a connection. */
  readonly applicationName: string;
  /** Milliseconds after which the server gives a statement up; `STATEMENT_MS` unless told, 0 for never. */
  readonly statementTimeout?: number;
}

/**
 * Opens a pool; it connects when first used, and again by itself after the server came back. A query whose connection broke
 * rejects and is never repeated by the pool: whether it was committed is the caller's question.
 * Raw SQL gets a pool of its own: `drizzle({ client })` rewrites the parsers of the client that it is given.
 */
export function openSql(url: string, options: PoolOptions): Sql {
  if (!Number.isInteger(options.max) || options.max < 1 || options.max > 16) {
    throw new RangeError('a pool has 1 to 16 connections');
  }
  const { statementTimeout = STATEMENT_MS } = options;
  const settings = {
    max: options.max,
    connect_timeout: 10,
    // Seconds between attempts to connect. The driver's own go up to 20, long after an embedded server is back.
    backoff: (attempt: number) => Math.min(0.02 * 2 ** attempt, 1),
    onnotice: () => {},
    // A server that owes an answer and does not even say that it gave the statement up is not there any more.
    socket: patientSocket(statementTimeout === 0 ? Number.POSITIVE_INFINITY : silenceMs(statementTimeout)),
    // The driver's own question for array types ends the process when its connection breaks: those that we use are told here.
    // Without it `reserve()` hangs (postgres 3.4.9); statements that belong together take `openConnection` or `inTransaction`.
    fetch_types: false,
    types: { bigint: postgres.BigInt, ...ARRAY_TYPES } as unknown as { bigint: postgres.PostgresType<bigint> },
    connection: {
      application_name: options.applicationName,
      idle_in_transaction_session_timeout: 5_000,
      lock_timeout: 5_000,
      statement_timeout: statementTimeout,
    },
  };
  return wholeRows(postgres<{ bigint: postgres.PostgresType<bigint> }>(url, settings));
}

/**
 * Waits for a connection.
 * @throws DatabaseUnreachable with the reason as a code: of the system (ECONNREFUSED) or of the server (28P01: wrong password).
 */
export async function assertReachable(sql: Sql): Promise<void> {
  try {
    await sql`select 1`;
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'no reason given';
    throw new DatabaseUnreachable(code, cause);
  }
}

/**
 * Asks the server whether a commit that it acknowledges outlives a crash.
 * @throws DatabaseNotDurable when fsync or full_page_writes is off.
 */
export async function assertDurable(sql: Sql): Promise<void> {
  const rows = await sql<{ name: string }[]>`
    select name from pg_settings where name in ('fsync', 'full_page_writes') and setting <> 'on' order by name`;
  if (rows.length > 0) throw new DatabaseNotDurable(rows.map((row) => row.name));
}

/** How the user of this pool stands above the rules of the tables: by owning them, by being superuser, or not at all. */
export type Privilege = 'superuser' | 'owner' | 'none';

/**
 * Calls `warn` when the application runs as a role that could rewrite the ledger's rows or switch its triggers off.
 * Resolves to what it found. Works before the first migration too (there is nothing to own yet).
 */
export async function warnIfOwner(sql: Sql, warn: (message: string) => void): Promise<Privilege> {
  const [row] = await sql<{ superuser: boolean; owner: boolean }[]>`
    select rolsuper as superuser, exists (
      select from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
        and pg_has_role(current_user, c.relowner, 'USAGE')) as owner
    from pg_roles where rolname = current_user`;
  const found: Privilege = row?.superuser ? 'superuser' : row?.owner ? 'owner' : 'none';
  if (found !== 'none') {
    const who = found === 'owner' ? 'the owner of the tables' : 'a superuser';
    warn(
      `DATABASE_URL is ${who}: whoever takes over this process can rewrite rows. ` +
        'Give a user that is only a member of hrl_app as DATABASE_URL, and the owner as DATABASE_OWNER_URL.',
    );
  }
  return found;
}
