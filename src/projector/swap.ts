import type { Connection } from '../postgres/connection.ts';
import type { Sql } from '../postgres/pools.ts';
import { RebuildFailed } from './faults.ts';

/** The table beside a live one. */
export const nextOf = (table: string): string => `${table}__next`;

/**
 * Makes an empty table of the live one's shape, with its indexes and the rights that others have on it; one left by a rebuild that
 * stopped is dropped first. Durable when it resolves; if the process stops here, the live table is as it was and the next rebuild
 * drops this one.
 */
export async function createNext(connection: Connection, table: string): Promise<void> {
  await connection.transaction(async (sql) => {
    await dropNext(sql, table);
    await sql`create table ${sql(nextOf(table))} (like ${sql(table)} including all)`;
    await copyGrants(sql, table, nextOf(table));
  });
}

export async function dropNext(sql: Sql, table: string): Promise<void> {
  await sql`drop table if exists ${sql(nextOf(table))}`;
}

/** Part of a transaction: from its commit on, the table beside is the live one, with the index names of the old one. */
export async function swapIn(sql: Sql, table: string): Promise<void> {
  const next = nextOf(table);
  const old = await indexes(sql, table);
  const made = await indexes(sql, next);
  await sql`drop table ${sql(table)}`;
  await sql`alter table ${sql(next)} rename to ${sql(table)}`;
  for (const [shape, name] of made) {
    const wanted = old.get(shape);
    if (wanted === undefined) throw new RebuildFailed(`${table} has changed its indexes during the rebuild`);
    await sql`alter index ${sql(name)} rename to ${sql(wanted)}`;
  }
}

/** Index names by what they index, the names of index and table left out. */
async function indexes(sql: Sql, table: string): Promise<Map<string, string>> {
  const rows = await sql<{ name: string; shape: string }[]>`
    select c.relname as name,
      regexp_replace(pg_get_indexdef(i.indexrelid), ' INDEX .* USING ', ' INDEX USING ') || i.indisprimary::text as shape
    from pg_index i join pg_class c on c.oid = i.indexrelid where i.indrelid = ${table}::regclass`;
  return new Map(rows.map(({ name, shape }) => [shape, name]));
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
