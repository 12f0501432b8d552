import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Malformed } from '../../src/kernel/fault.ts';
import type { StreamName } from '../../src/kernel/id.ts';
import { addMs } from '../../src/kernel/instant.ts';
import { AppendTooLarge, LedgerBusy } from '../../src/ledger/faults.ts';
import { parseHeader } from '../../src/ledger/header.ts';
import { MAX_APPEND_BYTES, MAX_APPEND_EVENTS } from '../../src/ledger/port.ts';
import { SEEDED_START } from '../support/seeded.ts';
import { verifyLedger } from '../support/verify-ledger.ts';
import { type Bench, collect, expectConflict, idsOf, type OpenLedger, openBench } from './ledger-under-test.ts';

export function appendLaws(open: OpenLedger): void {
  describe('append', () => {
    let bench: Bench;
    beforeEach(async () => {
      bench = await openBench(open);
    });
    afterEach(() => bench.close());

    it('stores the very bytes, and what it returns is what is read', async () => {
      const { ledger, make, now } = bench;
      const stream = make.stream();
      const given = make.events(3);
      const appended = await ledger.append(stream, given, now());
      const stored = await collect(ledger.readStream(stream));
      expect(appended.stream).toBe(stream);
      expect(appended.time).toBe(SEEDED_START);
      expect(stored.map(({ id, revision, position, leafHash }) => ({ id, revision, position, leafHash }))).toEqual(
        appended.events,
      );
      expect(stored.map(({ id, type, commitments, sealed }) => ({ id, type, commitments, sealed }))).toEqual(given);
    });

    it('makes header, commitment, leaf and chain of every event as the formats say', async () => {
      const { ledger, make, suite, write } = bench;
      const [a, b] = [make.stream(), make.stream()];
      await write(a, 'identity.registered@1', 'code.issued@1');
      await write(b, 'identity.registered@1');
      await write(a, 'access.permitted@1');
      const { events, byStream } = await verifyLedger(ledger, suite);
      expect(events).toHaveLength(4);
      expect(byStream.get(a)?.map(({ header }) => parseHeader(header).revision)).toEqual([0n, 1n, 2n]);
    });

    it('numbers revisions of each stream from 0 without a gap, and positions in the order of appends', async () => {
      const { ledger, make, write } = bench;
      const streams = [make.stream(), make.stream(), make.stream()] as const;
      const written = [];
      for (let i = 0; i < 9; i++) written.push(await write(streams[i % 3] as StreamName, 'access.permitted@1'));
      expect(written.map(({ events }) => events[0]?.revision)).toEqual([0n, 0n, 0n, 1n, 1n, 1n, 2n, 2n, 2n]);
      const positions = (await bench.all()).map(({ position }) => position);
      expect(positions).toEqual(written.map(({ events }) => events[0]?.position));
      for (let i = 1; i < positions.length; i++) {
        expect(ledger.compare(positions[i - 1] as never, positions[i] as never)).toBeLessThan(0);
      }
    });

    it('keeps all of many concurrent appends, each whole and in one piece', async () => {
      const { ledger, make, now, suite } = bench;
      const streams = Array.from({ length: 7 }, () => make.stream());
      const batches = Array.from({ length: 60 }, (_, i) => make.events(1 + (i % 4)));
      const appended = await Promise.all(
        batches.map((events, i) => ledger.append(streams[i % 7] as StreamName, events, now())),
      );
      const { events } = await verifyLedger(ledger, suite);
      expect(events).toHaveLength(batches.flat().length);
      const order = idsOf(events);
      for (const [i, ids] of batches.map(idsOf).entries()) {
        const at = order.indexOf(ids[0] ?? make.id());
        expect(order.slice(at, at + ids.length)).toEqual(ids);
        expect(idsOf(appended[i]?.events ?? [])).toEqual(ids);
      }
    });

    it('takes the largest append whole, and refuses one event or one byte more without writing anything', async () => {
      const { ledger, make, now } = bench;
      const stream = make.stream();
      await expect(ledger.append(stream, make.events(MAX_APPEND_EVENTS + 1), now())).rejects.toBeInstanceOf(
        AppendTooLarge,
      );
      const half = MAX_APPEND_BYTES / 2;
      const large = [
        make.event({ retainedBytes: half, personalBytes: 0 }),
        make.event({ retainedBytes: 0, personalBytes: half }),
      ];
      const larger = [...large, make.event({ retainedBytes: 1, personalBytes: 0 })];
      await expect(ledger.append(stream, larger, now())).rejects.toMatchObject({ code: 'append-too-large' });
      expect(await ledger.end()).toBeUndefined();
      await ledger.append(stream, make.events(MAX_APPEND_EVENTS), now());
      await ledger.append(stream, large, now());
      expect((await ledger.head(stream))?.revision).toBe(BigInt(MAX_APPEND_EVENTS + 1));
      const [last] = await collect(ledger.readStream(stream, BigInt(MAX_APPEND_EVENTS + 1)));
      expect(
        Buffer.from(last?.sealed.personal.bytes ?? []).equals(large[1]?.sealed.personal.bytes ?? new Uint8Array(1)),
      ).toBe(true);
    });

    it('takes empty sealed parts', async () => {
      const { ledger, make, now } = bench;
      const event = make.event({ retainedBytes: 0, personalBytes: 0 });
      await ledger.append(make.stream(), [event], now());
      expect((await ledger.find(event.id))?.sealed).toEqual(event.sealed);
    });

    it('calls an empty or malformed append a bug, and writes nothing', async () => {
      const { ledger, make, now } = bench;
      const stream = make.stream();
      const event = make.event();
      const short = { ...event, commitments: { ...event.commitments, personal: new Uint8Array(31) } };
      await expect(ledger.append(stream, [], now())).rejects.toBeInstanceOf(RangeError);
      for (const [where, events] of [
        ['resident/short', [event]],
        [stream, [{ ...event, type: 'Access' }]],
        [stream, [{ ...event, type: `access.${'a'.repeat(200)}@1` }]],
        [stream, [{ ...event, id: event.id.toUpperCase() }]],
        [stream, [short]],
        [
          stream,
          [{ ...event, sealed: { ...event.sealed, retained: { keyId: 'a\u0000b', bytes: new Uint8Array(1) } } }],
        ],
      ] as const) {
        await expect(ledger.append(where as never, events as never, now())).rejects.toBeInstanceOf(Malformed);
      }
      expect(await ledger.end()).toBeUndefined();
    });

    it('keeps its own copy: a caller that reuses its buffers at once changes nothing', async () => {
      const { ledger, make, now } = bench;
      const event = make.event();
      const before = structuredClone(event);
      const appending = ledger.append(make.stream(), [event], now());
      for (const bytes of [
        ...Object.values(event.commitments),
        ...Object.values(event.sealed).map((part) => part.bytes),
      ]) {
        bytes.fill(0);
      }
      await appending;
      const stored = await ledger.find(event.id);
      expect({ commitments: stored?.commitments, sealed: stored?.sealed }).toEqual({
        commitments: before.commitments,
        sealed: before.sealed,
      });
    });

    it('gives out copies: a reader that writes into them changes nothing', async () => {
      const { ledger, make, suite, write } = bench;
      await write(make.stream(), 'access.permitted@1');
      for (const event of await bench.all()) event.leaf.fill(0);
      expect((await verifyLedger(ledger, suite)).events).toHaveLength(1);
    });

    it('never lets time go back, though the clock does', async () => {
      const { make, setTime, suite, ledger, write } = bench;
      const stream = make.stream();
      await setTime(addMs(SEEDED_START, 5000));
      await write(stream, 'access.permitted@1');
      await setTime(addMs(SEEDED_START, 1000));
      const appended = await write(make.stream(), 'access.permitted@1');
      expect(appended.time).toBe(addMs(SEEDED_START, 5000));
      await setTime(addMs(SEEDED_START, 5001));
      expect((await write(stream, 'access.permitted@1')).time).toBe(addMs(SEEDED_START, 5001));
      await verifyLedger(ledger, suite);
    });

    describe('refuses an id that is taken', () => {
      it('by an earlier event of the same or of another stream', async () => {
        const { ledger, make, now } = bench;
        const [a, b] = [make.stream(), make.stream()];
        const first = make.event();
        await ledger.append(a, [first], now());
        for (const stream of [a, b]) {
          await expectConflict(
            ledger.append(stream, [make.event(), { ...make.event(), id: first.id }], now()),
            'id-taken',
          );
        }
        expect(await bench.all()).toHaveLength(1);
      });

      it('twice in one append', async () => {
        const { ledger, make, now } = bench;
        const event = make.event();
        await expectConflict(
          ledger.append(make.stream(), [event, make.event(), { ...make.event(), id: event.id }], now()),
          'id-taken',
        );
        expect(await ledger.find(event.id)).toBeUndefined();
      });

      it('by one of the appends made at the same time: one wins, each loser hears it, the rest is written', async () => {
        const { ledger, make, now, suite } = bench;
        const id = make.id();
        const others = make.events(5);
        const results = await Promise.allSettled([
          ...others.map((event) => ledger.append(make.stream(), [event], now())),
          ...Array.from({ length: 5 }, () => ledger.append(make.stream(), [make.event({ id }), make.event()], now())),
        ]);
        expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(6);
        expect(results.flatMap((r) => (r.status === 'rejected' ? [r.reason.reason] : []))).toEqual(
          Array(4).fill('id-taken'),
        );
        expect((await verifyLedger(ledger, suite)).events).toHaveLength(7);
      });

      it('by an append through another handle at the same time', async () => {
        const { ledger, make, now, suite } = bench;
        const other = await bench.another();
        for (let round = 0; round < 10; round++) {
          const id = make.id();
          const results = await Promise.allSettled(
            [ledger, other].map((handle) => handle.append(make.stream(), [make.event({ id })], now())),
          );
          expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
          expect(results.flatMap((r) => (r.status === 'rejected' ? [r.reason.reason] : []))).toEqual(['id-taken']);
        }
        expect((await verifyLedger(other, suite)).events).toHaveLength(10);
      });
    });

    it('is told by another handle as soon as it has resolved', async () => {
      const { ledger, make, now } = bench;
      const other = await bench.another();
      const stream = make.stream();
      for (let i = 0; i < 20; i++) {
        const [writer, reader] = i % 2 === 0 ? [ledger, other] : [other, ledger];
        const event = make.event();
        await writer.append(stream, [event], now({ stream, revision: BigInt(i - 1), kinds: [''] }));
        expect((await reader.find(event.id))?.revision).toBe(BigInt(i));
        expect((await reader.head(stream))?.revision).toBe(BigInt(i));
      }
    });

    it('is refused as busy after close, and what was taken before is finished', async () => {
      const { ledger, make, now, suite } = bench;
      const other = await bench.another();
      const taken = Array.from({ length: 20 }, () => ledger.append(make.stream(), make.events(2), now()));
      const closing = ledger.close();
      await expect(ledger.append(make.stream(), make.events(1), now())).rejects.toBeInstanceOf(LedgerBusy);
      await closing;
      expect(await Promise.all(taken)).toHaveLength(20);
      expect((await verifyLedger(other, suite)).events).toHaveLength(40);
      expect(ledger.queued).toBe(0);
    });
  });
}
