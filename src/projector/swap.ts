import type { Connection } from '../postgres/connection.ts';
import type { Sql } from '../postgres/pools.ts';
import { RebuildFailed } from './faults.ts';

/** The table beside a live one. */
export const nextOf = (table: string): string => `${table}__next`;

/**
 * Makes an empty table of the live one's shape, with its primary key and the rights that others have on it; one left by a rebuild that
 * stopped is dropped first. Its other indexes come when it is full (`indexNext`): one sort costs less than an entry a row. If
 * process or server stop here, the live table is as it was, and the next rebuild drops this one if it is there.
 */
export async function createNext(connection: Connection, table: string): Promise<void> {
  await connection.transaction(async (sql) => {
    await dropNext(sql, table);
    await sql`create table ${sql(nextOf(table))} (like ${sql(table)} including all excluding indexes)`;
    const [key] = await sql<{ definition: string }[]>`
      select pg_get_constraintdef(oid) as definition from pg_constraint where conrelid = ${table}::regclass and contype = 'p'`;
    if (key === undefined) throw new RebuildFailed(`${table} has no primary key`);
    await sql.unsafe(`alter table "${nextOf(table)}" add ${key.definition}`);
    await copyGrants(sql, table, nextOf(table));
  });
}

/** Gives the table beside the indexes of the live one that it lacks. If the process stops in between, the next rebuild drops the table. */
export async function indexNext(connection: Connection, table: string): Promise<void> {
  const [wanted, made] = await connection.run(
    async (sql) => [await indexes(sql, table), await indexes(sql, nextOf(table))] as const,
  );
  for (const [shape, { definition }] of wanted) {
    if (made.has(shape)) continue;
    // A name of the server's choice: the live one's is taken until the swap.
    const statement = definition.replace(/ INDEX .+? ON .+? USING /, ` INDEX ON "${nextOf(table)}" USING `);
    await connection.run((sql) => sql.unsafe(statement));
  }
}

export async function dropNext(sql: Sql, table: string): Promise<void> {
  await sql`drop table if exists ${sql(nextOf(table))}`;
}

/** Part of a transaction: from its commit on, the table beside is the live one, with the index names of the old one. */
export async function swapIn(sql: Sql, table: string): Promise<void> {
  const next = nextOf(table);
  const old = await indexes(sql, table);
  const made = await indexes(sql, next);
  if (old.size !== made.size) throw new RebuildFailed(`${table} has changed its indexes during the rebuild`);
  await sql`drop table ${sql(table)}`;
  await sql`alter table ${sql(next)} rename to ${sql(table)}`;
  for (const [shape, { name }] of made) {
    const wanted = old.get(shape);
    if (wanted === undefined) throw new RebuildFailed(`${table} has changed its indexes during the rebuild`);
    await sql`alter index ${sql(name)} rename to ${sql(wanted.name)}`;
  }
}

interface Index {
  readonly name: string;
  /** The statement that makes it. */
  readonly definition: string;
}

/** Indexes by what they index, the names of index and table left out. */
async function indexes(sql: Sql, table: string): Promise<Map<string, Index>> {
  const rows = await sql<(Index & { shape: string })[]>`
    select c.relname as name, pg_get_indexdef(i.indexrelid) as definition,
      regexp_replace(pg_get_indexdef(i.indexrelid), ' INDEX .* USING ', ' INDEX USING ') || i.indisprimary::text as shape
    from pg_index i join pg_class c on c.oid = i.indexrelid where i.indrelid = ${table}::regclass`;
  return new Map(rows.map(({ shape, ...index }) => [shape, index]));
}

async function copyGrants(sql: Sql, from: string, to: string): Promise<void> {
  const grants = await sql<{ statement: string }[]>`
    select format('grant %s on table %I to %s%s', a.privilege_type, ${to}::text,
      case a.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end,
      case when a.is_grantable then ' with grant option' else '' end) as statement
    from pg_class c, aclexplode(c.relacl) a
    where c.oid = ${from}::regclass and a.grantee <> c.relowner`;
  for (const { statement } of grants) await sql.unsafe(statement);
}
