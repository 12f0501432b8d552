import type { TransactionSql } from '../postgres/pools.ts';
import type { AnyProjection, ProjectedEvent } from './define.ts';
import { evolveRows, touchedKeys } from './evolve.ts';
import { type RowStore, rowStore } from './row-store.ts';

/** A read model and where its rows lie: its own table, or one of that shape. */
export interface Target {
  readonly projection: AnyProjection;
  readonly store: RowStore;
}

export function targetsOf(
  projections: readonly AnyProjection[],
  tableOf = (table: string) => table,
): readonly Target[] {
  return projections.map((projection) => ({ projection, store: rowStore(projection, tableOf(projection.table)) }));
}

/**
 * Brings the rows of all targets past these events: one query a table for the rows that they touch, a fold in memory, one or two
 * statements a table to write what changed. Durable when the caller's transaction is.
 */
export async function applyBatch(
  tx: TransactionSql,
  targets: readonly Target[],
  events: readonly ProjectedEvent[],
): Promise<void> {
  const touched = targets.map(({ projection }) => touchedKeys(projection, events));
  // Sent together: one connection works them off in order, without a round trip each.
  const before = await Promise.all(targets.map(({ store }, i) => store.load(tx, touched[i] ?? new Set())));
  const changed = targets.map(({ projection }, i) => evolveRows(projection, before[i] ?? new Map(), events));
  await Promise.all(targets.map(({ store }, i) => store.write(tx, changed[i] ?? new Map())));
}
