import type { EventId, StreamName } from '../../kernel/id.ts';
import { type Instant, toEpochMs } from '../../kernel/instant.ts';
import { emptyHead } from '../chain.ts';
import { AppendConflict, AppendTooLarge, type ConflictReason } from '../faults.ts';
import { MAX_REVISION } from '../header.ts';
import type { Position } from '../port.ts';
import { type RecordingContext, recordEvent } from '../recording.ts';
import { type Course, isOvertaken, type Tip } from './courses.ts';
import { isAccess } from './kinds.ts';
import type { PendingAppend } from './pending-append.ts';
import type { StoredEvent } from './stored-event.ts';

/** What a group of appends to one stream is judged by. */
export interface Known {
  readonly stream: StreamName;
  /** What the group is to be written behind: the server will hold it against what stands. */
  readonly tip: Tip | undefined;
  /** The instant of this attempt, never before that of the tip. */
  readonly time: Instant;
  /** The last instant of the ledger that this process knows of. */
  readonly last: Instant | undefined;
  /** Those ids of the group that events bear already. */
  readonly taken: ReadonlySet<EventId>;
  /** Of this and of every other stream that the group has seen. */
  readonly courses: ReadonlyMap<StreamName, Course>;
}

export type Verdict =
  | { readonly kind: 'record'; readonly events: readonly [StoredEvent, ...StoredEvent[]] }
  | { readonly kind: 'refuse'; readonly fault: AppendConflict | AppendTooLarge }
  | { readonly kind: 'wait'; readonly ms: number };

export interface Judged {
  readonly append: PendingAppend;
  readonly verdict: Verdict;
}

/** Nobody knows where an event will stand before the server has taken it. */
const NOWHERE = '' as Position;

/**
 * Judges the appends one by one in their order, each as if those before it that are recorded stood already, and makes their events.
 * Pure but for the entropy that headers take.
 */
export function judgeGroup(
  context: RecordingContext,
  group: readonly PendingAppend[],
  known: Known,
): readonly Judged[] {
  const { stream, time } = known;
  const taken = new Set(known.taken);
  /** Types of what this group adds. */
  const added: string[] = [];
  let revision = known.tip?.revision ?? -1n;
  let prev = known.tip?.head ?? emptyHead(context.suite, context.identity.origin, stream);
  let beside = known.tip?.beside ?? -1n;

  function refusal({ events, condition }: PendingAppend): ConflictReason | undefined {
    const ids = new Set(events.map((event) => event.id));
    if (ids.size < events.length || events.some((event) => taken.has(event.id))) return 'id-taken';
    if (time > condition.notAfter) return 'not-after';
    if (time < condition.decided) return 'not-yet';
    const newer = condition.seen.some((seen) => {
      const course = known.courses.get(seen.stream);
      // A course that was asked for reaches back as far as it was asked for.
      if (course !== undefined && isOvertaken(course, seen) !== false) return true;
      if (seen.stream !== stream) return false;
      const from = (known.tip?.revision ?? -1n) + 1n;
      return added.some(
        (type, i) => from + BigInt(i) > seen.revision && seen.kinds.some((kind) => type.startsWith(kind)),
      );
    });
    return newer ? 'seen' : undefined;
  }

  function judge(append: PendingAppend): Verdict {
    const reason = refusal(append);
    if (reason === 'not-yet') {
      const ms = toEpochMs(append.condition.decided) - toEpochMs(time);
      if (ms <= append.patienceMs) return { kind: 'wait', ms };
    }
    if (reason !== undefined) return { kind: 'refuse', fault: new AppendConflict(reason, known.last) };
    if (revision + BigInt(append.events.length) > MAX_REVISION)
      return { kind: 'refuse', fault: new AppendTooLarge('the stream is full') };
    const [first, ...rest] = append.events.map((event): StoredEvent => {
      revision += 1n;
      const recorded = recordEvent(context, event, { position: NOWHERE, stream, revision, prev, time });
      const stored = { ...recorded, beside };
      prev = recorded.head;
      if (!isAccess(event.type)) beside = revision;
      taken.add(event.id);
      added.push(event.type);
      return stored;
    });
    return { kind: 'record', events: [first as StoredEvent, ...rest] };
  }

  return group.map((append) => ({ append, verdict: judge(append) }));
}
