import type { Sql } from '../postgres/pools.ts';
import { canCopy, copyRows } from './copy-rows.ts';
import type { AnyProjection, ProjectedEvent } from './define.ts';
import { evolveRows, type Row, touchedKeys } from './evolve.ts';
import { keysParameter, type RowStore, rowStore } from './row-store.ts';

/**
 * A statement that the batch's writing hangs on: it returns one row, or none, and then nothing is written. Its parameters are the
 * statement's first ones.
 */
export interface Fence {
  readonly text: string;
  readonly parameters: readonly string[];
}

/** Brings the rows of some read models past a batch of events. */
export interface BatchApplier {
  /**
   * One query a table for the rows that the events touch, a fold in memory, and one statement that writes whatever changed in all
   * tables. True when the fence held; false: nothing was written. That statement is atomic by itself, so no transaction is open while
   * this process computes: one that is stopped or killed in between holds no lock, and a broken connection cannot tear a batch apart.
   * The rows are read before it, so the fence must fail if anybody has written them since.
   */
  apply(sql: Sql, events: readonly ProjectedEvent[], fence?: Fence): Promise<boolean>;
}

const NO_FENCE: Fence = { text: 'select true', parameters: [] };

/** For tables that are kept while others read them. */
export function batchApplier(projections: readonly AnyProjection[]): BatchApplier {
  return applier(projections, (table) => table, false);
}

/**
 * For tables beside the live ones, which nobody else sees yet: rows that are new come by COPY, table by table, before the statement that
 * writes the others. All of it in one transaction, which the caller opens.
 */
export function bulkApplier(projections: readonly AnyProjection[], tableOf: (table: string) => string): BatchApplier {
  return applier(projections, tableOf, true);
}

function applier(
  projections: readonly AnyProjection[],
  tableOf: (table: string) => string,
  bulk: boolean,
): BatchApplier {
  const stores = projections.map((projection) => ({
    projection,
    table: tableOf(projection.table),
    store: rowStore(projection, tableOf(projection.table)),
  }));

  return {
    async apply(sql, events, fence = NO_FENCE) {
      const touched = stores.map(({ projection }) => touchedKeys(projection, events));
      // Sent together: one connection works them off in order, without a round trip each.
      const before = await Promise.all(stores.map(({ store }, i) => store.load(sql, touched[i] ?? new Set())));
      const changes = stores.map(({ projection }, i) => evolveRows(projection, before[i] ?? new Map(), events));
      if (bulk) {
        for (const [i, { projection, table }] of stores.entries()) {
          if (!canCopy(projection.columns)) continue;
          const fresh = takeFresh(changes[i] ?? new Map(), before[i] ?? new Map());
          await copyRows(sql, table, projection.columns, fresh);
        }
        if (changes.every((left) => left.size === 0)) return true;
      }
      const { text, parameters } = writeStatement(
        stores.map(({ store }) => store),
        changes,
        fence,
      );
      const written = await sql.unsafe(text, parameters, { prepare: true });
      return written.length > 0;
    },
  };
}

/** Takes the rows out of the changes under whose keys there was none. */
function takeFresh(changes: Map<string, Row | null>, before: ReadonlyMap<string, Row>): Row[] {
  const fresh: Row[] = [];
  for (const [key, row] of changes) {
    if (before.has(key)) continue;
    changes.delete(key);
    if (row !== null) fresh.push(row);
  }
  return fresh;
}

/** Every clause is there in every batch, if only with nothing to do: the server prepares one statement once. */
function writeStatement(
  stores: readonly RowStore[],
  changes: readonly ReadonlyMap<string, Row | null>[],
  fence: Fence,
): { text: string; parameters: string[] } {
  const parameters = [...fence.parameters];
  const clauses = stores.map((store, i) => {
    const rows: Row[] = [];
    const gone: string[] = [];
    for (const [key, row] of changes[i] ?? []) {
      if (row === null) gone.push(key);
      else rows.push(row);
    }
    const n = parameters.push(store.rowsParameter(rows), keysParameter(gone));
    const held = 'exists (select from fence)';
    return `put_${i} as (${store.putClause(n - 1, held)}), gone_${i} as (${store.removeClause(n, held)})`;
  });
  return { text: `with fence as (${fence.text}), ${clauses.join(', ')} select from fence`, parameters };
}
