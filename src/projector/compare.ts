import type { Ledger } from '../ledger/port.ts';
import type { Sql, TransactionSql } from '../postgres/pools.ts';
import { applyBatch, targetsOf } from './apply-batch.ts';
import type { AnyProjection } from './define.ts';
import type { OpenRetained } from './project-events.ts';
import { replay } from './replay.ts';

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
 * differ: empty when all is well. Everything is read as of one instant; the projector may go on meanwhile.
 * @throws ProjectorStopped naming the first event that cannot be projected, and what the driver throws.
 */
export async function compareWithRebuild(options: CompareOptions): Promise<TableDifference[]> {
  const { sql, ledger, projections, progress } = options;
  return sql.begin('isolation level repeatable read', async (tx) => {
    await tx`set local statement_timeout = 0`;
    await tx`set local idle_in_transaction_session_timeout = 0`;
    // Before the snapshot is taken: a table that a rebuild swaps in after it would look empty to it.
    for (const { table } of projections) await tx`lock table ${tx(table)} in access share mode`;
    const [live] = await tx<{ position: string | null; applied: bigint }[]>`
      select position, applied from projectors where name = 'reads'`;
    for (const { table } of projections) {
      await tx`create temporary table ${tx(checkOf(table))} (like ${tx(table)} including indexes) on commit drop`;
    }
    if (live?.position != null) {
      const targets = targetsOf(projections, checkOf);
      const start = { position: undefined, applied: 0n };
      await replay(options, start, ledger.parsePosition(live.position), async (events, point) => {
        await applyBatch(tx, targets, events);
        progress?.(point.applied, live.applied);
      });
    }
    const compared: TableDifference[] = [];
    for (const projection of projections) compared.push(await compareTable(tx, projection));
    return compared.filter(({ missing, extra, different }) => missing + extra + different > 0);
  });
}

async function compareTable(tx: TransactionSql, { table, keyColumn }: AnyProjection): Promise<TableDifference> {
  const [row] = await tx<{ missing: number; extra: number; different: number; examples: string[] | null }[]>`
    with wanted as (
      select ${tx(keyColumn)}::text as key from (select * from ${tx(checkOf(table))} except select * from ${tx(table)}) as w
    ),
    found as (
      select ${tx(keyColumn)}::text as key from (select * from ${tx(table)} except select * from ${tx(checkOf(table))}) as f
    )
    select count(*) filter (where found.key is null)::integer as missing,
      count(*) filter (where wanted.key is null)::integer as extra,
      count(*) filter (where found.key = wanted.key)::integer as different,
      (array_agg(coalesce(wanted.key, found.key) order by coalesce(wanted.key, found.key)))[1:5] as examples
    from wanted full join found on found.key = wanted.key`;
  const { missing = 0, extra = 0, different = 0, examples = null } = row ?? {};
  return { table, missing, extra, different, examples: examples ?? [] };
}
