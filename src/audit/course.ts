import type { EventId, StreamName } from '../kernel/id.ts';
import type { Instant } from '../kernel/instant.ts';
import type { Suite } from '../kernel/suite.ts';
import { type MerkleAccumulator, merkleAccumulator } from '../ledger/merkle-root.ts';
import type { Position, RecordedEvent } from '../ledger/port.ts';
import type { StoredEnd, StoredLedger } from '../ledger/stored.ts';
import { WrongKeyring } from '../vault/faults.ts';
import { checkCondition } from './check-condition.ts';
import { checkBytes } from './check-event.ts';
import { checkRetention, checkServed } from './check-parts.ts';
import { type Finding, findingAt, reason } from './finding.ts';
import { type LateCount, lateEvents } from './late.ts';
import { cutShort, type OpenAppend, placeInAppend, stillOpen } from './open-append.ts';
import type { OpenedParts } from './open-parts.ts';
import { type StreamSeen, withEvent } from './stream-seen.ts';

/** What is known of a ledger from its first events: a few words a stream, and every id. */
export interface Course {
  readonly position: Position | undefined;
  readonly time: Instant | undefined;
  readonly streams: ReadonlyMap<StreamName, StreamSeen>;
  readonly tree: Pick<MerkleAccumulator, 'size' | 'root'>;
  readonly late: LateCount;
  /** Checks the next event against all before it, and takes it in when it is right. `beside` is what was found beside it. */
  take(
    event: RecordedEvent,
    parts: OpenedParts,
    end: StoredEnd | undefined,
    beside: Finding | undefined,
  ): Finding | undefined;
  /** What is wrong when nothing follows: an append of which more should have come, a part that was withheld. */
  unfinished(): Finding | undefined;
}

export function ledgerCourse(stored: StoredLedger, suite: Suite, now: () => Instant): Course {
  const streams = new Map<StreamName, StreamSeen>();
  const ids = idSet();
  const tree = merkleAccumulator(suite);
  const late = lateEvents();
  let position: Position | undefined;
  let time: Instant | undefined;
  let open: OpenAppend | undefined;
  /** The first event of each stream whose personal part cannot be opened for want of its key. */
  const erased = new Map<StreamName, Finding>();

  const overtakes = (event: RecordedEvent): boolean => stored.overtakes?.(event.position) === true;

  function checkOrder(event: RecordedEvent, end: StoredEnd | undefined): Finding | undefined {
    if (end?.position !== undefined && stored.compare(event.position, end.position) > 0)
      return findingAt(event, 'ledger-head-mismatch', `stands behind the stored end, ${end.position}`);
    if (ids.has(event.id)) return findingAt(event, 'id-twice', 'another event bears this id');
    const earlier = overtakes(event) ? streams.get(event.stream)?.time : time;
    if (earlier !== undefined && event.time < earlier)
      return findingAt(event, 'time-order', 'earlier than the event before it');
    return undefined;
  }

  function checkPosition(event: RecordedEvent): Finding | undefined {
    if (position !== undefined && stored.compare(event.position, position) <= 0)
      return findingAt(event, 'position-order', 'does not stand after the event before it');
    const due = stored.next(position);
    if (due === undefined || due === event.position) return undefined;
    return { kind: 'position-gap', detail: `the next event stands at position ${event.position}`, position: due };
  }

  function checkParts(event: RecordedEvent, { retained, personal }: OpenedParts): Finding | undefined {
    if (retained instanceof Error) return findingAt(event, unreadable(retained, 'retained'), reason(retained));
    if (personal instanceof Error) return findingAt(event, unreadable(personal, 'personal'), reason(personal));
    const before = streams.get(event.stream);
    const placed = placeInAppend(open, event, retained, before);
    if (typeof placed === 'string') return findingAt(event, 'batch-partial', placed);
    const wrong =
      checkRetention(event, retained, now()) ??
      (retained === 'expired'
        ? undefined
        : checkCondition(event, retained, placed.base, (stream) => streams.get(stream), overtakenAt(event, placed))) ??
      checkServed(suite, event, retained, personal);
    if (wrong === undefined) {
      open = stillOpen(placed);
      late.take(event.type, retained);
    }
    return wrong;
  }

  /** An append is late once, however many events it has. */
  const overtakenAt = (event: RecordedEvent, { at }: OpenAppend): (() => void) | undefined =>
    overtakes(event) ? () => at === 0 && late.overtaken(event.id) : undefined;

  return {
    get position() {
      return position;
    },
    get time() {
      return time;
    },
    streams,
    tree,
    get late() {
      return late.count;
    },
    take: (event, parts, end, beside) => {
      const before = streams.get(event.stream);
      const wrong =
        checkPosition(event) ??
        checkBytes(suite, stored.identity, event, before) ??
        checkOrder(event, end) ??
        checkParts(event, parts) ??
        beside;
      if (wrong !== undefined) return wrong;
      ids.add(event.id);
      if (parts.personal === 'erased' && !erased.has(event.stream))
        erased.set(event.stream, findingAt(event, 'withheld', ERASED));
      streams.set(event.stream, withEvent(before, event));
      tree.push(event.leafHash);
      position = event.position;
      time = event.time;
      return undefined;
    },
    unfinished: () => {
      if (open?.of !== undefined) {
        const { stream } = open;
        const last = streams.get(stream);
        const at = last === undefined ? {} : { position: last.position, revision: last.revision.toString() };
        return { kind: 'batch-partial', detail: cutShort(open), stream, ...at };
      }
      for (const [stream, finding] of erased) if (!wasErased(streams.get(stream))) return finding;
      return undefined;
    },
  };
}

const ERASED = 'the personal part cannot be opened: its key was destroyed, and no erasure stands in the stream';

/** Who erases says so in the subject's own stream first (ledger.md §7): a key that went without was taken away. */
export const wasErased = (stream: StreamSeen | undefined): boolean =>
  [...(stream?.lastOfType.keys() ?? [])].some((type) => type.startsWith('erasure.'));

const unreadable = (error: Error, kind: 'retained' | 'personal') =>
  error instanceof WrongKeyring ? 'key-unreadable' : (`${kind}-unreadable` as const);

/** A set holds at most 2^24 values; a ledger has more events than that one day. */
function idSet() {
  const shards = new Map<string, Set<EventId>>();
  const shard = (id: EventId): string => id.slice(0, 2);
  return {
    has: (id: EventId): boolean => shards.get(shard(id))?.has(id) === true,
    add: (id: EventId): void => {
      const known = shards.get(shard(id));
      if (known === undefined) shards.set(shard(id), new Set([id]));
      else known.add(id);
    },
  };
}
