import type { Ledger } from '../ledger/port.ts';
import { openConnection } from '../postgres/connection.ts';
import type { Sql } from '../postgres/pools.ts';
import { bulkApplier } from './apply-batch.ts';
import type { AnyProjection } from './define.ts';
import type { OpenRetained } from './project-events.ts';
import { type ReplayPoint, replay } from './replay.ts';

/** What one live table has that a rebuild has not, and the other way round. */
export interface TableDifference {
  readonly table: string;
  /** Rows that a rebuild has under a key that the live table has not. */
  readonly missing: number;
  /** Rows of the live table under a key that a rebuild has not. */
  readonly extra: number;
  /** Keys whose rows differ. */
  readonly different: number;
  /** Some of those keys: labels and ids, nothing personal. */
  readonly examples: readonly string[];
}

export interface CompareOptions {
  /** As the application: the tables made here are temporary and the connection's own. */
  readonly sql: Sql;
  readonly ledger: Ledger;
  readonly openRetained: OpenRetained;
  readonly projections: readonly AnyProjection[];
  readonly progress?: (done: bigint, of: bigint) => void;
}

const checkOf = (table: string): string => `${table}__check`;

/**
 * Folds the ledger anew up to the position that the read tables are at, and compares row by row, both ways. Answers the tables that
 * differ, `projectors` among them when it names no place in the ledger: empty when all is well. Everything is read as of one instant; the projector may go on meanwhile.
 * @throws ProjectorStopped naming the first event that cannot be projected, and what the driver throws.
 */
export async function compareWithRebuild(options: CompareOptions): Promise<TableDifference[]> {
  const connection = openConnection(options.sql, 'hrl fsck', true);
  try {
    return await connection.transaction((sql) => compareAll(options, sql), 'isolation level repeatable read');
  } finally {
    await connection.end();
  }
}

async function compareAll(options: CompareOptions, sql: Sql): Promise<TableDifference[]> {
  const { ledger, projections, progress } = options;
  await sql`set local idle_in_transaction_session_timeout = 0`;
  // Before the snapshot is taken: a table that a rebuild swaps in after it would look empty to it.
  for (const { table } of projections) await sql`lock table ${sql(table)} in access share mode`;
  const [live] = await sql<{ position: string | null; applied: bigint }[]>`
    select position, applied from projectors where name = 'reads'`;
  for (const { table } of projections) {
    await sql`create temporary table ${sql(checkOf(table))} (like ${sql(table)} including indexes) on commit drop`;
  }
  let reached: ReplayPoint = { position: undefined, applied: 0n };
  if (live?.position != null) {
    const applier = bulkApplier(projections, checkOf);
    reached = await replay(options, reached, ledger.parsePosition(live.position), async (events, point) => {
      await applier.apply(sql, events);
      progress?.(point.applied, live.applied);
    });
  }
  const compared: TableDifference[] = [];
  for (const projection of projections) compared.push(await compareTable(sql, projection));
  // Where the tables say that they stand, there is an event with so many before it: else the projector would pass events by, or wait for ever.
  if ((live?.position ?? undefined) !== reached.position || live?.applied !== reached.applied)
    compared.push({ table: 'projectors', missing: 0, extra: 0, different: 1, examples: ['reads'] });
  return compared.filter(({ missing, extra, different }) => missing + extra + different > 0);
}

async function compareTable(sql: Sql, { table, keyColumn }: AnyProjection): Promise<TableDifference> {
  const [row] = await sql<{ missing: number; extra: number; different: number; examples: string[] | null }[]>`
    with wanted as (
      select ${sql(keyColumn)}::text as key from (select * from ${sql(checkOf(table))} except select * from ${sql(table)}) as w
    ),
    found as (
      select ${sql(keyColumn)}::text as key from (select * from ${sql(table)} except select * from ${sql(checkOf(table))}) as f
    )
    select count(*) filter (where found.key is null)::integer as missing,
      count(*) filter (where wanted.key is null)::integer as extra,
      count(*) filter (where found.key = wanted.key)::integer as different,
      to_json((array_agg(coalesce(wanted.key, found.key) order by coalesce(wanted.key, found.key)))[1:5]) as examples
    from wanted full join found on found.key = wanted.key`;
  const { missing = 0, extra = 0, different = 0, examples = null } = row ?? {};
  return { table, missing, extra, different, examples: examples ?? [] };
}
