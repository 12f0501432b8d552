import { setTimeout as sleep } from 'node:timers/promises';
import { equalBytes } from '../../kernel/bytes.ts';
import type { StreamName } from '../../kernel/id.ts';
import type { Clock } from '../../kernel/ports.ts';
import { AppendOvertaken, LedgerCorrupt } from '../faults.ts';
import { toAppended } from '../recording.ts';
import { type Courses, isOvertaken } from './courses.ts';
import { type GroupWritten, othersSeen } from './group-run.ts';
import type { PendingAppend } from './pending-append.ts';
import { toPosition } from './position.ts';
import type { Reader } from './reader.ts';
import { type StoredEvent, toRecordedEvent } from './stored-event.ts';

export interface SettleDeps {
  readonly courses: Pick<Courses, 'fresh'>;
  readonly reader: Pick<Reader, 'page'>;
  readonly clock: Clock;
  readonly doubted: (appends: readonly PendingAppend[], cause: unknown) => void;
}

const PAUSE_MS = 50;

/**
 * Tells the callers of a group that stands: who was overtaken meanwhile, and who was not. Where the server cannot be asked any more, it is
 * asked again while anybody waits: nobody is told that a condition held which was not looked at.
 * If the process stops here, the events stand and nobody has opened anything on them.
 */
export async function settleGroup(deps: SettleDeps, stream: StreamName, written: GroupWritten): Promise<void> {
  const appends = written.recorded.map(({ append }) => append);
  for (let pause = PAUSE_MS; appends.some(({ state }) => state !== 'answered'); pause = Math.min(2 * pause, 1_000)) {
    try {
      const [placed, overtaken] = await Promise.all([
        positions(deps, stream, written),
        lookAgain(deps, stream, appends),
      ]);
      for (const { append, events } of written.recorded) {
        const [first, ...rest] = events.map((event) => toRecordedEvent(placed(event)));
        if (first === undefined) continue;
        const appended = toAppended([first, ...rest]);
        const reason = overtaken.get(append);
        if (reason === undefined) append.resolve(appended);
        else append.reject(new AppendOvertaken(reason, { ...appended }));
      }
      return;
    } catch (error) {
      if (error instanceof LedgerCorrupt) {
        for (const append of appends) append.reject(error);
        return;
      }
      deps.doubted(appends, error);
      await sleep(pause);
    }
  }
}

/** Where each event stands. The server says it of the last one; others are read. */
async function positions(
  { reader }: SettleDeps,
  stream: StreamName,
  { recorded, position }: GroupWritten,
): Promise<(event: StoredEvent) => StoredEvent> {
  const events = recorded.flatMap((each) => each.events);
  const [only] = events;
  if (events.length === 1 && only !== undefined && position !== undefined) {
    const placed = { ...only, position: toPosition(position) };
    return () => placed;
  }
  const read = new Map<bigint, StoredEvent>();
  for (let next = only?.revision ?? 0n; read.size < events.length; ) {
    const page = await reader.page(stream, next, Math.min(256, events.length - read.size));
    if (page.events.length === 0) throw new LedgerCorrupt(`${stream} lacks its revision ${next}`);
    for (const event of page.events) read.set(event.revision, event);
    next += BigInt(page.events.length);
  }
  return (event) => {
    const stored = read.get(event.revision);
    if (stored === undefined || !equalBytes(stored.leafHash, event.leafHash))
      throw new LedgerCorrupt(`another event stands in ${stream} at revision ${event.revision} than was acknowledged`);
    return stored;
  };
}

/**
 * Who was overtaken: something newer stands in another stream that it had seen, as read after the acknowledgement, or its time was over
 * when that came. Whatever stood before the append in the log is read here; so may be what came right after it.
 */
async function lookAgain(
  { courses, clock }: SettleDeps,
  stream: StreamName,
  appends: readonly PendingAppend[],
): Promise<ReadonlyMap<PendingAppend, 'seen' | 'not-after'>> {
  const now = clock.now();
  const others = [...othersSeen(appends, stream)].map(
    async ([other, since]) => [other, await courses.fresh(other, since)] as const,
  );
  const read = new Map(await Promise.all(others));
  const overtaken = new Map<PendingAppend, 'seen' | 'not-after'>();
  for (const append of appends) {
    const { seen, notAfter } = append.condition;
    const newer = seen.some((each) => {
      const course = each.stream === stream ? undefined : read.get(each.stream);
      return course !== undefined && isOvertaken(course, each) !== false;
    });
    if (newer) overtaken.set(append, 'seen');
    else if (now > notAfter) overtaken.set(append, 'not-after');
  }
  return overtaken;
}
