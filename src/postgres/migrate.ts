import { MigrationFailed } from './faults.ts';
import { type AppliedMigration, type Migration, pendingMigrations, readMigrations, requireAll } from './migrations.ts';
import { assertReachable, openSql, type Sql, type TransactionSql } from './pools.ts';
import { APP_ROLE, ensureAppRole } from './roles.ts';

export interface MigrateOptions {
  /** The owner's URL: its user owns what the migrations create. */
  readonly ownerUrl: string;
  /** The application's URL; its user is made a member of `hrl_app` where it is not. */
  readonly appUrl?: string;
  /** Where the SQL files lie; `schema/migrations` unless told. */
  readonly folder?: string;
  /** Told each name before it is applied. */
  readonly log?: (line: string) => void;
}

export interface MigrateReport {
  /** Names applied by this call, in order. */
  readonly applied: readonly string[];
  /** How many had been applied before. */
  readonly already: number;
}

/** Says "migrations of this ledger" among the advisory locks of a database: the first 8 bytes of SHA-256("hrl/migrate"). */
const LOCK = '5830346026636982936';

/**
 * Brings the database to the state that this code expects. Each file is one transaction, and its row in `schema_migrations`
 * is written in it: if the process stops at any point, whole files stand and the next call goes on with the first that does not.
 * Several processes may call it at once; an advisory lock, held per transaction, orders them.
 * @throws DatabaseUnreachable, MigrationFailed, MigrationChanged, DatabaseNewer, MigrationsInvalid, RoleMissing
 */
export async function migrate(options: MigrateOptions): Promise<MigrateReport> {
  const all = await readMigrations(options.folder);
  const sql = openSql(options.ownerUrl, { max: 1, applicationName: 'hrl migrate', statementTimeout: 0 });
  try {
    await assertReachable(sql);
    await ensureAppRole(sql, options.appUrl === undefined ? undefined : userOf(options.appUrl));
    await ensureRecord(sql);
    const applied: string[] = [];
    for (;;) {
      const name = await applyNext(sql, all, options.log);
      if (name === undefined) return { applied, already: all.length - applied.length };
      applied.push(name);
    }
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/**
 * Asks, as the application may, whether the database is what this code expects.
 * @throws DatabaseUnreachable, DatabaseNotMigrated, DatabaseNewer, MigrationChanged, MigrationsInvalid
 */
export async function assertMigrated(sql: Sql, folder?: string): Promise<void> {
  const all = await readMigrations(folder);
  await assertReachable(sql);
  const [table] = await sql<{ there: boolean }[]>`select to_regclass('schema_migrations') is not null as there`;
  requireAll(all, table?.there ? await readApplied(sql) : []);
}

async function ensureRecord(sql: Sql): Promise<void> {
  const statements = `
    create table if not exists schema_migrations (
      name text primary key,
      sha256 text not null,
      applied_at timestamptz not null default clock_timestamp()
    );
    grant select on schema_migrations to ${APP_ROLE};`;
  await sql.begin(async (tx) => {
    await lock(tx);
    try {
      await tx.unsafe(statements);
    } catch (cause) {
      throw new MigrationFailed('schema_migrations', whyOf(cause, statements), cause);
    }
  });
}

async function applyNext(
  sql: Sql,
  all: readonly Migration[],
  log?: (line: string) => void,
): Promise<string | undefined> {
  return sql.begin(async (tx) => {
    // What was applied is read under the lock: another process may have applied a file since the last look.
    await lock(tx);
    const [next] = pendingMigrations(all, await readApplied(tx));
    if (next === undefined) return undefined;
    log?.(`applying ${next.name}`);
    try {
      await tx.unsafe(next.text).simple();
    } catch (cause) {
      throw new MigrationFailed(next.name, whyOf(cause, next.text), cause);
    }
    await tx`insert into schema_migrations (name, sha256) values (${next.name}, ${next.sha256})`;
    return next.name;
  });
}

async function lock(tx: TransactionSql): Promise<void> {
  // Another migration may run for long; the statements after it wait for a table no longer than elsewhere.
  await tx`set local lock_timeout = '10min'`;
  await tx`select pg_advisory_xact_lock(${LOCK}::bigint)`;
  await tx`set local lock_timeout = '5s'`;
}

async function readApplied(sql: Sql | TransactionSql): Promise<readonly AppliedMigration[]> {
  return sql<AppliedMigration[]>`select name, sha256 from schema_migrations order by name`;
}

/** The server's own message, which speaks of tables and columns, with its code and the line in the file. Never its DETAIL: that quotes rows. */
function whyOf(cause: unknown, text: string): string {
  if (!(cause instanceof Error)) return 'unknown error';
  const code = 'code' in cause && typeof cause.code === 'string' ? ` (${cause.code})` : '';
  const position = 'position' in cause ? Number(cause.position) : Number.NaN;
  const line = position > 0 ? `, line ${[...text].slice(0, position).join('').split('\n').length}` : '';
  return `${cause.message}${code}${line}`;
}

function userOf(url: string): string {
  return decodeURIComponent(new URL(url).username);
}
