import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StreamName } from '../../kernel/id.ts';
import { LedgerCorrupt } from '../faults.ts';
import { streamCourses } from './courses.ts';
import { isAccess } from './kinds.ts';
import type { StoredEvent } from './stored-event.ts';
import { readTail } from './tails.ts';

const stream = 'resident/x' as StreamName;
const TYPES = ['access.permitted@1', 'consent.granted@1', 'consent.revoked@1', 'code.issued@1'];

/** A stream of events of these types, and how many of them were handed out. */
function streamOf(types: readonly string[], wrong: (events: StoredEvent[]) => void = () => {}) {
  const events: StoredEvent[] = [];
  let beside = -1n;
  types.forEach((type, i) => {
    const revision = BigInt(i);
    events.push({ stream, revision, type, beside, head: Uint8Array.of(i), time: 't', position: `${i}` } as never);
    if (!isAccess(type)) beside = revision;
  });
  wrong(events);
  let given = 0;
  const hand = <T extends readonly StoredEvent[]>(some: T): T => {
    given += some.length;
    return some;
  };
  const reader = {
    page: async (_: StreamName, from: bigint, count = 256) => {
      const page = events.filter(({ revision }) => revision >= from).slice(0, count);
      return { events: hand(page), ended: page.length < count };
    },
    last: async (_: StreamName, at?: bigint) => {
      const event = events.findLast(({ revision }) => at === undefined || revision <= at);
      return event && hand([event])[0];
    },
  };
  const read = (after: bigint, kinds: readonly string[]) =>
    readTail(reader as never, streamCourses(reader), { stream, after, kinds });
  return { events, read, given: () => given };
}

describe('the tail of a stream', () => {
  it('is what filtering the whole stream gives, however long it is and wherever it begins', async () => {
    const tail = fc.record({
      types: fc.array(fc.constantFrom(...TYPES, TYPES[0] as string, TYPES[0] as string), { maxLength: 400 }),
      after: fc.integer({ min: -1, max: 420 }),
      kinds: fc.subarray(['', 'a', 'access.', 'access.den', 'consent.', 'consent.revoked', 'code.', 'none.']),
    });
    await fc.assert(
      fc.asyncProperty(tail, async ({ types, after, kinds }) => {
        const { events, read } = streamOf(types);
        const { tip, known, events: given } = await read(BigInt(after), kinds);
        const wanted = events.filter(
          ({ revision, type }) => revision > BigInt(after) && kinds.some((kind) => type.startsWith(kind)),
        );
        expect(given.map(({ revision }) => revision)).toEqual(wanted.map(({ revision }) => revision));
        expect(tip?.revision).toBe(events.at(-1)?.revision);
        expect(known).toEqual(after < 0 ? undefined : events[after]?.head);
      }),
    );
  });

  it('is that of one moment: what comes right behind the read of an empty stream is not its tip', async () => {
    const { events, read } = streamOf([], (empty) => {
      // The page is read, and then somebody appends.
      Object.defineProperty(empty, 'findLast', { value: () => streamOf(TYPES).events[1] });
    });
    expect(events).toEqual([]);
    expect(await read(-1n, ['consent.'])).toEqual({ tip: undefined, known: undefined, events: [] });
  });

  it('of 10,000 accesses and three other events costs a page and a few events', async () => {
    const types = Array.from({ length: 10_000 }, (_, i) =>
      [40, 5_000, 9_990].includes(i) ? 'consent.granted@1' : 'access.permitted@1',
    );
    const { read, given } = streamOf(types);
    const { events } = await read(-1n, ['consent.', 'code.']);
    expect(events.map(({ revision }) => revision)).toEqual([40n, 5_000n, 9_990n]);
    expect(given()).toBeLessThan(80);
  });

  it('is corrupt where an event names one that is not there, or an access', async () => {
    const types = Array.from({ length: 200 }, (_, i) => (i === 150 ? 'consent.granted@1' : 'access.permitted@1'));
    for (const beside of [149n, 199n, 500n]) {
      const { read } = streamOf(types, (events) => {
        events[199] = { ...(events[199] as StoredEvent), beside };
      });
      await expect(read(0n, ['consent.'])).rejects.toBeInstanceOf(LedgerCorrupt);
    }
  });
});
