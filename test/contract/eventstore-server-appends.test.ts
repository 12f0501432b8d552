import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import {
  ANY,
  binaryEvent,
  MaxAppendSizeExceededError,
  NO_STREAM,
  STREAM_EXISTS,
  StreamNotFoundError,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import { expect } from 'vitest';
import { bytesEvent, bytesEvents, collected, rejection } from '../support/eventstore/awaiting.ts';
import { play } from '../support/eventstore/client-scenes.ts';
import { describeRows } from '../support/eventstore/rows.ts';

const MIB = 1024 * 1024;
const text = (data: unknown): string => Buffer.from(data as Uint8Array).toString();

describeRows('appends', [
  {
    sentence:
      'Success: `{ success: true, nextExpectedRevision: bigint, position: { commit, prepare } }`; the position is that of the *last* event; commit = prepare throughout.',
    run: async ({ client, stream }) => {
      const [name, c] = [stream(), client()];
      const appended = await c.appendToStream(name, bytesEvents(3), { expectedRevision: NO_STREAM });
      const events = await collected(c.readStream(name));
      expect(appended).toEqual({ success: true, nextExpectedRevision: 2n, position: events[2]?.event?.position });
      expect(events).toHaveLength(3);
      for (const { event } of events) expect(event?.position?.commit).toBe(event?.position?.prepare);
    },
  },
  {
    sentence:
      "Conflict: `WrongExpectedVersionError`, `type: 'wrong-expected-version'`, `streamName`, `expectedVersion` (bigint | 'no_stream' | 'stream_exists'), `actualVersion` (bigint | 'no_stream').",
    run: async ({ client, stream }) => {
      const [full, empty, c] = [stream(), stream(), client()];
      await c.appendToStream(full, bytesEvents(2), { expectedRevision: NO_STREAM });
      const cases = [
        [full, NO_STREAM, 'no_stream', 1n],
        [full, 7n, 7n, 1n],
        [full, 0n, 0n, 1n],
        [empty, 7n, 7n, 'no_stream'],
        [empty, STREAM_EXISTS, 'stream_exists', 'no_stream'],
      ] as const;
      for (const [streamName, expectedRevision, expectedVersion, actualVersion] of cases) {
        const error = await rejection(c.appendToStream(streamName, bytesEvent(), { expectedRevision }));
        expect(error).toBeInstanceOf(WrongExpectedVersionError);
        expect(error).toMatchObject({ type: 'wrong-expected-version', streamName, expectedVersion, actualVersion });
      }
      expect(await collected(c.readStream(full))).toHaveLength(2);
    },
  },
  {
    sentence: "**`message` is `''` and `name` is `'Error'`**: test `instanceof` or `type`.",
    run: async ({ client, stream }) => {
      const error = await rejection(client().appendToStream(stream(), bytesEvent(), { expectedRevision: 7n }));
      expect([error.message, error.name]).toEqual(['', 'Error']);
    },
  },
  {
    sentence: 'Of 32 racing appends with one expected revision exactly one wins.',
    run: async ({ client, stream }) => {
      const [name, c] = [stream(), client()];
      await c.appendToStream(name, bytesEvent(), { expectedRevision: NO_STREAM });
      const races = Array.from({ length: 32 }, () => c.appendToStream(name, bytesEvent(), { expectedRevision: 0n }));
      const outcomes = await Promise.allSettled(races);
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await collected(c.readStream(name))).toHaveLength(2);
    },
  },
  {
    sentence:
      'Idempotency: the same ids with the same expected revision give success with the *same* revision and position, also when the stream has grown since, also a prefix of the batch.',
    run: async ({ client, stream }) => {
      const [name, c, batch] = [stream(), client(), bytesEvents(3)];
      const first = await c.appendToStream(name, batch, { expectedRevision: NO_STREAM });
      expect(await c.appendToStream(name, batch, { expectedRevision: NO_STREAM })).toEqual(first);
      await c.appendToStream(name, bytesEvent(), { expectedRevision: 2n });
      expect(await c.appendToStream(name, batch, { expectedRevision: NO_STREAM })).toEqual(first);
      const events = await collected(c.readStream(name));
      const prefix = await c.appendToStream(name, batch.slice(0, 2), { expectedRevision: NO_STREAM });
      expect(prefix).toEqual({ success: true, nextExpectedRevision: 1n, position: events[1]?.event?.position });
      expect(await collected(c.readStream(name))).toHaveLength(4);
    },
  },
  {
    sentence: '**Only ids are compared: other bytes under the same id are acknowledged and not stored** (tried).',
    run: async ({ client, stream }) => {
      const [name, c, id] = [stream(), client(), randomUUID()];
      const first = await c.appendToStream(name, bytesEvent('true', id), { expectedRevision: NO_STREAM });
      expect(await c.appendToStream(name, bytesEvent('false', id), { expectedRevision: NO_STREAM })).toEqual(first);
      expect((await collected(c.readStream(name))).map(({ event }) => text(event?.data))).toEqual(['true']);
    },
  },
  {
    sentence: 'The batch plus one more event, or only its tail: conflict.',
    run: async ({ client, stream }) => {
      const [name, c, batch] = [stream(), client(), bytesEvents(3)];
      await c.appendToStream(name, batch, { expectedRevision: NO_STREAM });
      for (const other of [[...batch, bytesEvent()], batch.slice(1), batch.slice(2)]) {
        const error = await rejection(c.appendToStream(name, other, { expectedRevision: NO_STREAM }));
        expect(error).toBeInstanceOf(WrongExpectedVersionError);
      }
      expect(await collected(c.readStream(name))).toHaveLength(3);
    },
  },
  {
    sentence:
      'Ids are **not unique** otherwise: the same id with the current revision, in another stream, or twice in one batch is stored again.',
    run: async ({ client, stream }) => {
      const [name, other, c, id] = [stream(), stream(), client(), randomUUID()];
      const event = bytesEvent('again', id);
      await c.appendToStream(name, event, { expectedRevision: NO_STREAM });
      await c.appendToStream(name, event, { expectedRevision: 0n });
      await c.appendToStream(name, [event, event], { expectedRevision: 1n });
      await c.appendToStream(other, event, { expectedRevision: NO_STREAM });
      expect((await collected(c.readStream(name))).map((found) => found.event?.id)).toEqual([id, id, id, id]);
      expect((await collected(c.readStream(other))).map((found) => found.event?.id)).toEqual([id]);
    },
  },
  {
    sentence: 'ANY is idempotent within one server lifetime only; after a restart every retry duplicated.',
    runWithFaults: async ({ client, stream }, faults) => {
      const [name, c, batch] = [stream(), client(), bytesEvents(2)];
      const first = await c.appendToStream(name, batch, { expectedRevision: ANY });
      await c.appendToStream(name, bytesEvent(), { expectedRevision: ANY });
      expect(await c.appendToStream(name, batch, { expectedRevision: ANY })).toEqual(first);
      expect(await collected(c.readStream(name))).toHaveLength(3);
      await faults.crash();
      await faults.restart();
      const fresh = client();
      expect((await fresh.appendToStream(name, batch, { expectedRevision: ANY })).nextExpectedRevision).toBe(4n);
      expect(await collected(fresh.readStream(name))).toHaveLength(5);
    },
  },
  {
    sentence:
      'Ids of UUID version 8, `/` and `@` in stream names and types, binary data and metadata come back byte for byte',
    run: async ({ client, stream }) => {
      const [name, c] = [`${stream()}/resident@1`, client()];
      const id = '41ffed4c-7e8f-82e7-bf3f-de04a874ad21';
      const data = Uint8Array.from({ length: 256 }, (_, i) => i);
      const metadata = Uint8Array.from({ length: 256 }, (_, i) => 255 - i);
      const event = binaryEvent({ id, type: 'consent.granted@1/x', data, metadata });
      await c.appendToStream(name, event, { expectedRevision: NO_STREAM });
      const found = (await collected(c.readStream(name)))[0]?.event;
      expect(found).toMatchObject({ id, streamId: name, type: 'consent.granted@1/x', isJson: false, revision: 0n });
      expect(Buffer.compare(found?.data as Uint8Array, data)).toBe(0);
      expect(Buffer.compare(found?.metadata as Uint8Array, metadata)).toBe(0);
    },
  },
  {
    sentence: '15 MiB of metadata beside one byte of data was accepted',
    run: async ({ client, stream }) => {
      const [name, c, metadata] = [stream(), client(), Buffer.alloc(15 * MIB, 0xfe)];
      const event = binaryEvent({ type: 'row@1', data: Buffer.from([1]), metadata });
      await c.appendToStream(name, event, { expectedRevision: NO_STREAM });
      const found = (await collected(c.readStream(name)))[0]?.event;
      expect(metadata.equals(found?.metadata as Uint8Array)).toBe(true);
    },
  },
  {
    sentence: '1,000 events of 183 + 900 bytes in one append took 92 ms.',
    run: async ({ client, stream }) => {
      const [name, c] = [stream(), client()];
      const [data, metadata] = [Buffer.alloc(183, 1), Buffer.alloc(900, 0xfe)];
      const events = Array.from({ length: 1_000 }, () => binaryEvent({ type: 'row@1', data, metadata }));
      const appended = await c.appendToStream(name, events, { expectedRevision: NO_STREAM });
      expect(appended.nextExpectedRevision).toBe(999n);
      const found = await collected(c.readStream(name));
      expect(found.map(({ event }) => event?.id)).toEqual(events.map(({ id }) => id));
    },
  },
  {
    sentence: '(`uuid` 8.3, which the client brings, refuses versions above 5: check ids with a pattern of our own.)',
    run: async () => {
      const { validate } = createRequire(createRequire(import.meta.url).resolve('@eventstore/db-client'))('uuid');
      expect(validate('41ffed4c-7e8f-52e7-bf3f-de04a874ad21')).toBe(true);
      expect(validate('41ffed4c-7e8f-82e7-bf3f-de04a874ad21')).toBe(false);
    },
  },
  {
    sentence:
      "Limits: 1 MiB of *data* bytes an append (metadata does not count, *source*): `MaxAppendSizeExceededError`, `type: 'maximum-append-size-exceeded'`, `maxAppendSize`, nothing written.",
    run: async ({ client, stream }) => {
      const [name, c] = [stream(), client()];
      for (const credentials of [undefined, { username: 'any', password: 'any' }]) {
        const options = { expectedRevision: NO_STREAM, ...(credentials && { credentials }) } as const;
        const error = await rejection(c.appendToStream(name, bytesEvents(2, Buffer.alloc(MIB / 2 + 1)), options));
        expect(error).toBeInstanceOf(MaxAppendSizeExceededError);
        expect(error).toMatchObject({ type: 'maximum-append-size-exceeded', maxAppendSize: MIB });
      }
      expect(await rejection(collected(c.readStream(name)))).toBeInstanceOf(StreamNotFoundError);
      const full = await c.appendToStream(name, bytesEvents(2, Buffer.alloc(MIB / 2)), { expectedRevision: NO_STREAM });
      expect(full.nextExpectedRevision).toBe(1n);
    },
  },
  {
    sentence: '20 MiB: UnknownError code 8, and every append in flight on that client fails with it.',
    run: async ({ url }) => {
      const { seen, unhandled } = await play('twenty mebibytes', url);
      expect(seen).toMatchObject({ huge: 'unknown 8', next: 'stored' });
      // The first of those behind it may have passed it; nothing but its error befalls the others.
      const fates = new Set(seen.beside as readonly string[]);
      expect(fates).toContain('unknown 8');
      expect([...fates].filter((fate) => !['unknown 8', 'stored'].includes(fate))).toEqual([]);
      // And no more than the page says: each of those that waited behind it for the connection is a rejection unhandled, too.
      expect(unhandled.filter((message) => !message.includes('RESOURCE_EXHAUSTED'))).toEqual([]);
    },
  },
  {
    sentence:
      '`[]` writes to the log and returns 0n for a stream that still does not exist: refuse it before the client.',
    run: async ({ client, stream }) => {
      const [name, c] = [stream(), client()];
      const nothing = await c.appendToStream(name, [], { expectedRevision: NO_STREAM });
      expect(nothing).toMatchObject({ success: true, nextExpectedRevision: 0n });
      expect(await rejection(collected(c.readStream(name)))).toBeInstanceOf(StreamNotFoundError);
      const next = await c.appendToStream(name, bytesEvent(), { expectedRevision: NO_STREAM });
      expect(next.nextExpectedRevision).toBe(0n);
      expect(next.position?.commit).toBeGreaterThan(nothing.position?.commit ?? 0n);
    },
  },
]);
