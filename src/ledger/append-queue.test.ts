import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decidedAt, sealedEvents } from '../../test/support/sealed-events.ts';
import { SEEDED_START, seededEntropy } from '../../test/support/seeded.ts';
import { appendQueue, type PendingAppend } from './append-queue.ts';
import { MAX_APPEND_BYTES, MAX_APPEND_EVENTS, type Priority } from './port.ts';

const make = sealedEvents(seededEntropy('queue'));
const one = make.event();

function pending(priority: Priority, events: number, bytes: number): PendingAppend {
  return {
    stream: make.stream(),
    events: Array.from({ length: events }, () => one),
    condition: decidedAt(SEEDED_START),
    priority,
    bytes,
    patienceMs: 20,
    resolve: () => {},
    reject: () => {},
  };
}

const UNBOUNDED = { appends: 1e9, bytes: 1e12 };
const appends = fc
  .array(
    fc.record({
      priority: fc.constantFrom<Priority>('command', 'read'),
      events: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: MAX_APPEND_EVENTS })),
      bytes: fc.oneof(fc.nat(5000), fc.nat(MAX_APPEND_BYTES)),
    }),
    { maxLength: 60 },
  )
  .map((choices) => choices.map(({ priority, events, bytes }) => pending(priority, events, bytes)));

describe('the queue of appends', () => {
  it('gives everything out once, commands first, each kind in its order, in groups within the limits', () => {
    fc.assert(
      fc.property(appends, (given) => {
        const queue = appendQueue(UNBOUNDED);
        for (const append of given) expect(queue.offer(append)).toBe(true);
        const groups: PendingAppend[][] = [];
        while (queue.size > 0) groups.push(queue.takeGroup());
        const commands = given.filter(({ priority }) => priority === 'command');
        const reads = given.filter(({ priority }) => priority === 'read');
        expect(groups.flat()).toEqual([...commands, ...reads]);
        for (const group of groups) {
          expect(group.length).toBeGreaterThan(0);
          expect(group.reduce((sum, { events }) => sum + events.length, 0)).toBeLessThanOrEqual(MAX_APPEND_EVENTS);
          expect(group.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(MAX_APPEND_BYTES);
        }
        expect(queue.takeGroup()).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });

  it('fills a group as far as the next append allows', () => {
    const queue = appendQueue(UNBOUNDED);
    for (const size of [1000, 24, 1, 1023, 2]) queue.offer(pending('command', size, 0));
    queue.offer(pending('read', 1, 0));
    const sizes = () => queue.takeGroup().map(({ events }) => events.length);
    expect([sizes(), sizes(), sizes()]).toEqual([
      [1000, 24],
      [1, 1023],
      [2, 1],
    ]);
  });

  it('takes no read ahead of a command that did not fit', () => {
    const queue = appendQueue(UNBOUNDED);
    const [first, second, read] = [pending('command', 1000, 0), pending('command', 100, 0), pending('read', 1, 0)];
    for (const append of [first, read, second]) queue.offer(append);
    expect(queue.takeGroup()).toEqual([first]);
    expect(queue.takeGroup()).toEqual([second, read]);
  });

  it('is full by number or by bytes, but always takes one append when it is empty', () => {
    const byNumber = appendQueue({ appends: 2, bytes: 1e9 });
    expect([1, 1, 1].map((size) => byNumber.offer(pending('command', size, 10)))).toEqual([true, true, false]);
    const byBytes = appendQueue({ appends: 100, bytes: 1000 });
    expect([5000, 1].map((bytes) => byBytes.offer(pending('read', 1, bytes)))).toEqual([true, false]);
    byBytes.takeGroup();
    expect([600, 400, 1].map((bytes) => byBytes.offer(pending('read', 1, bytes)))).toEqual([true, true, false]);
    byBytes.takeGroup();
    expect(byBytes.offer(pending('read', 1, 1000))).toBe(true);
  });

  it('gives back first what was taken out before, even when it is full', () => {
    const queue = appendQueue({ appends: 1, bytes: 10 });
    const [late, early] = [pending('command', 1, 10), pending('command', 1, 10)];
    queue.offer(late);
    queue.giveBack(early);
    expect(queue.takeGroup()).toEqual([early, late]);
  });

  it('gives out only what belongs together, and leaves the others where they stood', () => {
    const queue = appendQueue(UNBOUNDED);
    const [a, b, c, read] = [1, 1000, 100, 1].map((n, i) => pending(i === 3 ? 'read' : 'command', n, 1)) as [
      PendingAppend,
      PendingAppend,
      PendingAppend,
      PendingAppend,
    ];
    for (const append of [a, b, c, read]) queue.offer(append);
    const notA = (append: PendingAppend): boolean => append !== a;
    expect(queue.first(notA)).toBe(b);
    // The third does not fit beside the second, so the read must not go ahead of it.
    expect(queue.takeGroup(notA)).toEqual([b]);
    queue.remove(c);
    queue.remove(c);
    expect(queue.takeGroup()).toEqual([a, read]);
    expect([queue.size, queue.first(() => true)]).toEqual([0, undefined]);
  });
});
