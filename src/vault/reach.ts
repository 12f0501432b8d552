import { ConnectionBroken } from '../postgres/connection.ts';
import { answered, causeOf, isAway } from '../postgres/outage.ts';
import type { Sql } from '../postgres/pools.ts';
import { inTransaction } from '../postgres/transactions.ts';
import { VaultUnavailable } from './faults.ts';

/** Runs statements of the vault; a database that is away becomes `vault-unavailable`, a wrong statement stays the bug that it is. */
export async function reach<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await answered(work());
  } catch (error) {
    if (isAway(error) || error instanceof ConnectionBroken) throw new VaultUnavailable(causeOf(error));
    throw error;
  }
}

/**
 * One transaction that is synced when it resolves, whatever the database's own setting, and that sees what others have committed
 * meanwhile (READ COMMITTED). Stopped before its commit: nothing of it stands. After: all of it, and a repetition finds it done.
 */
export function durably<T>(sql: Sql, work: (tx: Sql) => Promise<T>): Promise<T> {
  return reach(() =>
    inTransaction(sql, async (tx) => {
      await tx`set local synchronous_commit = on`;
      return work(tx);
    }),
  );
}
