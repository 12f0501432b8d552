import type { Position } from '../ledger/port.ts';
import type { Sql } from '../postgres/pools.ts';
import type { Fence } from './apply-batch.ts';
import { LeaseLost } from './faults.ts';

/**
 * One process projects. Why a lease in a row, and not a session's advisory lock: the lock of a process that is stopped (SIGSTOP, a
 * frozen machine, a half-open connection) is held for as long as its connection lasts, and nobody projects; a lease ends by itself.
 * Its weakness, an owner that wakes up after its end and goes on, is met by the epoch: whoever takes over raises it, and each batch
 * names its epoch and the count of events that it follows on, in the statement that writes the rows. Ends are by the database's
 * clock only, so no process's clock matters; were it to jump, two may take turns, and still none writes on the other's rows.
 */
export interface Lease {
  readonly owner: string;
  readonly epoch: bigint;
}

/** Where the read tables stand: the last applied event's position as printed, and how many events they show. */
export interface Applied {
  readonly position: string | null;
  readonly applied: bigint;
}

/** Raised by every statement that moves the position; the payload is the position as printed. */
export const APPLIED_CHANNEL = 'hrl_applied';

/**
 * Takes the lease if it has ended, or is this owner's own. `undefined`: somebody else's is live. Durable when it resolves; if the
 * process stops here, the lease ends by itself.
 */
export async function takeLease(sql: Sql, owner: string, leaseMs: number): Promise<(Lease & Applied) | undefined> {
  // Were another to take it at this moment, this waits for its row lock and then judges the row as the other left it.
  const [row] = await sql<{ epoch: bigint; position: string | null; applied: bigint }[]>`
    update projectors set owner = ${owner}, epoch = epoch + 1,
      lease_ends = clock_timestamp() + ${leaseMs}::integer * interval '1 millisecond'
    where name = 'reads' and (owner is null or owner = ${owner} or lease_ends <= clock_timestamp())
    returning epoch, position, applied`;
  return row && { owner, ...row };
}

/** Puts the end off. @throws LeaseLost when it is not ours any more. */
export async function renewLease(sql: Sql, lease: Lease, leaseMs: number): Promise<void> {
  const renewed = await sql`
    update projectors set lease_ends = clock_timestamp() + ${leaseMs}::integer * interval '1 millisecond'
    where name = 'reads' and owner = ${lease.owner} and epoch = ${lease.epoch}`;
  if (renewed.count === 0) throw new LeaseLost();
}

/** Takes it from whoever holds it: for a rebuild, which the projector has to wait for. */
export async function seizeLease(sql: Sql, owner: string, leaseMs: number): Promise<Lease & Applied> {
  const [row] = await sql<{ epoch: bigint; position: string | null; applied: bigint }[]>`
    update projectors set owner = ${owner}, epoch = epoch + 1,
      lease_ends = clock_timestamp() + ${leaseMs}::integer * interval '1 millisecond'
    where name = 'reads' returning epoch, position, applied`;
  if (row === undefined) throw new Error('the table projectors has lost its row');
  return { owner, ...row };
}

/** Gives it back, so that the next one need not wait for its end. Nothing happens when it is not ours any more. */
export async function releaseLease(sql: Sql, lease: Lease): Promise<void> {
  await sql`
    update projectors set owner = null, lease_ends = clock_timestamp()
    where name = 'reads' and owner = ${lease.owner} and epoch = ${lease.epoch}`;
}

/**
 * What the writing of a batch hangs on: it checks the lease and the count, moves the position, puts the lease's end off and tells
 * whoever waits (from the commit on). Whoever takes over or rebuilds changes the row first, so the two can only come one after the other.
 * It returns nothing when the lease is another's, or the tables show other events than this owner thinks.
 */
export function advance(
  lease: Lease,
  from: bigint,
  to: { readonly position: Position; readonly applied: bigint },
  leaseMs: number,
): Fence {
  return {
    text: `
      update projectors set position = $1::text, applied = $2::bigint,
        lease_ends = clock_timestamp() + $3::integer * interval '1 millisecond'
      where name = 'reads' and owner = $4 and epoch = $5::bigint and applied = $6::bigint
      returning pg_notify('${APPLIED_CHANNEL}', $1::text)`,
    parameters: [
      to.position,
      to.applied.toString(),
      leaseMs.toString(),
      lease.owner,
      lease.epoch.toString(),
      from.toString(),
    ],
  };
}
