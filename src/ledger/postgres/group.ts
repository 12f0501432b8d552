import type { Bytes } from '../../kernel/bytes.ts';
import type { EventId, StreamName } from '../../kernel/id.ts';
import { type Instant, toEpochMs } from '../../kernel/instant.ts';
import type { PendingAppend } from '../append-queue.ts';
import { emptyHead } from '../chain.ts';
import { AppendConflict, AppendTooLarge, type ConflictReason, LedgerCorrupt } from '../faults.ts';
import { MAX_REVISION } from '../header.ts';
import type { RecordedEvent } from '../port.ts';
import { type RecordingContext, recordEvent } from '../recording.ts';
import { toPosition } from './position.ts';

/** The last event of a stream, as far as the next one needs it. */
export interface Tip {
  readonly revision: bigint;
  readonly head: Bytes;
}

/** For a stream, the greatest revision of a type among its newer events. */
export interface Newer {
  readonly stream: StreamName;
  readonly type: string;
  readonly revision: bigint;
}

/** What is read under the lock, before a group is judged. */
export interface LedgerState {
  /** Of the last event; -1n when the ledger is empty. */
  readonly position: bigint;
  /** The instant of the ledger's last event. */
  readonly last: Instant;
  /** The instant of this group, never before that. */
  readonly time: Instant;
  /** Of every stream that the group appends to or has seen; streams without events are absent. */
  readonly tips: ReadonlyMap<StreamName, Tip>;
  /** Those ids of the group that the ledger bears already. */
  readonly taken: ReadonlySet<EventId>;
  /** What stands behind the revisions that `staleStreams` asked for. */
  readonly newer: readonly Newer[];
}

export type Verdict =
  | { readonly kind: 'record'; readonly events: readonly [RecordedEvent, ...RecordedEvent[]] }
  | { readonly kind: 'refuse'; readonly fault: AppendConflict | AppendTooLarge }
  | { readonly kind: 'wait'; readonly ms: number };

export interface Judged {
  readonly append: PendingAppend;
  readonly verdict: Verdict;
}

/** Streams where types must be looked at: something stands behind a seen revision, and not every kind counts. The least such revision each. */
export function staleStreams(
  group: readonly PendingAppend[],
  tips: ReadonlyMap<StreamName, Tip>,
): ReadonlyMap<StreamName, bigint> {
  const stale = new Map<StreamName, bigint>();
  for (const { condition } of group) {
    for (const { stream, revision, kinds } of condition.seen) {
      const tip = tips.get(stream)?.revision ?? -1n;
      if (tip <= revision || kinds.length === 0 || kinds.includes('')) continue;
      const least = stale.get(stream);
      if (least === undefined || revision < least) stale.set(stream, revision);
    }
  }
  return stale;
}

/**
 * Judges the appends one by one in their order, each as if those before it that are recorded stood already, and makes their events.
 * Pure but for the entropy that headers take.
 */
export function judgeGroup(
  context: RecordingContext,
  group: readonly PendingAppend[],
  state: LedgerState,
): readonly Judged[] {
  const tips = new Map(state.tips);
  const taken = new Set(state.taken);
  const newer = new Map<StreamName, Newer[]>();
  let position = state.position;

  const note = (entry: Newer): void => {
    const known = newer.get(entry.stream);
    if (known === undefined) newer.set(entry.stream, [entry]);
    else known.push(entry);
  };
  state.newer.forEach(note);

  function refusal({ events, condition }: PendingAppend): ConflictReason | undefined {
    const ids = new Set(events.map((event) => event.id));
    if (ids.size < events.length || events.some((event) => taken.has(event.id))) return 'id-taken';
    if (state.time > condition.notAfter) return 'not-after';
    if (state.time < condition.decided) return 'not-yet';
    const overtaken = condition.seen.some(({ stream, revision, kinds }) => {
      if ((tips.get(stream)?.revision ?? -1n) <= revision) return false;
      if (kinds.includes('')) return true;
      const later = newer.get(stream)?.filter((entry) => entry.revision > revision) ?? [];
      return later.some((entry) => kinds.some((kind) => entry.type.startsWith(kind)));
    });
    return overtaken ? 'seen' : undefined;
  }

  function judge(append: PendingAppend): Verdict {
    const reason = refusal(append);
    if (reason === 'not-yet') {
      const ms = toEpochMs(append.condition.decided) - toEpochMs(state.time);
      if (ms <= append.patienceMs) return { kind: 'wait', ms };
    }
    if (reason !== undefined) return { kind: 'refuse', fault: new AppendConflict(reason, state.last) };
    const tip = tips.get(append.stream);
    let revision = tip?.revision ?? -1n;
    let prev = tip?.head ?? emptyHead(context.suite, context.identity.origin, append.stream);
    if (revision + BigInt(append.events.length) > MAX_REVISION) {
      return { kind: 'refuse', fault: new AppendTooLarge('the stream is full') };
    }
    const [first, ...rest] = append.events.map((event) => {
      revision += 1n;
      position += 1n;
      const place = { position: toPosition(position), stream: append.stream, revision, prev, time: state.time };
      const recorded = recordEvent(context, event, place);
      prev = recorded.head;
      taken.add(event.id);
      note({ stream: append.stream, type: event.type, revision });
      return recorded;
    });
    tips.set(append.stream, { revision, head: prev });
    if (first === undefined) throw new LedgerCorrupt('an append without events came into the queue');
    return { kind: 'record', events: [first, ...rest] };
  }

  return group.map((append) => ({ append, verdict: judge(append) }));
}
