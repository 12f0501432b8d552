import {
  BACKWARDS,
  END,
  NO_STREAM,
  type ReadAllOptions,
  START,
  StreamDeletedError,
  StreamNotFoundError,
  UnknownError,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import { expect } from 'vitest';
import { bytesEvent, bytesEvents, collected, rejection } from '../support/eventstore/awaiting.ts';
import { play } from '../support/eventstore/client-scenes.ts';
import { describeRows } from '../support/eventstore/rows.ts';

const revisions = (events: readonly { readonly event?: { readonly revision: bigint } }[]): (bigint | undefined)[] =>
  events.map(({ event }) => event?.revision);

describeRows('reads', [
  {
    sentence: '`readStream`: `fromRevision` inclusive both ways',
    run: async ({ client, stream }) => {
      const [name, c] = [stream(), client()];
      await c.appendToStream(name, bytesEvents(5), { expectedRevision: NO_STREAM });
      const read = (options: object) => collected(c.readStream(name, options));
      expect(revisions(await read({ fromRevision: 2n }))).toEqual([2n, 3n, 4n]);
      expect(revisions(await read({ fromRevision: 2n, maxCount: 2 }))).toEqual([2n, 3n]);
      expect(revisions(await read({ fromRevision: 2n, direction: BACKWARDS }))).toEqual([2n, 1n, 0n]);
      expect(revisions(await read({ fromRevision: END, direction: BACKWARDS, maxCount: 1 }))).toEqual([4n]);
      expect(revisions(await read({ fromRevision: START }))).toEqual([0n, 1n, 2n, 3n, 4n]);
    },
  },
  {
    sentence: 'beyond the end forwards: empty',
    run: async ({ client, stream }) => {
      const [name, c] = [stream(), client()];
      await c.appendToStream(name, bytesEvents(2), { expectedRevision: NO_STREAM });
      expect(await collected(c.readStream(name, { fromRevision: 2n }))).toEqual([]);
      expect(await collected(c.readStream(name, { fromRevision: 1_000n }))).toEqual([]);
    },
  },
  {
    sentence: '`maxCount: 0`: UnknownError',
    run: async ({ client, stream }) => {
      const [name, c] = [stream(), client()];
      await c.appendToStream(name, bytesEvents(2), { expectedRevision: NO_STREAM });
      expect(await rejection(collected(c.readStream(name, { maxCount: 0 })))).toBeInstanceOf(UnknownError);
    },
  },
  {
    sentence: 'Missing or soft-deleted: `StreamNotFoundError` (`stream-not-found`) on iteration',
    run: async ({ client, stream }) => {
      const [name, c] = [stream(), client()];
      await c.appendToStream(name, bytesEvents(2), { expectedRevision: NO_STREAM });
      await c.deleteStream(name);
      for (const streamName of [name, stream()]) {
        const error = await rejection(collected(c.readStream(streamName)));
        expect(error).toBeInstanceOf(StreamNotFoundError);
        expect(error).toMatchObject({ type: 'stream-not-found', streamName });
      }
    },
  },
  {
    sentence: 'tombstoned: `StreamDeletedError`.',
    run: async ({ client, stream }) => {
      const [name, c] = [stream(), client()];
      await c.appendToStream(name, bytesEvents(2), { expectedRevision: NO_STREAM });
      await c.tombstoneStream(name);
      expect(await rejection(collected(c.readStream(name)))).toBeInstanceOf(StreamDeletedError);
      for (const expectedRevision of [NO_STREAM, 1n] as const) {
        const error = await rejection(c.appendToStream(name, bytesEvent(), { expectedRevision }));
        expect(error).toBeInstanceOf(StreamDeletedError);
      }
    },
  },
  {
    sentence: '`readAll`: **no `filter`** in this client (one passed is ignored): filter on our side.',
    run: async ({ client, stream }) => {
      const [name, other, c] = [stream(), stream(), client()];
      await c.appendToStream(name, bytesEvent(), { expectedRevision: NO_STREAM });
      await c.appendToStream(other, bytesEvent(), { expectedRevision: NO_STREAM });
      const filter = { filterOn: 'streamName', prefixes: [name], checkpointInterval: 1 };
      const options = { fromPosition: END, direction: BACKWARDS, maxCount: 10, filter } as ReadAllOptions;
      expect((await collected(c.readAll(options))).map(({ event }) => event?.streamId)).toContain(other);
    },
  },
  {
    sentence: 'Positions strictly increase but are byte offsets, not gapless.',
    run: async ({ client, stream }) => {
      const [name, c] = [stream(), client()];
      const sizes = [10, 1_000, 100_000];
      const events = sizes.map((size) => bytesEvent(Buffer.alloc(size)));
      const { position } = await c.appendToStream(name, [...events, bytesEvent()], { expectedRevision: NO_STREAM });
      const found = await collected(c.readStream(name));
      const positions = found.map(({ event }) => event?.position?.commit ?? -1n);
      expect(positions[3]).toBe(position?.commit);
      for (const [i, size] of sizes.entries()) {
        // As many bytes on as the event has, and its words.
        const step = Number((positions[i + 1] ?? 0n) - (positions[i] ?? 0n));
        expect(step).toBeGreaterThan(size);
        expect(step).toBeLessThan(size + 1_000);
      }
      const all = await collected(c.readAll({ fromPosition: END, direction: BACKWARDS, maxCount: 50 }));
      const descending = all.map(({ event }) => event?.position?.commit ?? -1n);
      for (const [i, at] of descending.slice(1).entries()) expect(at).toBeLessThan(descending[i] ?? 0n);
    },
  },
  {
    sentence: '`fromPosition` is inclusive forwards, exclusive backwards',
    run: async ({ client, stream }) => {
      const [name, c] = [stream(), client()];
      await c.appendToStream(name, bytesEvents(3), { expectedRevision: NO_STREAM });
      const fromPosition = (await collected(c.readStream(name)))[1]?.event?.position ?? START;
      const forwards = await collected(c.readAll({ fromPosition, maxCount: 2 }));
      expect(forwards.map(({ event }) => [event?.streamId, event?.revision])).toEqual([
        [name, 1n],
        [name, 2n],
      ]);
      const backwards = await collected(c.readAll({ fromPosition, direction: BACKWARDS, maxCount: 1 }));
      expect(backwards.map(({ event }) => [event?.streamId, event?.revision])).toEqual([[name, 0n]]);
    },
  },
  {
    sentence: 'a position that is no record boundary: UnknownError.',
    run: async ({ client, stream }) => {
      const [name, c] = [stream(), client()];
      await c.appendToStream(name, bytesEvents(2), { expectedRevision: NO_STREAM });
      const at = (await collected(c.readStream(name)))[0]?.event?.position?.commit ?? 0n;
      const fromPosition = { commit: at + 3n, prepare: at + 3n };
      expect(await rejection(collected(c.readAll({ fromPosition, maxCount: 1 })))).toBeInstanceOf(UnknownError);
    },
  },
  {
    sentence:
      '`break` out of a read leaks the call and `dispose()` then never resolves: use `maxCount` and read to the end.',
    run: async ({ url }) => {
      expect((await play('a read left half way', url)).seen).toEqual({ dispose: 'pending' });
    },
  },
  {
    sentence: 'Without `dispose()` the process does not exit.',
    run: async ({ url }) => {
      const [open, disposed] = await Promise.all([play('a client left open', url), play('a client disposed of', url)]);
      expect([open.seen, disposed.seen]).toEqual([{ append: 'stored' }, { append: 'stored' }]);
      expect([open.ended, disposed.ended]).toEqual([false, true]);
    },
  },
  {
    sentence: 'After a soft delete an append with NO_STREAM works and revisions *continue* (not 0).',
    run: async ({ client, stream }) => {
      const [name, c] = [stream(), client()];
      await c.appendToStream(name, bytesEvents(2), { expectedRevision: NO_STREAM });
      await c.deleteStream(name, { expectedRevision: 1n });
      const appended = await c.appendToStream(name, bytesEvent(), { expectedRevision: NO_STREAM });
      expect(appended.nextExpectedRevision).toBe(2n);
      expect(revisions(await collected(c.readStream(name)))).toEqual([2n]);
      const again = await rejection(c.appendToStream(name, bytesEvent(), { expectedRevision: NO_STREAM }));
      expect(again).toBeInstanceOf(WrongExpectedVersionError);
    },
  },
  {
    sentence: '`getStreamMetadata().metastreamRevision` is wrong (a log position).',
    run: async ({ client, stream }) => {
      const [name, c] = [stream(), client()];
      await c.appendToStream(name, bytesEvents(5), { expectedRevision: NO_STREAM });
      const set = await c.setStreamMetadata(name, { maxCount: 2 });
      const { metadata, metastreamRevision } = await c.getStreamMetadata(name);
      expect(metadata).toEqual({ maxCount: 2 });
      expect([set.nextExpectedRevision, metastreamRevision]).toEqual([0n, set.position?.commit]);
      // And the metadata holds: the older events are hidden.
      expect(revisions(await collected(c.readStream(name)))).toEqual([3n, 4n]);
    },
  },
]);
