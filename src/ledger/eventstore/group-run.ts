import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventId, StreamName } from '../../kernel/id.ts';
import { type Instant, latest } from '../../kernel/instant.ts';
import type { Clock } from '../../kernel/ports.ts';
import { AppendTooLarge, LedgerCorrupt, LedgerUnavailable } from '../faults.ts';
import type { Seen } from '../port.ts';
import type { RecordingContext } from '../recording.ts';
import { type AttemptOptions, type Fate, sendUntilKnown } from './attempt.ts';
import { claimIds } from './claim-ids.ts';
import { type Course, type Courses, isOvertaken, type Tip, toTip } from './courses.ts';
import { judgeGroup } from './judge.ts';
import type { PendingAppend } from './pending-append.ts';
import type { LogPosition } from './position.ts';
import type { Reader } from './reader.ts';
import type { Requests } from './requests.ts';
import { unavailable } from './server-error.ts';
import type { StoredEvent } from './stored-event.ts';

export interface GroupRunDeps extends RecordingContext {
  readonly courses: Courses;
  readonly reader: Reader;
  readonly requests: Requests;
  readonly clock: Clock;
  /** The last instant of the ledger that this process knows of: no event of its own is before it. */
  readonly time: { last: Instant | undefined };
  readonly attempt: Pick<AttemptOptions, 'prefix' | 'sender'>;
  /** True when the ledger is closing. */
  readonly closing: () => boolean;
  /** Puts an append off whose `decided` has not come yet. */
  readonly park: (append: PendingAppend, ms: number) => void;
  /** Runs what nobody waits for. */
  readonly inBackground: (work: Promise<unknown>) => void;
  /** Told what made a sending doubtful; it is what `AppendUnknown` names. */
  readonly doubted: (appends: readonly PendingAppend[], cause: unknown) => void;
}

/** Appends of which it is known that they stand, each with its events. */
export interface GroupWritten {
  readonly recorded: readonly Recorded[];
  /** That of the last event, when the server said it. */
  readonly position: LogPosition | undefined;
}

/**
 * Writes appends to one stream as one append of the server, and sees to their fate. It is the only writer of that stream in this process
 * while it runs. Appends that are refused hear it here; what was written is given back, for its callers wait for more than that. The points
 * at which a process may stop are those of decision 0040.
 */
