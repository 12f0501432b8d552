import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { EventStoreDBClient, NO_STREAM, UnavailableError } from '@eventstore/db-client';
import { expect } from 'vitest';
import { after, bytesEvent, bytesEvents, collected, rejection } from '../support/eventstore/awaiting.ts';
import { type Played, play, type Scene } from '../support/eventstore/client-scenes.ts';
import { describeRows } from '../support/eventstore/rows.ts';

const SCENES = [
  'malformed id',
  'empty type',
  'malformed id with credentials',
  'json that cannot be printed',
  'a clock an hour behind',
  'the pending of two clients',
] as const satisfies readonly Scene[];

let playing: Promise<Readonly<Record<string, Played>>> | undefined;

/** The scenes, all at once and once: each waits for what comes seconds later. */
async function played(url: string, scene: (typeof SCENES)[number]): Promise<Played> {
  playing ??= Promise.all(SCENES.map(async (each) => [each, await play(each, url)] as const)).then(Object.fromEntries);
  return (await playing)[scene] as Played;
}

const poisoned = (url: string): Promise<readonly Played[]> =>
  Promise.all((['malformed id', 'empty type'] as const).map((scene) => played(url, scene)));

describeRows("the client's faults", [
  {
    sentence:
      '**A poisoned batch stream.** An event with a malformed id or an empty type: UnknownError, and 2 s later an *unhandled rejection*',
    run: async ({ url }) => {
      for (const { seen, unhandled } of await poisoned(url)) {
        expect(seen).toMatchObject({ before: 'stored', bad: 'unknown undefined', soon: 'stored' });
        expect(unhandled).toEqual([expect.stringContaining('undefined is not iterable')]);
      }
    },
  },
  {
    sentence: 'if that is survived, every later append on that client hangs for ever.',
    run: async ({ url }) => {
      for (const { seen } of await poisoned(url)) expect(seen.later).toBe('pending');
    },
  },
  {
    sentence:
      '**Pending appends are global to the module.** A broken connection of client A rejects the appends in flight of client B, whose server is healthy, and B then hangs.',
    runWithFaults: async ({ url }) => {
      const { seen, unhandled } = await played(url, 'the pending of two clients');
      expect(seen).toMatchObject({ ofA: 'unavailable 14', ofB: 'unavailable 14', later: 'pending' });
      expect(unhandled).toHaveLength(1);
    },
  },
  {
    sentence:
      'pass per-call `credentials`, which on `tls=false` are ignored and select a separate call per append (slower: 377 / 2,415 / 2,557 at 1 / 16 / 64; faults 1 and, by source, 2 do not occur).',
    run: async ({ url }) => {
      const { seen, unhandled } = await played(url, 'malformed id with credentials');
      expect(seen).toEqual({ before: 'stored', bad: 'unknown 2', soon: 'stored', later: 'stored' });
      expect(unhandled).toEqual([]);
    },
  },
  {
    sentence:
      'faults 1 and, by source, 2 do not occur: an append with credentials outlives the connection of another client.',
    runWithFaults: async ({ url }) => {
      expect((await played(url, 'the pending of two clients')).seen.withCredentials).toBe('stored');
    },
  },
  {
    sentence: '**No time-outs.** `deadline` does nothing useful on batch append; reads wait for ever.',
    runWithFaults: async ({ client, stream }, faults) => {
      const [name, c] = [stream(), client()];
      await c.appendToStream(name, bytesEvent(), { expectedRevision: NO_STREAM });
      await faults.freeze();
      const append = c.appendToStream(name, bytesEvent(), { expectedRevision: 0n, deadline: 200 });
      const read = collected(c.readStream(name, { deadline: 200 }));
      expect(await Promise.all([after(1_500, append), after(1_500, read)])).toEqual(['pending', 'pending']);
      await faults.thaw();
      await Promise.allSettled([append, read]);
    },
  },
  {
    sentence:
      'A frozen server: UnavailableError after about 20 s, and the next append waited more than 60 s *and was written when the server went on*.',
    runWithFaults: async ({ client, stream }, faults) => {
      // The 20 s are the two settings, 10 s each unless told.
      const [name, next, c] = [stream(), stream(), client('&keepAliveInterval=1000&keepAliveTimeout=1000')];
      await c.appendToStream(name, bytesEvent(), { expectedRevision: NO_STREAM });
      await faults.freeze();
      const since = performance.now();
      const inFlight = await rejection(c.appendToStream(name, bytesEvent(), { expectedRevision: 0n }));
      expect(inFlight).toBeInstanceOf(UnavailableError);
      expect(performance.now() - since).toBeGreaterThan(1_000);
      const waiting = c.appendToStream(next, bytesEvent('waited'), { expectedRevision: NO_STREAM });
      expect(await after(2_500, waiting)).toBe('pending');
      await faults.thaw();
      expect((await waiting).success).toBe(true);
      expect(await collected(c.readStream(next))).toHaveLength(1);
      // What was in flight had reached the server, too: its caller was told of no such thing.
      expect(await collected(c.readStream(name))).toHaveLength(2);
    },
  },
  {
    sentence: 'A port that accepts and never answers: never settles.',
    run: async ({ stream }) => {
      const silent = createServer(() => {});
      silent.listen(0, '127.0.0.1');
      await once(silent, 'listening');
      const { port } = silent.address() as AddressInfo;
      const c = EventStoreDBClient.connectionString(`esdb://127.0.0.1:${port}?tls=false`);
      const append = c.appendToStream(stream(), bytesEvent());
      const read = collected(c.readStream(stream()));
      expect(await Promise.all([after(1_000, append), after(1_000, read)])).toEqual(['pending', 'pending']);
      silent.close();
      void c.dispose();
    },
  },
  {
    sentence:
      'JSON that cannot be stringified (BigInt, cycle): an unhandled rejection and a promise that never settles',
    run: async ({ url }) => {
      const { seen, unhandled } = await played(url, 'json that cannot be printed');
      expect(seen).toEqual({ cycle: 'pending', bigint: 'pending' });
      expect(unhandled).toHaveLength(2);
    },
  },
  {
    sentence: '`throwOnAppendFailure: false` returned a wrong revision.',
    run: async ({ client, stream }) => {
      const [name, c] = [stream(), client('&throwOnAppendFailure=false')];
      await c.appendToStream(name, bytesEvents(5), { expectedRevision: NO_STREAM });
      const refused = await c.appendToStream(name, bytesEvent(), { expectedRevision: NO_STREAM });
      expect(refused.success).toBe(false);
      expect(refused.nextExpectedRevision).not.toBe(4n);
    },
  },
  {
    sentence: 'The batch deadline is an absolute client time: a badly skewed clock times out (*source*).',
    run: async ({ url }) => {
      const { seen } = await played(url, 'a clock an hour behind');
      expect(seen).toEqual({ right: 'stored', skewed: 'deadline-exceeded undefined' });
    },
  },
]);
