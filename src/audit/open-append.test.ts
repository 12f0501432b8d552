import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StreamName } from '../kernel/id.ts';
import type { Instant } from '../kernel/instant.ts';
import type { RecordedEvent } from '../ledger/port.ts';
import { type OpenAppend, placeInAppend, stillOpen } from './open-append.ts';
import { type StreamSeen, withEvent } from './stream-seen.ts';

interface Told {
  readonly stream?: string;
  readonly time?: string;
  /** `[at, of]`, `expired`, or nothing for an event alone. */
  readonly batch?: readonly [number, number] | 'expired';
}

/** Goes through events one after the other; answers what is wrong with the first wrong one, or the appends that each belongs to. */
function walk(events: readonly Told[]): string | readonly OpenAppend[] {
  const streams = new Map<string, StreamSeen>();
  const placed: OpenAppend[] = [];
  let open: OpenAppend | undefined;
  for (const { stream = 'a', time = 't', batch } of events) {
    const before = streams.get(stream);
    const event = {
      stream: stream as StreamName,
      time: time as Instant,
      revision: (before?.revision ?? -1n) + 1n,
      type: 'x',
    };
    const [at = 0, of = 2] = batch === undefined || batch === 'expired' ? [] : batch;
    const retained = batch === 'expired' ? 'expired' : batch === undefined ? {} : { batch: { at, of } };
    const next = placeInAppend(open, event as RecordedEvent, retained, before);
    if (typeof next === 'string') return next;
    placed.push({ ...next, base: { ...next.base, lastOfType: new Map(next.base.lastOfType) } });
    open = stillOpen(next);
    streams.set(stream, withEvent(before, event as RecordedEvent));
  }
  return open?.of === undefined ? placed : `an append of ${open.of} events ends after ${open.at + 1}`;
}

const alone: Told = {};
const expired: Told = { batch: 'expired' };
const of = (at: number, count: number): Told => ({ batch: [at, count] });

describe('an append', () => {
  it.each<[string, readonly Told[]]>([
    ['of one event', [alone, alone]],
    ['of several', [of(0, 3), of(1, 3), of(2, 3), alone]],
    ['after another of several', [of(0, 2), of(1, 2), of(0, 2), of(1, 2)]],
    ['whose first events have expired', [expired, expired, of(2, 3)]],
    ['whose last events have expired', [of(0, 3), expired, expired, alone]],
    ['of which one in the middle has expired', [of(0, 3), expired, of(2, 3)]],
    ['behind others that have expired', [expired, expired, expired, of(1, 2)]],
    ['of which nothing is known any more', [expired, { ...expired, stream: 'b' }, alone]],
  ])('%s is whole', (_, events) => {
    expect(walk(events)).toHaveLength(events.length);
  });

  it.each<[string, readonly Told[]]>([
    ['ends early', [of(0, 3), of(1, 3)]],
    ['ends early, and another begins', [of(0, 3), of(1, 3), of(0, 2), of(1, 2)]],
    ['ends early, and an event stands alone behind it', [of(0, 2), alone]],
    ['lacks its first event', [of(1, 2)]],
    ['lacks its first event behind others', [alone, of(1, 2)]],
    ['lacks one in the middle', [of(0, 3), of(2, 3)]],
    ['has one twice', [of(0, 3), of(0, 3), of(1, 3), of(2, 3)]],
    ['changes its number', [of(0, 2), of(1, 3)]],
    ['counts beyond its number', [of(3, 3)]],
    ['is parted by another stream', [of(0, 2), { stream: 'b' }, of(1, 2)]],
    ['is parted by an expired event of another stream', [of(0, 2), { ...expired, stream: 'b' }, of(1, 2)]],
    ['ends in an expired event of another stream', [of(0, 2), { ...expired, stream: 'b' }]],
    ['is out of order', [of(0, 3), of(2, 3), of(1, 3)]],
    ['has two instants', [of(0, 2), { ...of(1, 2), time: 'u' }]],
    ['has too few expired events before it', [expired, of(2, 3)]],
    ["has another append's expired events before it", [{ ...expired, time: 's' }, of(1, 2)]],
  ])('that %s is not whole', (_, events) => {
    expect(typeof walk(events)).toBe('string');
  });

  it('that counts beyond its number is named for that', () => {
    expect(walk([expired, expired, expired, of(3, 3)])).toBe('event 3 of an append of 3');
  });

  it('is held against what stood before its first event, also when that has expired', () => {
    const placed = walk([alone, of(0, 3), expired, of(2, 3)]);
    if (typeof placed === 'string') throw new Error(placed);
    expect(placed.map(({ base }) => base.revision)).toEqual([-1n, 0n, 0n, 0n]);
    const hidden = walk([alone, expired, expired, of(1, 2)]);
    if (typeof hidden === 'string') throw new Error(hidden);
    // The second expired event began it; what stood before the first is all that is certain.
    expect(hidden.at(-1)?.base).toEqual({ revision: 1n, lastOfType: new Map([['x', 0n]]) });
  });

  it('is whole, whatever of it has expired', () => {
    const appends = fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 6 });
    fc.assert(
      fc.property(appends, fc.infiniteStream(fc.boolean()), (sizes, gone) => {
        const events = sizes.flatMap((size, i) =>
          Array.from({ length: size }, (_, at): Told => {
            const told = size === 1 ? alone : of(at, size);
            return { ...(gone.next().value === true ? expired : told), time: `t${i}` };
          }),
        );
        expect(walk(events)).toHaveLength(events.length);
      }),
    );
  });
});