export async function runGroup(
  deps: GroupRunDeps,
  stream: StreamName,
  group: readonly PendingAppend[],
): Promise<GroupWritten | undefined> {
  const { courses, reader, requests } = deps;
  const owner = randomUUID();
  /** Ids that events bear already. */
  const taken = new Set<EventId>();
  /** Ids that this attempt holds, and those of them that nobody held before. */
  const claimed = new Set<EventId>();
  const fresh = new Set<EventId>();
  /** Ids of what was sent and is not known to be dead. */
  const sent = new Set<EventId>();
  let left = group.filter(isWaiting);
  let tip: Tip | undefined;

  try {
    tip = (await ownCourse()).tip;
    while (left.length > 0) {
      // Both may take a while, and neither needs the other. The tip was read before: what is claimed now is free up to there at least.
      const [course, others] = await Promise.all([ownCourse(), otherCourses(), claim()]);
      // From here to the first sending nothing waits: who is answered by then is known not to be written.
      left = left.filter(isWaiting);
      const recorded = decide(course, others);
      left = recorded.map(({ append }) => append);
      const events = recorded.flatMap((each) => each.events);
      if (events.length === 0) return undefined;
      for (const { id } of events) sent.add(id);
      for (const append of left) append.state = 'sent';
      const fate = await send(events);
      if (fate.kind === 'unknown') return undefined;
      if (fate.kind === 'written') {
        courses.take(stream, events);
        return { recorded, position: fate.position };
      }
      // Known not written: from here on nobody needs to be told that it may be.
      sent.clear();
      left = left.filter(({ state }) => state === 'sent');
      for (const append of left) append.state = 'waiting';
      if (fate.kind === 'refused') throw refused(fate.why);
      learn(fate.later);
    }
    return undefined;
  } catch (error) {
    for (const append of left) append.reject(error);
    return undefined;
  } finally {
    giveBack([...fresh].filter((id) => !sent.has(id)));
  }

  /** Its tip as it is remembered, or as it is; with the types behind what the group has seen of it. */
  async function ownCourse(): Promise<Course> {
    const seen = left.flatMap(({ condition }) => condition.seen.filter((each) => each.stream === stream));
    const remembered = courses.known(stream);
    if (remembered !== undefined && seen.every((each) => isOvertaken(remembered, each) !== undefined))
      return remembered;
    return patiently(() => courses.fresh(stream, leastOf(seen)));
  }

  async function otherCourses(): Promise<ReadonlyMap<StreamName, Course>> {
    const wanted = othersSeen(left, stream);
    const read = [...wanted].map(
      async ([other, since]) => [other, await patiently(() => courses.fresh(other, since))] as const,
    );
    return new Map(await Promise.all(read));
  }

  async function claim(): Promise<void> {
    const ids = [...new Set(left.flatMap(({ events }) => events.map(({ id }) => id)))].filter((id) => !claimed.has(id));
    if (ids.length === 0) return;
    const answer = await claimIds({ requests, reader }, owner, stream, tip?.revision ?? -1n, ids);
    for (const id of ids) claimed.add(id);
    for (const id of answer.taken) taken.add(id);
    for (const id of answer.fresh) fresh.add(id);
  }

  /** Refuses and puts off whom it must; what is recorded is to be sent. */
  function decide(course: Course, others: ReadonlyMap<StreamName, Course>): Recorded[] {
    const last = latestOf(deps.time.last, tip?.time);
    const time = latestOf(deps.clock.now(), last);
    const all = new Map([...others, [stream, course] as const]);
    const judged = judgeGroup(deps, left, { stream, tip, time, last, taken, courses: all });
    const recorded: Recorded[] = [];
    for (const { append, verdict } of judged) {
      if (verdict.kind === 'record') recorded.push({ append, events: verdict.events });
      else if (verdict.kind === 'refuse') append.reject(verdict.fault);
      else deps.park(append, verdict.ms);
    }
    if (recorded.length > 0) deps.time.last = time;
    const used = new Set(recorded.flatMap(({ events }) => events.map(({ id }) => id)));
    giveBack([...fresh].filter((id) => !used.has(id)));
    return recorded;
  }

  function send(events: readonly StoredEvent[]): Promise<Fate> {
    const appends = left;
    const options: AttemptOptions = {
      ...deps.attempt,
      reader,
      goOn: () => !deps.closing() || appends.some(({ state }) => state !== 'answered'),
      doubted: (cause) => deps.doubted(appends, cause),
    };
    return sendUntilKnown(options, stream, tip?.revision ?? -1n, events);
  }

  /** Others have written: what they wrote is what the next attempt stands behind, and the ids in it are taken. */
  function learn(later: readonly StoredEvent[]): void {
    courses.take(stream, later);
    const last = later.at(-1);
    if (last === undefined) throw new LedgerCorrupt('a place is taken by nothing');
    tip = toTip(last);
    for (const { id } of later) taken.add(id);
  }

  /** Nothing stands under these ids and nothing will. A row that stays all the same is in the way of the same id in another stream only. */
  function giveBack(ids: readonly EventId[]): void {
    const free = ids.filter((id) => !taken.has(id));
    for (const id of ids) {
      fresh.delete(id);
      claimed.delete(id);
    }
    if (free.length > 0) deps.inBackground(requests.giveBack(owner, free));
  }
}

const PAUSES_MS = [50, 200];

interface Recorded {
  readonly append: PendingAppend;
  readonly events: readonly [StoredEvent, ...StoredEvent[]];
}

/** A connection that broke is there again at the second look, where a server was only restarted, or another one leads. */
async function patiently<T>(look: () => Promise<T>): Promise<T> {
  for (const pause of PAUSES_MS) {
    try {
      return await look();
    } catch (error) {
      if (!(error instanceof LedgerUnavailable)) throw error;
      await sleep(pause);
    }
  }
  return look();
}

const isWaiting = ({ state }: PendingAppend): boolean => state === 'waiting';

const refused = (why: 'too-large' | 'denied'): Error =>
  why === 'denied'
    ? unavailable(Object.assign(new Error(why), { type: 'access-denied' }))
    : new AppendTooLarge('the server takes no append of that size');

function latestOf(first: Instant, ...others: readonly (Instant | undefined)[]): Instant;
function latestOf(...instants: readonly (Instant | undefined)[]): Instant | undefined;
function latestOf(...instants: readonly (Instant | undefined)[]): Instant | undefined {
  const [first, ...rest] = instants.filter((instant) => instant !== undefined);
  return first && latest(first, ...rest);
}

/** The streams that appends to one stream have seen beside it, each with the least revision from which its types matter. */
export function othersSeen(appends: readonly PendingAppend[], own: StreamName): ReadonlyMap<StreamName, bigint> {
  const least = new Map<StreamName, bigint>();
  for (const { condition } of appends) {
    for (const { stream, revision, kinds } of condition.seen) {
      if (stream === own || kinds.length === 0) continue;
      const known = least.get(stream);
      if (known === undefined || revision < known) least.set(stream, revision);
    }
  }
  return least;
}

function leastOf(seen: readonly Seen[]): bigint | undefined {
  const revisions = seen.filter(({ kinds }) => kinds.length > 0).map(({ revision }) => revision);
  return revisions.length === 0 ? undefined : revisions.reduce((a, b) => (b < a ? b : a));
}
