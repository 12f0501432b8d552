import type { LedgerProbe } from '../../kernel/probe.ts';
import type { Sql } from '../../postgres/pools.ts';
import { checkAppend } from '../append-check.ts';
import { LedgerBusy } from '../faults.ts';
import type { Appended, Follower, Ledger } from '../port.ts';
import { copySealed, type RecordingContext } from '../recording.ts';
import { follow } from './follower.ts';
import { claimIdentity } from './open.ts';
import { comparePositions, parsePosition, toIndex, toPosition } from './position.ts';
import { ledgerReader } from './reader.ts';
import { tailReader } from './tails.ts';
import { commitWakeup, type Wakeup } from './wakeup.ts';
import { groupWriter } from './writer.ts';

export interface PostgresLedgerOptions extends RecordingContext {
  /** SQL that gives the ledger's time as a timestamptz, read once a group under the lock. `clock_timestamp()` unless told. */
  readonly timeExpression?: string;
  /** Appends that may wait; one more is told `LedgerBusy`. 2,048 unless told. */
  readonly queueLimit?: number;
  /** Sealed bytes that may wait. 64 MiB unless told. */
  readonly queueBytes?: number;
  /** Milliseconds that one group may take before its connection is given up. 10,000 unless told. */
  readonly groupTimeoutMs?: number;
  /** Milliseconds for which the fate of a COMMIT without an answer is asked for before `AppendUnknown` is said. 10,000 unless told. */
  readonly settleMs?: number;
  /** Opens what stands there without asking whose it is and whether it ends where it says: for checking only. */
  readonly unclaimed?: boolean;
  /** Told of each group, for the operator. */
  readonly probe?: LedgerProbe;
}

const NOT_YET_PATIENCE_MS = 20;

/**
 * A ledger in the tables of migration 0001. Appends of this process are gathered and written in groups, one transaction each, and the
 * lock on `ledger_head` orders the groups of all processes. Reads go through `sql`, which stays the caller's; appends and
 * `follow` open one connection each beside it, when first used.
 * Throws `DatabaseNotDurable`, `LedgerIdentityMismatch`, `LedgerCorrupt`, `LedgerUnavailable`.
 */
export async function postgresLedger(sql: Sql, options: PostgresLedgerOptions): Promise<Ledger> {
  const { identity, suite, entropy } = options;
  if (options.unclaimed !== true) await claimIdentity(sql, identity, suite);
  const reader = ledgerReader(sql);
  const tails = tailReader(sql);
  const writer = groupWriter(sql, {
    identity,
    suite,
    entropy,
    timeExpression: options.timeExpression ?? 'clock_timestamp()',
    queueLimit: options.queueLimit ?? 2048,
    queueBytes: options.queueBytes ?? 64 * 1024 * 1024,
    groupTimeoutMs: options.groupTimeoutMs ?? 10_000,
    settleMs: options.settleMs ?? 10_000,
    probe: options.probe,
  });
  const followers = new Set<Follower>();
  let wakeup: Wakeup | undefined;
  let closing: Promise<void> | undefined;

  async function close(): Promise<void> {
    await writer.close();
    await Promise.all([...followers].map((follower) => follower.close()));
    await wakeup?.close();
  }

  return {
    identity,
    append: async (stream, events, condition, priority = 'command', within) => {
      const bytes = checkAppend(stream, events, condition);
      return new Promise<Appended>((resolve, reject) =>
        writer.submit({
          stream,
          events: events.map(copySealed),
          condition,
          priority,
          bytes,
          within,
          patienceMs: NOT_YET_PATIENCE_MS,
          resolve,
          reject,
        }),
      );
    },
    find: (id) => reader.find(id),
    readStream: (stream, from = 0n) => reader.stream(stream, from),
    readStreams: (queries) => reader.streams(queries),
    readTails: (queries) => tails.read(queries),
    head: (stream) => reader.head(stream),
    readAll: (after) => reader.all(toIndex(after)),
    follow: (after) => {
      if (closing !== undefined) throw new LedgerBusy(1000);
      wakeup ??= commitWakeup(sql);
      const follower = follow({
        after: toIndex(after),
        page: (index) => reader.page(index),
        wakeup,
        ended: () => followers.delete(follower),
      });
      followers.add(follower);
      return follower;
    },
    end: async () => {
      const last = await reader.last();
      return last < 0n ? undefined : toPosition(last);
    },
    compare: comparePositions,
    parsePosition,
    get queued() {
      return writer.queued;
    },
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}
