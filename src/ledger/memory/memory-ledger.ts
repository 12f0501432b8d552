import { Malformed } from '../../kernel/fault.ts';
import type { EventId, StreamName } from '../../kernel/id.ts';
import { type Instant, latest } from '../../kernel/instant.ts';
import { checkAppend } from '../append-check.ts';
import { emptyHead } from '../chain.ts';
import { AppendConflict, AppendTooLarge, type ConflictReason, LedgerBusy } from '../faults.ts';
import { MAX_REVISION } from '../header.ts';
import type {
  Appended,
  Condition,
  Follower,
  Ledger,
  Position,
  RecordedEvent,
  SealedEvent,
  StreamHead,
  Tail,
  TailQuery,
} from '../port.ts';
import { copySealed, type RecordingContext, recordEvent, toAppended } from '../recording.ts';
import { follow } from './follower.ts';

export interface MemoryLedgerOptions extends RecordingContext {
  /** The engine's clock; the ledger's time is the latest that it ever gave. */
  readonly time: () => Instant;
}

/** Unlike other engines' on purpose, so that nobody reads a number out of one. */
const PRINTED = /^m(0|[1-9]\d{0,15})$/;
const toPosition = (index: number): Position => `m${index}` as Position;

function toIndex(position: Position): number {
  const digits = PRINTED.exec(position)?.[1];
  if (digits === undefined) throw new Malformed('position', 'not a position of the memory engine');
  return parseInt(digits, 10);
}

/** The stored bytes stay out of readers' hands. */
function copyRecorded(event: RecordedEvent): RecordedEvent {
  const { position, stream, revision, time } = event;
  return {
    ...copySealed(event),
    position,
    stream,
    revision,
    time,
    header: event.header.slice(),
    headerOpening: event.headerOpening.slice(),
    leaf: event.leaf.slice(),
    leafHash: event.leafHash.slice(),
    head: event.head.slice(),
  };
}

/**
 * The reference model: one array, two maps into it, every rule by looking through them. It holds what the port promises but durability, and is what the
 * other engines are compared with. An append happens whole within the call, so nothing ever waits and `queued` is 0.
 */
export function memoryLedger(options: MemoryLedgerOptions): Ledger {
  const { identity, suite } = options;
  const events: RecordedEvent[] = [];
  const byId = new Map<EventId, RecordedEvent>();
  const byStream = new Map<StreamName, RecordedEvent[]>();
  const followers = new Set<Follower>();
  const wakes = new Set<() => void>();
  let closed = false;

  const ofStream = (stream: StreamName): readonly RecordedEvent[] => byStream.get(stream) ?? [];
  const fromRevision = (stream: StreamName, from = 0n): readonly RecordedEvent[] =>
    ofStream(stream).filter((event) => event.revision >= from);

  function tail({ stream, after, kinds }: TailQuery): Tail {
    const last = ofStream(stream).at(-1);
    const wanted = fromRevision(stream, after + 1n).filter(({ type }) => kinds.some((kind) => type.startsWith(kind)));
    return {
      tip: last && { revision: last.revision, head: last.head.slice(), position: last.position, time: last.time },
      known: ofStream(stream)
        .find(({ revision }) => revision === after)
        ?.head.slice(),
      events: wanted.map(copyRecorded),
    };
  }

  function keep(event: RecordedEvent): void {
    events.push(event);
    byId.set(event.id, event);
    const stream = byStream.get(event.stream);
    if (stream === undefined) byStream.set(event.stream, [event]);
    else stream.push(event);
  }

  function refusal(added: readonly SealedEvent[], condition: Condition, time: Instant): ConflictReason | undefined {
    const ids = new Set(added.map((event) => event.id));
    if (ids.size < added.length || added.some((event) => byId.has(event.id))) return 'id-taken';
    if (time > condition.notAfter) return 'not-after';
    if (time < condition.decided) return 'not-yet';
    const newer = condition.seen.some((seen) =>
      ofStream(seen.stream).some(
        (event) => event.revision > seen.revision && seen.kinds.some((kind) => event.type.startsWith(kind)),
      ),
    );
    return newer ? 'seen' : undefined;
  }

  function append(stream: StreamName, given: readonly SealedEvent[], condition: Condition): Appended {
    checkAppend(stream, given, condition);
    if (closed) throw new LedgerBusy(1000);
    const time = latest(options.time(), ...events.slice(-1).map((event) => event.time));
    const reason = refusal(given, condition, time);
    if (reason !== undefined) throw new AppendConflict(reason, events.at(-1)?.time);
    const last = ofStream(stream).at(-1);
    let revision = last?.revision ?? -1n;
    let prev = last?.head ?? emptyHead(suite, identity.origin, stream);
    if (revision + BigInt(given.length) > MAX_REVISION) throw new AppendTooLarge('the stream is full');
    const [first, ...rest] = given.map((event) => {
      revision += 1n;
      const position = toPosition(events.length);
      const recorded = recordEvent(options, copySealed(event), { position, stream, revision, prev, time });
      prev = recorded.head;
      keep(recorded);
      return copyRecorded(recorded);
    });
    for (const wake of wakes) wake();
    return toAppended([first as RecordedEvent, ...rest]);
  }

  async function* give(from: readonly RecordedEvent[]): AsyncGenerator<RecordedEvent> {
    for (const event of from) yield copyRecorded(event);
  }

  const after = (position?: Position): number => (position === undefined ? 0 : toIndex(position) + 1);

  return {
    identity,
    append: async (stream, given, condition) => append(stream, given, condition),
    find: async (id) => {
      const event = byId.get(id);
      return event && copyRecorded(event);
    },
    readStream: (stream, from) => give(fromRevision(stream, from)),
    readStreams: async (queries) => queries.map(({ stream, from }) => fromRevision(stream, from).map(copyRecorded)),
    readTails: async (queries) => queries.map(tail),
    head: async (stream): Promise<StreamHead | undefined> => {
      const last = ofStream(stream).at(-1);
      return last && { revision: last.revision, head: last.head.slice(), position: last.position };
    },
    readAll: (position) => give(events.slice(after(position))),
    follow: (position) => {
      if (closed) throw new LedgerBusy(1000);
      const follower = follow({
        from: after(position),
        at: (index) => events[index],
        copy: copyRecorded,
        wakes,
        ended: () => followers.delete(follower),
      });
      followers.add(follower);
      return follower;
    },
    end: async () => events.at(-1)?.position,
    compare: (a, b) => toIndex(a) - toIndex(b),
    parsePosition: (text) => toPosition(toIndex(text as Position)),
    queued: 0,
    close: async () => {
      closed = true;
      await Promise.all([...followers].map((follower) => follower.close()));
    },
  };
}
