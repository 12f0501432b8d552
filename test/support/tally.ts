import { bigint, pgTable, text } from 'drizzle-orm/pg-core';
import { CODE_EVENTS } from '../../src/domain/code/events.ts';
import type { Sql } from '../../src/postgres/pools.ts';
import { defineProjection } from '../../src/projector/define.ts';

/**
 * A read model that tells how often each stream's code events were projected: unlike the real ones, it shows an event that came twice.
 */
const tallies = pgTable('tallies', {
  stream: text('stream').primaryKey(),
  count: bigint('count', { mode: 'bigint' }).notNull(),
});

export const tally = (version = 1) =>
  defineProjection({
    name: 'tallies',
    version,
    rows: tallies,
    reads: CODE_EVENTS,
    key: (event) => event.stream,
    evolve: (row, event) => ({ stream: event.stream, count: (row?.count ?? 0n) + 1n }),
  });

export async function createTallies(ownerSql: Sql): Promise<void> {
  await ownerSql`create table tallies (stream text primary key, count bigint not null)`;
  await ownerSql`create index tallies_count_idx on tallies (count)`;
  await ownerSql`grant select, insert, update, delete on tallies to hrl_app`;
}

/** How many events were projected in all. */
export async function tallied(sql: Sql): Promise<number> {
  const [row] = await sql<{ sum: number }[]>`select coalesce(sum(count), 0)::integer as sum from tallies`;
  return row?.sum ?? 0;
}
