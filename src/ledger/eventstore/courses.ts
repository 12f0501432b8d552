import type { StreamName } from '../../kernel/id.ts';
import { LedgerCorrupt } from '../faults.ts';
import type { RecordedEvent, Seen } from '../port.ts';
import { isAccess, isOfKind } from './kinds.ts';
import type { Reader } from './reader.ts';
import type { StoredEvent } from './stored-event.ts';

/** The last event of a stream, as far as the next one needs it. */
export interface Tip extends Pick<RecordedEvent, 'revision' | 'head' | 'time'> {
  /** The revision of the last event up to this one that is no access; -1n for none. */
  readonly beside: bigint;
}

/** What is remembered of a stream: its tip as it was seen last, and the types of its latest events. */
export interface Course {
  /** Undefined: it was empty. */
  readonly tip: Tip | undefined;
  /** Types of the events from this revision up to the tip. */
  readonly base: bigint;
  readonly types: readonly string[];
}

type Given = Pick<StoredEvent, 'revision' | 'head' | 'time' | 'type' | 'beside'>;

/**
 * The tips of streams in memory, so that an append asks for none that it knows. What is remembered was true: events stay. Whether it is
 * still the end only the server can say, by an exact expected revision for the stream that is appended to, by `fresh` for others.
 */
export interface Courses {
  known(stream: StreamName): Course | undefined;
  /** Read after this call began: its course up to its end then, with the types behind `since` if told. Throws as the reader does. */
  fresh(stream: StreamName, since?: bigint): Promise<Course>;
  /** Takes in events that were read or written, ascending and gapless; they need not be new. */
  take(stream: StreamName, events: readonly Given[]): void;
}

/** So many streams are remembered, and so many types of all of them together; then those that were asked for longest ago go. */
const MAX_STREAMS = 50_000;
const MAX_TYPES = 2_000_000;

/** Whether something stands that a decision on what it had seen did not know; `undefined` where the course does not reach back so far. */
export function isOvertaken(
  { tip, base, types }: Course,
  { revision, kinds }: Omit<Seen, 'stream'>,
): boolean | undefined {
  if (tip === undefined || tip.revision <= revision || kinds.length === 0) return false;
  if (kinds.includes('')) return true;
  const from = revision + 1n - base;
  if (from < 0n) return undefined;
  return types.slice(Number.parseInt(from.toString(), 10)).some((type) => isOfKind(kinds, type));
}

/** The tip that a stream has when it ends with this event. */
export const toTip = ({ revision, head, time, type, beside }: Given): Tip => ({
  revision,
  head,
  time,
  beside: isAccess(type) ? beside : revision,
});

export function streamCourses(reader: Pick<Reader, 'page' | 'last'>): Courses {
  const courses = new Map<StreamName, Course>();
  const names = new Map<string, string>();
  let size = 0;
  const looking = new Map<StreamName, Promise<Course>>();
  const waiting = new Map<StreamName, { since: bigint | undefined; readonly look: Promise<Course> }>();

  function forget(stream: StreamName): void {
    size -= courses.get(stream)?.types.length ?? 0;
    courses.delete(stream);
  }

  function remember(stream: StreamName, course: Course): Course {
    forget(stream);
    courses.set(stream, course);
    size += course.types.length;
    for (const oldest of courses.keys()) {
      if (oldest === stream || (courses.size <= MAX_STREAMS && size <= MAX_TYPES)) break;
      forget(oldest);
    }
    return course;
  }

  /** One text for each type, however often it is read. */
  function typeOf({ type }: Given): string {
    const known = names.get(type);
    if (known === undefined) names.set(type, type);
    return known ?? type;
  }

  function take(stream: StreamName, events: readonly Given[]): Course | undefined {
    const [first, last] = [events[0], events.at(-1)];
    const known = courses.get(stream);
    if (first === undefined || last === undefined) return known;
    const types = events.map(typeOf);
    const tip = toTip(last);
    if (known?.tip === undefined || first.revision > known.tip.revision + 1n)
      return remember(stream, { tip, base: first.revision, types });
    const before = first.revision < known.base && last.revision >= known.base - 1n;
    const { base, types: old } = before
      ? {
          base: first.revision,
          types: [...types.slice(0, Number.parseInt((known.base - first.revision).toString(), 10)), ...known.types],
        }
      : known;
    const newer = events.filter(({ revision }) => revision > (known.tip as Tip).revision).map(typeOf);
    return remember(stream, { tip: newer.length > 0 ? tip : known.tip, base, types: [...old, ...newer] });
  }

  async function takePages(stream: StreamName, from: bigint, until?: bigint): Promise<void> {
    for (let next = from < 0n ? 0n : from; until === undefined || next < until; ) {
      const { events, ended } = await reader.page(stream, next);
      take(stream, events);
      if (ended) return;
      next += BigInt(events.length);
    }
  }

  async function look(stream: StreamName, since: bigint | undefined): Promise<Course> {
    const known = courses.get(stream);
    if (known?.tip !== undefined) await takePages(stream, known.tip.revision + 1n);
    else if (since !== undefined) await takePages(stream, since);
    // Nothing was given: the stream is empty, or ends before `since`, or nothing is known of it.
    if (courses.get(stream)?.tip === undefined) {
      const last = await reader.last(stream);
      if (last === undefined) return remember(stream, { tip: undefined, base: 0n, types: [] });
      take(stream, [last]);
    }
    const base = courses.get(stream)?.base ?? 0n;
    if (since !== undefined && since + 1n < base) await readBack(stream, since + 1n, base);
    const course = courses.get(stream);
    if (course === undefined) throw new LedgerCorrupt('a stream that was read is not known');
    return course;
  }

  /** The types from a revision up to the course's base, at once: a part of them would not join it. */
  async function readBack(stream: StreamName, from: bigint, base: bigint): Promise<void> {
    const earlier: StoredEvent[] = [];
    for (let next = from; next < base; ) {
      const { events } = await reader.page(stream, next);
      if (events.length === 0) throw new LedgerCorrupt(`${stream} lacks its revision ${next}`);
      earlier.push(...events);
      next += BigInt(events.length);
    }
    take(stream, earlier);
  }

  function start(stream: StreamName, since: bigint | undefined): Promise<Course> {
    const run = look(stream, since).finally(() => {
      if (looking.get(stream) === run) looking.delete(stream);
    });
    looking.set(stream, run);
    return run;
  }

  return {
    known: (stream) => courses.get(stream),
    fresh: (stream, since) => {
      const under = looking.get(stream);
      if (under === undefined) return start(stream, since);
      // That look began before this call. One more serves all who come while it is under way.
      const queued = waiting.get(stream);
      if (queued !== undefined) {
        if (since !== undefined && (queued.since === undefined || since < queued.since)) queued.since = since;
        return queued.look;
      }
      const look = under
        .catch(() => {})
        .then(() => {
          const wanted = waiting.get(stream)?.since;
          waiting.delete(stream);
          return start(stream, wanted);
        });
      waiting.set(stream, { since, look });
      return look;
    },
    take: (stream, events) => {
      take(stream, events);
    },
  };
}
