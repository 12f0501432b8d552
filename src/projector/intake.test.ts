import { describe, expect, it } from 'vitest';
import { mixedEvents } from '../../test/support/any-events.ts';
import { appendPlain, testLedger } from '../../test/support/plain-events.ts';
import type { Follower, Ledger, RecordedEvent } from '../ledger/port.ts';
import { intake } from './intake.ts';

const MANY = 1024 * 1024;

async function ledgerOf(count: number): Promise<Ledger> {
  const ledger = testLedger();
  await appendPlain(ledger, 'law', mixedEvents(count));
  return ledger;
}

/** A follower that gives these events, then fails or ends, and counts what was asked of it. */
function given(
  events: readonly RecordedEvent[],
  then?: Error,
): Follower & { readonly asked: number; readonly closed: boolean } {
  let asked = 0;
  let closed = false;
  const run = async function* () {
    for (const event of events) {
      asked++;
      yield event;
    }
    if (then !== undefined) throw then;
  };
  const iterator = run();
  return {
    [Symbol.asyncIterator]: () => iterator,
    close: async () => {
      closed = true;
      await iterator.return(undefined);
    },
    get asked() {
      return asked;
    },
    get closed() {
      return closed;
    },
  };
}

async function recorded(count: number): Promise<RecordedEvent[]> {
  const all: RecordedEvent[] = [];
  for await (const event of (await ledgerOf(count)).readAll()) all.push(event);
  return all;
}

describe('the intake', () => {
  it('gives every event once, in order, in batches of what is there', async () => {
    const ledger = await ledgerOf(120);
    const events = intake(ledger.follow());
    const seen: string[] = [];
    for (let batch = await events.take(50, MANY); ; batch = await events.take(50, MANY)) {
      expect(batch.length).toBeGreaterThan(0);
      expect(batch.length).toBeLessThanOrEqual(50);
      seen.push(...batch.map(({ position }) => position));
      if (seen.length === 120) break;
    }
    expect(seen).toEqual(Array.from({ length: 120 }, (_, n) => `m${n}`));
    await events.close();
  });

  it('waits for the first event and then does not wait for more', async () => {
    const ledger = testLedger();
    const events = intake(ledger.follow());
    const taking = events.take(50, MANY);
    await appendPlain(ledger, 'law', mixedEvents(1));
    expect(await taking).toHaveLength(1);
    await events.close();
  });

  it('ends a batch that has grown heavy, and gives an event that is too heavy alone', async () => {
    const events = intake(given(await recorded(10)));
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(await events.take(50, 1)).toHaveLength(1);
    const [next] = await events.take(1, MANY);
    const bytes = (next?.sealed.retained.bytes.length ?? 0) + (next?.sealed.personal.bytes.length ?? 0);
    expect((await events.take(50, bytes * 3)).length).toBeLessThan(8);
    await events.close();
  });

  it('reads no further ahead than it must', async () => {
    const follower = given(await recorded(1500));
    const events = intake(follower);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(follower.asked).toBeLessThanOrEqual(1001);
    let seen = 0;
    while (seen < 1500) seen += (await events.take(500, MANY)).length;
    expect(follower.asked).toBe(1500);
    await events.close();
  });

  it('gives what came before a failure, and then the failure', async () => {
    const events = intake(given(await recorded(3), new Error('the ledger is away')));
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(await events.take(50, MANY)).toHaveLength(3);
    await expect(events.take(50, MANY)).rejects.toThrow('the ledger is away');
    await events.close();
  });

  it('closed, it gives nothing more, also to whoever waits, and has closed the follower', async () => {
    const idle = testLedger();
    const waiting = intake(idle.follow());
    const taking = waiting.take(50, MANY);
    await waiting.close();
    expect(await taking).toEqual([]);

    const follower = given(await recorded(1500));
    const full = intake(follower);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await full.close();
    expect(await full.take(50, MANY)).toEqual([]);
    expect(follower.closed).toBe(true);
  });
});
