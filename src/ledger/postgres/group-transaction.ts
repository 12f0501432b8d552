import type { Bytes } from '../../kernel/bytes.ts';
import type { EventId } from '../../kernel/id.ts';
import type { LedgerProbe } from '../../kernel/probe.ts';
import type { Sql } from '../../postgres/pools.ts';
import type { PendingAppend } from '../append-queue.ts';
import { LedgerCorrupt } from '../faults.ts';
import type { RecordingContext } from '../recording.ts';
import { toFault, unavailable } from './database-error.ts';
import { type Judged, judgeGroup } from './group.ts';
import { type Lane, openLane } from './lane.ts';
import { type LockedState, lockAndRead, lookUpLocked, PLANNING, release, writeAndCommit } from './statements.ts';

/** What became of a group. Only `committed` may be told to callers as it is. */
export type GroupOutcome =
  | { readonly kind: 'committed'; readonly judged: readonly Judged[] }
  /** Nothing of it stands, and nothing of it ever will. */
  | { readonly kind: 'not-written'; readonly fault: Error }
  /** COMMIT was sent and not answered: all of it stands, or nothing. */
  | { readonly kind: 'unknown'; readonly judged: readonly Judged[]; readonly fault: Error };

export interface GroupTransactionOptions extends RecordingContext {
  readonly timeExpression: string;
  readonly groupTimeoutMs: number;
  readonly probe?: LedgerProbe | undefined;
}

/** One transaction for one group, on a connection that is kept between groups and thrown away after any trouble. */
export interface GroupTransaction {
  run(group: readonly PendingAppend[]): Promise<GroupOutcome>;
  /**
   * On a new connection and under the lock: the leaf hashes under which these ids stand. Throws when it cannot be known, or not
   * within that time.
   */
  lookUp(ids: readonly EventId[], timeoutMs: number): Promise<ReadonlyMap<EventId, Bytes>>;
  end(): Promise<void>;
}

export function groupTransaction(pool: Sql, options: GroupTransactionOptions): GroupTransaction {
  let lane: Lane | undefined;

  function takeLane(): Lane {
    if (lane === undefined || lane.broken) lane = openLane(pool, 'ledger writer', PLANNING);
    return lane;
  }

  function dropLane(): void {
    lane?.destroy();
    lane = undefined;
  }

  /** A server that says nothing any more is like one that is gone: its answer is not waited for beyond this. */
  async function withDeadline<T>(used: Lane, ms: number, work: () => Promise<T>): Promise<T> {
    const timer = setTimeout(() => used.destroy(), ms);
    try {
      return await work();
    } finally {
      clearTimeout(timer);
    }
  }

  async function write(used: Lane, state: LockedState, judged: readonly Judged[]): Promise<GroupOutcome> {
    const events = judged.flatMap(({ verdict }) => (verdict.kind === 'record' ? verdict.events : []));
    if (events.length === 0) {
      // Nothing was written, so the refusals hold whether the server hears this or not.
      await release(used.sql).catch(dropLane);
      return { kind: 'committed', judged };
    }
    const began = performance.now();
    const result = await writeAndCommit(used.sql, state, events);
    if (result.kind === 'committed') options.probe?.committed(performance.now() - began);
    // An answer after the connection closed may be that of another connection, outside the transaction.
    if (result.kind === 'committed' && !used.broken) return { kind: 'committed', judged };
    dropLane();
    if (result.kind === 'committed') return { kind: 'unknown', judged, fault: unavailable('the connection closed') };
    const fault = toFault(result.cause);
    if (result.kind === 'unknown' && !(fault instanceof LedgerCorrupt)) return { kind: 'unknown', judged, fault };
    return { kind: 'not-written', fault };
  }

  return {
    run: async (group) => {
      const used = takeLane();
      return withDeadline(used, options.groupTimeoutMs, async () => {
        let state: LockedState;
        try {
          const began = performance.now();
          state = await lockAndRead(used.sql, group, options.timeExpression);
          options.probe?.locked(performance.now() - began);
          if (used.broken) throw unavailable('the connection closed');
        } catch (error) {
          // COMMIT was not sent: without it the server writes nothing.
          dropLane();
          return { kind: 'not-written', fault: toFault(error) };
        }
        try {
          return await write(used, state, judgeGroup(options, group, state));
        } catch (bug) {
          dropLane();
          throw bug;
        }
      });
    },
    lookUp: async (ids, timeoutMs) => {
      dropLane();
      const used = takeLane();
      try {
        return await withDeadline(used, timeoutMs, () => lookUpLocked(used.sql, ids));
      } catch (error) {
        dropLane();
        throw error;
      }
    },
    end: async () => {
      await lane?.end();
      lane = undefined;
    },
  };
}
