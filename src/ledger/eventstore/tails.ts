import { LedgerCorrupt } from '../faults.ts';
import type { Tail, TailQuery } from '../port.ts';
import type { Courses } from './courses.ts';
import { asksForAccesses, isAccess, isOfKind } from './kinds.ts';
import type { Reader } from './reader.ts';
import { type StoredEvent, toRecordedEvent } from './stored-event.ts';

/** What most tails fit in; one round trip. */
const PAGE = 64;
/** So many events are fetched one by one, each by what the one after it says, before the stream is read as it stands. */
const MAX_STEPS = 32;

/**
 * What became of one stream since a revision. A long tail of accesses is not read where none is asked for: each event says where the last
 * one before it stands that is no access.
 */
export async function readTail(reader: Reader, courses: Courses, { stream, after, kinds }: TailQuery): Promise<Tail> {
  const { events: first, ended } = await reader.page(stream, after, PAGE);
  courses.take(stream, first);
  const reached = first.at(-1);
  // Of one read: a stream that was empty is told as empty, and not as one that ends with what came right after and that nobody has read.
  const tip = ended && (reached !== undefined || after < 0n) ? reached : await reader.last(stream);
  if (tip === undefined) return { tip: undefined, known: undefined, events: [] };
  const rest = reached === undefined || ended ? [] : await restOf(reached, tip);
  const known = first[0]?.revision === after ? first[0].head : undefined;
  return {
    tip: { revision: tip.revision, head: tip.head, position: tip.position, time: tip.time },
    known,
    events: [...first, ...rest]
      .filter(({ revision, type }) => revision > after && isOfKind(kinds, type))
      .map(toRecordedEvent),
  };

  async function restOf(from: StoredEvent, to: StoredEvent): Promise<StoredEvent[]> {
    if (asksForAccesses(kinds)) return pagesUpTo(from.revision + 1n, to.revision);
    const found: StoredEvent[] = [];
    let next = isAccess(to.type) ? to.beside : to.revision;
    while (next > from.revision) {
      if (found.length === MAX_STEPS) return [...(await pagesUpTo(from.revision + 1n, next)), ...found.reverse()];
      const event = next === to.revision ? to : await reader.last(stream, next);
      if (event?.revision !== next || isAccess(event.type) || event.beside >= next)
        throw new LedgerCorrupt(`an event of ${stream} names another that is not as it says`);
      found.push(event);
      next = event.beside;
    }
    return found.reverse();
  }

  async function pagesUpTo(from: bigint, to: bigint): Promise<StoredEvent[]> {
    const events: StoredEvent[] = [];
    for (let next = from; next <= to; ) {
      const page = await reader.page(stream, next);
      if (page.events.length === 0) throw new LedgerCorrupt(`${stream} lacks its revision ${next}`);
      events.push(...page.events.filter(({ revision }) => revision <= to));
      next += BigInt(page.events.length);
    }
    return events;
  }
}
