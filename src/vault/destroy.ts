import type { RetentionClass } from '../kernel/event.ts';
import type { StreamName } from '../kernel/id.ts';
import { internalsOf } from './internals.ts';
import type { Vault } from './port.ts';
import { durably } from './reach.ts';

/**
 * Destroys all keys of a stream; its contents and snapshots end with them. The rows stay as tombstones, and the database refuses to
 * give a tombstone a key again. Whoever calls this has the order for it in the ledger already.
 * Stopped before it resolves: all keys stand, or none. Doing it again changes nothing.
 */
export async function destroyStreamKeys(vault: Vault, stream: StreamName): Promise<void> {
  const { sql, streams } = internalsOf(vault);
  await durably(
    sql,
    (tx) => tx`
      update vault.stream_keys set wrapped = null, destroyed = clock_timestamp()
      where stream = ${stream} and wrapped is not null`,
  );
  streams.forget(stream);
}

/**
 * Destroys the key of a retention class and year: every retained part of that period answers 'expired' from now on (in other processes
 * within 60 s). `ledger.retention-ended` has been appended before. All or none; doing it again changes nothing.
 */
export async function destroyPeriodKeys(vault: Vault, retention: RetentionClass, year: number): Promise<void> {
  const { sql, periods } = internalsOf(vault);
  await durably(
    sql,
    (tx) => tx`
      update vault.period_keys set wrapped = null, destroyed = clock_timestamp()
      where retention = ${retention} and year = ${year} and wrapped is not null`,
  );
  periods.forget(retention, year);
}
