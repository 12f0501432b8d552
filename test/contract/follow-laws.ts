import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LedgerBusy } from '../../src/ledger/faults.ts';
import type { Follower, RecordedEvent } from '../../src/ledger/port.ts';
import { type Bench, collect, idsOf, type OpenLedger, openBench } from './ledger-under-test.ts';

/** The first `count` events that a follower gives; the follower stays open. */
async function take(follower: Follower, count: number): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  const iterator = follower[Symbol.asyncIterator]();
  while (events.length < count) {
    const next = await iterator.next();
    if (next.done === true) throw new Error('the follower ended');
    events.push(next.value);
  }
  return events;
}

export function followLaws(open: OpenLedger): void {
  describe('follow', () => {
    let bench: Bench;
    beforeEach(async () => {
      bench = await openBench(open);
    });
    afterEach(() => bench.close());

    it('gives what is there, then what is appended, through whichever handle', async () => {
      const { ledger, make, write, now } = bench;
      const other = await bench.another();
      await write(make.stream(), 'access.permitted@1', 'access.permitted@1');
      const follower = ledger.follow();
      expect(idsOf(await take(follower, 2))).toEqual(idsOf(await bench.all()));
      for (const handle of [ledger, other, other, ledger]) {
        const next = take(follower, 1);
        const event = make.event();
        await handle.append(make.stream(), [event], now());
        expect(idsOf(await next)).toEqual([event.id]);
      }
      await follower.close();
    });

    it('begins after the position asked for, wherever one stopped before', async () => {
      const { ledger, make, write } = bench;
      for (let i = 0; i < 5; i++) await write(make.stream(), 'access.permitted@1');
      const all = await bench.all();
      for (const [i, { position }] of all.slice(0, -1).entries()) {
        const follower = ledger.follow(position);
        expect(idsOf(await take(follower, 4 - i))).toEqual(idsOf(all.slice(i + 1)));
        await follower.close();
      }
    });

    it('neither skips nor repeats nor stalls while many append through two handles and a foreign transaction is open', async () => {
      const { ledger, make, now } = bench;
      const other = await bench.another();
      const followers = [ledger.follow(), other.follow(), ledger.follow()];
      const total = 400;
      const followed = Promise.all(followers.map((follower) => take(follower, total)));
      await bench.besideOpenTransaction(async () => {
        const stream = make.stream();
        const callers = [ledger, other, ledger, other].map(async (handle) => {
          for (let i = 0; i < total / 8; i++)
            await handle.append(i % 2 ? stream : make.stream(), make.events(2), now());
        });
        await Promise.all(callers);
        // Inside: events are given although the transaction is still open.
        const all = idsOf(await bench.all());
        expect(all).toHaveLength(total);
        for (const events of await followed) expect(idsOf(events)).toEqual(all);
      });
      await Promise.all(followers.map((follower) => follower.close()));
    });

    it('can be resumed at every event by whoever stops and starts again', async () => {
      const { ledger, make, now } = bench;
      const appending = (async () => {
        for (let i = 0; i < 60; i++) await ledger.append(make.stream(), make.events(1 + (i % 3)), now());
      })();
      const got: RecordedEvent[] = [];
      while (got.length < 100) {
        const follower = ledger.follow(got.at(-1)?.position);
        got.push(...(await take(follower, 1 + (got.length % 9))));
        await follower.close();
      }
      await appending;
      expect(idsOf(got)).toEqual(idsOf(await bench.all()).slice(0, got.length));
    });

    it('ends when it is closed: waiting, in mid page, before it began, from within its own loop, twice', async () => {
      const { ledger, make, write } = bench;
      const waiting = ledger.follow();
      const whole = collect(waiting);
      await new Promise((resolve) => setTimeout(resolve, 20));
      await waiting.close();
      expect(await whole).toEqual([]);

      await write(make.stream(), 'access.permitted@1', 'access.permitted@1', 'access.permitted@1');
      const midPage = ledger.follow();
      await take(midPage, 1);
      await midPage.close();
      expect(await collect(midPage)).toEqual([]);

      const unused = ledger.follow();
      await unused.close();
      await unused.close();
      expect(await collect(unused)).toEqual([]);

      const inside = ledger.follow();
      let given = 0;
      for await (const _ of inside) {
        given += 1;
        await inside.close();
      }
      expect(given).toBe(1);
    });

    it('ends when the loop over it is left, and the ledger can still be closed', async () => {
      const { ledger, make, write } = bench;
      await write(make.stream(), 'access.permitted@1', 'access.permitted@1');
      for await (const event of ledger.follow()) {
        expect(event.revision).toBe(0n);
        break;
      }
      await ledger.close();
    });

    it('ends when the ledger is closed, and none begins afterwards', async () => {
      const { ledger, make, write } = bench;
      await write(make.stream(), 'access.permitted@1');
      const followed = collect(ledger.follow());
      await new Promise((resolve) => setTimeout(resolve, 50));
      await ledger.close();
      expect(await followed).toHaveLength(1);
      expect(() => ledger.follow()).toThrow(LedgerBusy);
      await ledger.close();
    });
  });
}
