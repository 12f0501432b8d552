import type { Sql, TransactionSql } from '../postgres/pools.ts';
import { RebuildFailed } from './faults.ts';

/** The table beside a live one. */
export const nextOf = (table: string): string => `${table}__next`;

/** A table beside, by the number that only this very table has. */
export interface NextTable {
  readonly table: string;
  readonly oid: bigint;
}

/**
 * Makes an empty table of the live one's shape, with its indexes and the rights that others have on it; one left by a rebuild that
 * stopped is dropped first. Durable when it resolves; if the process stops here, the live table is as it was and the next rebuild drops this one.
 */
export async function createNext(sql: Sql, table: string): Promise<NextTable> {
  const next = nextOf(table);
  return sql.begin(async (tx) => {
    await tx`drop table if exists ${tx(next)}`;
    await tx`create table ${tx(next)} (like ${tx(table)} including all)`;
    await copyGrants(tx, table, next);
    const [row] = await tx<{ oid: bigint }[]>`select to_regclass(${next})::oid::bigint as oid`;
    if (row === undefined) throw new Error(`${next} was not made`);
    return { table, oid: row.oid };
  });
}

export async function dropNext(sql: Sql, table: string): Promise<void> {
  await sql`drop table if exists ${sql(nextOf(table))}`;
}

/**
 * Sees that the table beside is still the one that we made, and that nobody puts another in its place while the transaction lasts.
 * @throws RebuildFailed when another rebuild has.
 */
export async function holdNext(tx: TransactionSql, { table, oid }: NextTable): Promise<void> {
  const [row] = await tx<{ same: boolean }[]>`
    select coalesce(to_regclass(${nextOf(table)})::oid::bigint = ${oid}, false) as same`;
  if (row?.same === true) await tx`lock table ${tx(nextOf(table))} in row exclusive mode`;
  else throw new RebuildFailed(`another rebuild has put its own table beside ${table}`);
}

/** Part of a transaction: from its commit on, the table beside is the live one, with the index names of the old one. */
export async function swapIn(tx: TransactionSql, table: string): Promise<void> {
  const next = nextOf(table);
  const old = await indexes(tx, table);
  const made = await indexes(tx, next);
  await tx`drop table ${tx(table)}`;
  await tx`alter table ${tx(next)} rename to ${tx(table)}`;
  for (const [shape, name] of made) {
    const wanted = old.get(shape);
    if (wanted === undefined) throw new RebuildFailed(`${table} has changed its indexes during the rebuild`);
    await tx`alter index ${tx(name)} rename to ${tx(wanted)}`;
  }
}

/** Index names by what they index, the name of index and table left out. */
async function indexes(tx: TransactionSql, table: string): Promise<Map<string, string>> {
  const rows = await tx<{ name: string; shape: string }[]>`
    select c.relname as name,
      regexp_replace(pg_get_indexdef(i.indexrelid), ' INDEX .* USING ', ' INDEX USING ') || i.indisprimary::text as shape
    from pg_index i join pg_class c on c.oid = i.indexrelid where i.indrelid = ${table}::regclass`;
  return new Map(rows.map(({ name, shape }) => [shape, name]));
}

async function copyGrants(tx: TransactionSql, from: string, to: string): Promise<void> {
  const grants = await tx<{ statement: string }[]>`
    select format('grant %s on table %I to %s%s', a.privilege_type, ${to}::text,
      case a.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end,
      case when a.is_grantable then ' with grant option' else '' end) as statement
    from pg_class c, aclexplode(c.relacl) a
    where c.oid = ${from}::regclass and a.grantee <> c.relowner`;
  for (const { statement } of grants) await tx.unsafe(statement);
}
