import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { StreamName } from '../../src/kernel/id.ts';
import { LedgerBusy } from '../../src/ledger/faults.ts';
import { MAX_APPEND_EVENTS, type Priority } from '../../src/ledger/port.ts';
import { verifyLedger } from '../support/verify-ledger.ts';
import { type Bench, expectConflict, idsOf, type LedgerUnderTest, openBench } from './ledger-under-test.ts';

/** An engine that can be kept from writing, so that appends queue up. */
export interface HeldLedger extends LedgerUnderTest {
  /** Keeps every engine of the store from writing; gives the way to let go. */
  hold(): Promise<() => Promise<void>>;
}

export type OpenHeld = (options?: { readonly queueLimit?: number }) => Promise<HeldLedger>;

/** What the port promises of engines whose appends wait for each other. */
export function queueContract(name: string, open: OpenHeld): void {
  describe(`the queue of the ${name} engine`, () => {
    let bench: Bench;
    let hold: HeldLedger['hold'];
    async function prepare(queueLimit?: number): Promise<void> {
      bench = await openBench(
        async (options) => {
          const held = await open(options);
          hold = held.hold;
          return held;
        },
        queueLimit === undefined ? {} : { queueLimit },
      );
    }
    afterEach(() => bench.close());

    const append = (
      priority: Priority = 'command',
      stream: StreamName = bench.make.stream(),
      events = bench.make.events(1),
    ) => bench.ledger.append(stream, events, bench.now(), priority);

    /** Lets the engine take a first group, which then waits for the store; what comes now stands in the queue. */
    async function occupy(): Promise<{ letGo: () => Promise<void>; first: Promise<unknown> }> {
      await append();
      const letGo = await hold();
      const first = append();
      await sleep(30);
      return { letGo, first };
    }

    it('is bounded: one more is told when to come back, at once and without a trace', async () => {
      await prepare(5);
      const { letGo, first } = await occupy();
      const waiting = Array.from({ length: 5 }, () => append());
      expect(bench.ledger.queued).toBe(6);
      const refused = bench.make.events(2);
      const began = performance.now();
      const busy = await append('command', bench.make.stream(), refused).catch((error) => error);
      expect(performance.now() - began).toBeLessThan(100);
      expect(busy).toBeInstanceOf(LedgerBusy);
      expect(busy.code).toBe('busy');
      expect(busy.retryAfterMs).toBeGreaterThan(0);
      await expect(append('read')).rejects.toBeInstanceOf(LedgerBusy);
      await letGo();
      await Promise.all([first, ...waiting]);
      expect(bench.ledger.queued).toBe(0);
      expect(await bench.ledger.find(refused[0]?.id ?? bench.make.id())).toBeUndefined();
      expect((await verifyLedger(bench.ledger, bench.suite)).events).toHaveLength(7);
      await append();
    });

    it('lets commands go ahead of reads, and keeps the order among its like', async () => {
      await prepare();
      const { letGo, first } = await occupy();
      const order: Priority[] = ['read', 'read', 'command', 'read', 'command', 'command'];
      const events = order.map(() => bench.make.events(1));
      const waiting = order.map((priority, i) => append(priority, bench.make.stream(), events[i]));
      await letGo();
      await Promise.all([first, ...waiting]);
      const expected = [2, 4, 5, 0, 1, 3].flatMap((i) => idsOf(events[i] ?? []));
      expect(idsOf(await bench.all()).slice(-6)).toEqual(expected);
    });

    it('makes a read that waited behind a command hear what the command did', async () => {
      await prepare();
      const { letGo, first } = await occupy();
      const { ledger, make, now } = bench;
      const stream = make.stream();
      const guard = now({ stream, revision: -1n, kinds: ['consent.'] });
      const read = ledger.append(stream, make.events(1), guard, 'read');
      const revoke = ledger.append(stream, make.events(1, 'consent.revoked@1'), guard, 'command');
      const refused = expectConflict(read, 'seen');
      await letGo();
      await Promise.all([first, revoke, refused]);
    });

    it('never splits an append, however full the groups are', async () => {
      await prepare();
      const { letGo, first } = await occupy();
      const sizes = [700, 700, MAX_APPEND_EVENTS, 1, 1, 1023, 2, 400];
      const events = sizes.map((size) => bench.make.events(size));
      const waiting = events.map((each) => append('command', bench.make.stream(), each));
      await letGo();
      const written = await Promise.all(waiting);
      await first;
      expect(idsOf(await bench.all()).slice(2)).toEqual(events.flatMap(idsOf));
      expect(written.map((appended) => appended.events.length)).toEqual(sizes);
    });

    it('takes large appends although few of them fill a group', async () => {
      await prepare();
      const { letGo, first } = await occupy();
      const large = Array.from({ length: 5 }, () => [bench.make.event({ retainedBytes: 3 * 2 ** 20 })]);
      const waiting = large.map((events) => append('command', bench.make.stream(), events));
      await letGo();
      await Promise.all([first, ...waiting]);
      expect(idsOf(await bench.all()).slice(2)).toEqual(large.flatMap(idsOf));
    });

    it('is worked off when the ledger is closed', async () => {
      await prepare();
      const other = await bench.another();
      const { letGo, first } = await occupy();
      const waiting = Array.from({ length: 30 }, (_, i) => append(i % 2 ? 'read' : 'command'));
      const closing = bench.ledger.close();
      await expect(append()).rejects.toBeInstanceOf(LedgerBusy);
      await letGo();
      await closing;
      await Promise.all([first, ...waiting]);
      expect((await verifyLedger(other, bench.suite)).events).toHaveLength(32);
    });
  });
}
