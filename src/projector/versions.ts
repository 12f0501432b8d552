import type { Sql } from '../postgres/pools.ts';
import type { AnyProjection } from './define.ts';
import { ReadModelsStale } from './faults.ts';

/**
 * The projections whose table was made by another version than theirs, or, in a database that shows events already, by none. Tables
 * that show nothing yet are of any version: theirs is written down here.
 */
export async function staleProjections(
  sql: Sql,
  projections: readonly AnyProjection[],
): Promise<readonly AnyProjection[]> {
  const ours = JSON.stringify(projections.map(({ name, version }) => ({ name, version })));
  await sql`
    insert into projections (name, version)
    select name, version from json_to_recordset(${ours}::text::json) as ours(name text, version integer)
    where (select applied from projectors where projectors.name = 'reads') = 0
    on conflict (name) do nothing`;
  const rows = await sql<{ name: string; version: number }[]>`
    select name, version from projections`;
  const stored = new Map(rows.map(({ name, version }) => [name, version]));
  return projections.filter(({ name, version }) => stored.get(name) !== version);
}

/** @throws ReadModelsStale */
export async function requireVersions(sql: Sql, projections: readonly AnyProjection[]): Promise<void> {
  const stale = await staleProjections(sql, projections);
  if (stale.length > 0) throw new ReadModelsStale(stale.map(({ name }) => name));
}

/** Part of a swap's transaction: from its commit on, the tables are of these versions. */
export async function recordVersions(sql: Sql, projections: readonly AnyProjection[]): Promise<void> {
  for (const { name, version } of projections) {
    await sql`
      insert into projections (name, version) values (${name}, ${version})
      on conflict (name) do update set version = excluded.version`;
  }
}
