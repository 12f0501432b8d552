import { once } from 'node:events';
import {
  type AllStreamResolvedEvent,
  type AllStreamSubscription,
  BACKWARDS,
  END,
  type EventStoreDBClient,
  NO_STREAM,
  type Position,
  START,
  streamNameFilter,
  TimeoutError,
} from '@eventstore/db-client';
import { expect } from 'vitest';
import { after, bytesEvent, bytesEvents, collected, rejection } from '../support/eventstore/awaiting.ts';
import { describeRows, type RowBench } from '../support/eventstore/rows.ts';

/** A client of a connection of its own: clients of equal settings share one, and only the settings that differ part them. */
const OWN_CONNECTION = '&keepAliveInterval=11000';

interface Live {
  /** Revisions of what arrived, in order. */
  readonly events: readonly bigint[];
  readonly dropped: Promise<Error>;
  /** Resolves when so many events arrived, or it was dropped, with true in that case. */
  arrived(count: number): Promise<boolean>;
}

/** A live subscription at the end of the log, and what becomes of it. */
async function live(client: EventStoreDBClient, stream: string): Promise<Live> {
  const subscription = client.subscribeToAll({ fromPosition: END });
  const events: bigint[] = [];
  let error: Error | undefined;
  const dropped = new Promise<Error>((resolve) => {
    subscription.once('error', (cause: Error) => {
      error = cause;
      resolve(cause);
    });
  });
  subscription.on('data', ({ event }) => {
    if (event?.streamId === stream) events.push(event.revision);
  });
  await once(subscription, 'caughtUp');
  const arrived = async (count: number): Promise<boolean> => {
    while (events.length < count && error === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
    return error !== undefined;
  };
  return { events, dropped, arrived };
}

/** How many of the tries dropped a live subscription beside one append of so many events. */
async function drops({ client, stream }: RowBench, count: number, tries: number): Promise<number> {
  let dropped = 0;
  for (let i = 0; i < tries; i += 1) {
    const [name, follower] = [stream(), client(OWN_CONNECTION)];
    const { arrived } = await live(follower, name);
    await client().appendToStream(name, bytesEvents(count, 'x'), { expectedRevision: NO_STREAM });
    if (await arrived(count)) dropped += 1;
    await follower.dispose();
  }
  return dropped;
}

/** Reads the subscription until `count` events of the stream arrived. */
async function next(subscription: AllStreamSubscription, stream: string, count: number): Promise<bigint[]> {
  const found: bigint[] = [];
  for await (const { event } of subscription) {
    if (event?.streamId === stream) found.push(event.revision);
    if (found.length === count) break;
  }
  return found;
}

const range = (from: number, to: number): bigint[] => Array.from({ length: to - from }, (_, i) => BigInt(from + i));

/** Small appends that a slow consumer has no part in: they are there before it begins. */
async function filled({ client, stream }: RowBench, count: number): Promise<string> {
  const name = stream();
  await client().appendToStream(name, bytesEvents(count, 'x'), { expectedRevision: NO_STREAM });
  return name;
}

describeRows('subscriptions', [
  {
    sentence: 'From a position or revision: **exclusive**.',
    run: async (bench) => {
      const [name, c] = [await filled(bench, 5), bench.client()];
      const fromPosition = (await collected(c.readStream(name)))[1]?.event?.position ?? START;
      expect(await next(c.subscribeToAll({ fromPosition }), name, 3)).toEqual([2n, 3n, 4n]);
      const found: bigint[] = [];
      for await (const { event } of c.subscribeToStream(name, { fromRevision: 1n })) {
        if (found.push(event?.revision ?? -1n) === 3) break;
      }
      expect(found).toEqual([2n, 3n, 4n]);
    },
  },
  {
    sentence: '`confirmation`, `caughtUp`, `checkpointReached` arrive',
    run: async (bench) => {
      const [name, c] = [await filled(bench, 80), bench.client()];
      const order: string[] = [];
      const filter = streamNameFilter({
        prefixes: [name],
        checkpointReached: async () => void order.push('checkpointReached'),
      });
      const subscription = c.subscribeToAll({ fromPosition: START, filter });
      subscription.on('confirmation', () => order.push('confirmation'));
      subscription.on('caughtUp', () => order.push('caughtUp'));
      const events: bigint[] = [];
      subscription.on('data', ({ event }) => events.push(event?.revision ?? -1n));
      await once(subscription, 'caughtUp');
      expect(order[0]).toBe('confirmation');
      expect(order).toContain('checkpointReached');
      expect(order.at(-1)).toBe('caughtUp');
      expect(events).toEqual(range(0, 80));
      // Live from here on.
      const arrived = once(subscription, 'data');
      await c.appendToStream(name, bytesEvent(), { expectedRevision: 79n });
      expect(((await arrived)[0] as AllStreamResolvedEvent).event?.revision).toBe(80n);
    },
  },
  {
    sentence:
      '**The server drops a live subscription that is a little slow**: `TimeoutError` (`type: \'timeout\'`, code 10, "Consumer too slow …"); its buffer holds 32 events.',
    run: async ({ client, stream }) => {
      const [name, c] = [stream(), client(OWN_CONNECTION)];
      const subscription = c.subscribeToAll({ fromPosition: END });
      const dropped = once(subscription, 'error');
      // Nobody reads; more than the connection takes, then more than the buffer holds.
      await once(subscription, 'caughtUp');
      const writer = client();
      for (let i = 0; i < 5; i += 1) {
        const events = bytesEvents(100, Buffer.alloc(10_000));
        await writer.appendToStream(name, events, { expectedRevision: i === 0 ? NO_STREAM : BigInt(i * 100 - 1) });
      }
      const failed = dropped.then(([error]) => error as Error & { type: string; code: number });
      subscription.resume();
      const error = await failed;
      expect(error).toBeInstanceOf(TimeoutError);
      expect(error).toMatchObject({ type: 'timeout', code: 10 });
      expect(error.message).toContain('Consumer too slow');
    },
  },
  {
    sentence: 'One append of 300 events survived, 500 dropped it in about half of the tries, 1,000 in most',
    run: async (bench) => {
      const tries = 6;
      const of300 = await drops(bench, 300, 2);
      const of500 = await drops(bench, 500, tries);
      const of1000 = await drops(bench, 1_000, tries);
      // Chance has its part: what is certain is that 300 may survive and 1,000 may not.
      expect(of300).toBeLessThan(2);
      expect(of500).toBeLessThanOrEqual(tries);
      expect(of1000).toBeGreaterThan(0);
    },
  },
  {
    sentence: "so did 16–64 single writers on the subscriber's own connection.",
    run: async ({ client, stream }) => {
      const [name, c] = [stream(), client()];
      const { dropped } = await live(c, name);
      const until = Date.now() + 40_000;
      let stopped = false;
      dropped.then(() => {
        stopped = true;
      });
      const write = async (): Promise<void> => {
        const own = stream();
        for (let i = 0; !stopped && Date.now() < until; i += 1) {
          await c.appendToStream(own, bytesEvent(), { expectedRevision: i === 0 ? NO_STREAM : BigInt(i - 1) });
        }
      };
      await Promise.all(Array.from({ length: 64 }, write));
      expect(stopped).toBe(true);
      expect(await dropped).toBeInstanceOf(TimeoutError);
    },
  },
  {
    sentence: 'The client does **not** reconnect by itself.',
    runWithFaults: async ({ client, stream }, faults) => {
      const [name, c] = [stream(), client()];
      const { dropped, events } = await live(c, name);
      await faults.dropSubscriptions();
      expect(await dropped).toBeInstanceOf(TimeoutError);
      await c.appendToStream(name, bytesEvent(), { expectedRevision: NO_STREAM });
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(events).toEqual([]);
    },
  },
  {
    sentence: 'Subscribing again from the last delivered position gave 22,400 of 22,400 events once, in order.',
    run: async ({ client, stream }) => {
      const [name, c] = [stream(), client(OWN_CONNECTION)];
      const total = 5_000;
      let from: Position | typeof START = (await lastPosition(c)) ?? START;
      const found: bigint[] = [];
      let subscribed = 0;
      const follow = async (): Promise<void> => {
        while (found.length < total) {
          subscribed += 1;
          try {
            for await (const { event } of c.subscribeToAll({ fromPosition: from })) {
              from = event?.position ?? from;
              if (event?.streamId === name && found.push(event.revision) === total) return;
            }
          } catch (cause) {
            if (!(cause instanceof TimeoutError)) throw cause;
          }
        }
      };
      const following = follow();
      const writer = client();
      for (let i = 0; i < total; i += 500) {
        const expectedRevision = i === 0 ? NO_STREAM : BigInt(i - 1);
        await writer.appendToStream(name, bytesEvents(500, 'x'), { expectedRevision });
      }
      await following;
      expect(found).toEqual(range(0, total));
      expect(subscribed).toBeGreaterThan(1);
    },
  },
  {
    sentence:
      '`checkpointReached` and `caughtUp` run up to 16 events ahead of a `for await` consumer: never persist a checkpoint beyond what is processed.',
    run: async (bench) => {
      const [name, c] = [await filled(bench, 40), bench.client()];
      let processed = 0;
      const ahead: number[] = [];
      const filter = streamNameFilter({
        prefixes: [name],
        checkpointReached: async () => void ahead.push(processed),
      });
      const subscription = c.subscribeToAll({ fromPosition: START, filter });
      let caughtUpAt: number | undefined;
      subscription.on('caughtUp', () => {
        caughtUpAt = processed;
      });
      for await (const { event } of subscription) {
        if (event?.streamId !== name) continue;
        processed += 1;
        await new Promise((resolve) => setTimeout(resolve, 2));
        if (processed === 40) break;
      }
      expect(caughtUpAt).toBeLessThan(40);
      expect(40 - (caughtUpAt ?? 0)).toBeLessThanOrEqual(17);
      expect(ahead.length).toBeGreaterThan(0);
    },
  },
  {
    sentence: 'Raise `checkpointInterval` (default: every 32 events).',
    run: async (bench) => {
      const [name, c] = [await filled(bench, 200), bench.client()];
      const from = (await collected(c.readStream(name, { maxCount: 1 })))[0]?.event?.position ?? START;
      const checkpoints = async (checkpointInterval?: number): Promise<number> => {
        let count = 0;
        const filter = streamNameFilter({
          prefixes: [name],
          ...(checkpointInterval === undefined ? {} : { checkpointInterval }),
          checkpointReached: async () => {
            count += 1;
          },
        });
        const subscription = c.subscribeToAll({ fromPosition: from, filter });
        subscription.resume();
        await once(subscription, 'caughtUp');
        return count;
      };
      // 199 events in pages of 32; the last page may or may not count.
      const often = await checkpoints();
      expect(often).toBeGreaterThanOrEqual(5);
      expect(often).toBeLessThanOrEqual(8);
      expect(await checkpoints(1_000)).toBeLessThanOrEqual(1);
    },
  },
  {
    sentence: 'A listener-style subscription emits `error` and then neither `end` nor `close`; `for await` throws.',
    runWithFaults: async ({ client }, faults) => {
      const c = client();
      const said: string[] = [];
      const listened = c.subscribeToAll({ fromPosition: END });
      for (const event of ['error', 'end', 'close']) listened.on(event, () => said.push(event));
      listened.on('data', () => {});
      await once(listened, 'caughtUp');
      const iterated = c.subscribeToAll({ fromPosition: END });
      const thrown = rejection(collected(iterated));
      await once(iterated, 'caughtUp');
      await faults.dropSubscriptions();
      expect(await thrown).toBeInstanceOf(TimeoutError);
      expect(await after(300, once(listened, 'close'))).toBe('pending');
      expect(said).toEqual(['error']);
    },
  },
]);

async function lastPosition(client: EventStoreDBClient): Promise<Position | undefined> {
  const last = await collected(client.readAll({ fromPosition: END, direction: BACKWARDS, maxCount: 1 }));
  return last[0]?.event?.position;
}
