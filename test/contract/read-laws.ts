import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Malformed } from '../../src/kernel/fault.ts';
import type { Position, SealedEvent } from '../../src/ledger/port.ts';
import { sameEvent } from '../support/verify-ledger.ts';
import { type Bench, collect, idsOf, type OpenLedger, openBench } from './ledger-under-test.ts';

export function readLaws(open: OpenLedger): void {
  describe('reading', () => {
    let bench: Bench;
    beforeEach(async () => {
      bench = await openBench(open);
    });
    afterEach(() => bench.close());

    it('an empty ledger gives nothing: no event, no head, no end', async () => {
      const { ledger, make } = bench;
      expect(await bench.all()).toEqual([]);
      expect(await ledger.end()).toBeUndefined();
      expect(await ledger.find(make.id())).toBeUndefined();
      expect(await ledger.head(make.stream())).toBeUndefined();
      expect(await collect(ledger.readStream(make.stream()))).toEqual([]);
      expect(await ledger.readStreams([{ stream: make.stream() }, { stream: make.stream(), from: 5n }])).toEqual([
        [],
        [],
      ]);
      expect(await ledger.readStreams([])).toEqual([]);
    });

    it('find gives the event of an id from whatever stream, and nothing for an unknown id', async () => {
      const { ledger, make, write } = bench;
      for (let i = 0; i < 3; i++) await write(make.stream(), 'consent.granted@1', 'access.permitted@1');
      for (const event of await bench.all()) expect(sameEvent(await ledger.find(event.id), event)).toBe(true);
      expect(await ledger.find(make.id())).toBeUndefined();
    });

    it('readStream begins at the revision asked for and gives that stream only', async () => {
      const { ledger, make, write } = bench;
      const [a, b] = [make.stream(), make.stream()];
      for (let i = 0; i < 4; i++) {
        await write(a, 'access.permitted@1');
        await write(b, 'access.denied@1');
      }
      const whole = await collect(ledger.readStream(a));
      expect(whole.map(({ revision }) => revision)).toEqual([0n, 1n, 2n, 3n]);
      expect(whole.every(({ stream }) => stream === a)).toBe(true);
      expect(await collect(ledger.readStream(a, 2n))).toEqual(whole.slice(2));
      expect(await collect(ledger.readStream(a, 4n))).toEqual([]);
      expect(await collect(ledger.readStream(a, 1000n))).toEqual([]);
    });

    it('readStreams gives for each query what readStream gives, in the order of the queries', async () => {
      const { ledger, make, write } = bench;
      const [a, b] = [make.stream(), make.stream()];
      await write(a, 'consent.granted@1', 'access.permitted@1', 'access.permitted@1');
      await write(b, 'practitioner.registered@1');
      const queries = [
        { stream: b },
        { stream: make.stream() },
        { stream: a, from: 1n },
        { stream: a },
        { stream: b, from: 9n },
      ];
      const expected = await Promise.all(queries.map(({ stream, from }) => collect(ledger.readStream(stream, from))));
      expect(await ledger.readStreams(queries)).toEqual(expected);
      expect(expected.map(({ length }) => length)).toEqual([1, 0, 2, 3, 0]);
    });

    it('readTails gives the tip, the head at the known revision, and what came after it of the kinds asked for', async () => {
      const { ledger, make, write } = bench;
      const [a, b] = [make.stream(), make.stream()];
      await write(a, 'identity.registered@1', 'access.permitted@1', 'consent.granted@1', 'access.denied@1');
      await write(b, 'practitioner.registered@1');
      await write(a, 'consent.revoked@1', 'access.permitted@1');
      const whole = await collect(ledger.readStream(a));
      const [only] = await collect(ledger.readStream(b));
      const tipOf = (event: (typeof whole)[number] | undefined) =>
        event && { revision: event.revision, head: event.head, position: event.position, time: event.time };
      const tip = tipOf(whole.at(-1));
      const none = { tip: undefined, known: undefined, events: [] };
      const kinds = ['identity.', 'consent.'];
      expect(
        await ledger.readTails([
          { stream: a, after: -1n, kinds },
          { stream: make.stream(), after: -1n, kinds },
          { stream: b, after: 0n, kinds: ['practitioner.'] },
          { stream: a, after: 2n, kinds },
          { stream: a, after: 2n, kinds: ['identity.'] },
          { stream: a, after: 9n, kinds },
        ]),
      ).toEqual([
        { tip, known: undefined, events: [whole[0], whole[2], whole[4]] },
        none,
        { tip: tipOf(only), known: only?.head, events: [] },
        { tip, known: whole[2]?.head, events: [whole[4]] },
        { tip, known: whole[2]?.head, events: [] },
        { tip, known: undefined, events: [] },
      ]);
      expect(await ledger.readTails([])).toEqual([]);
    });

    it('readTails gives accesses, a part of a kind, or everything, when these are the kinds', async () => {
      const { ledger, make, write } = bench;
      const stream = make.stream();
      await write(stream, 'access.permitted@1', 'consent.granted@1', 'access.denied@1');
      const whole = await collect(ledger.readStream(stream));
      const events = async (...kinds: string[]) => (await ledger.readTails([{ stream, after: -1n, kinds }]))[0]?.events;
      expect(await events('access.')).toEqual([whole[0], whole[2]]);
      expect(await events('access.den')).toEqual([whole[2]]);
      expect(await events('a')).toEqual([whole[0], whole[2]]);
      expect(await events('')).toEqual(whole);
      expect(await events('consent.', 'access.permitted')).toEqual([whole[0], whole[1]]);
      expect(await events()).toEqual([]);
    });

    it('readTails is whole however long the tail is', async () => {
      const { ledger, make, write } = bench;
      const stream = make.stream();
      for (let i = 0; i < 3; i++) {
        await write(
          stream,
          ...Array.from({ length: 128 }, (_, n) => (n % 4 === 3 ? 'access.denied@1' : 'consent.granted@1')),
        );
      }
      const wanted = (await collect(ledger.readStream(stream))).filter(({ type }) => type === 'consent.granted@1');
      const [tail] = await ledger.readTails([{ stream, after: 1n, kinds: ['consent.'] }]);
      expect(tail?.events.map(({ revision }) => revision)).toEqual(wanted.slice(2).map(({ revision }) => revision));
      expect(tail?.tip?.revision).toBe(383n);
    });

    it('head is the last event of its stream', async () => {
      const { ledger, make, write } = bench;
      const stream = make.stream();
      await write(stream, 'consent.granted@1', 'access.permitted@1');
      await write(make.stream(), 'access.permitted@1');
      const last = (await collect(ledger.readStream(stream))).at(-1);
      expect(await ledger.head(stream)).toEqual({ revision: 1n, head: last?.head, position: last?.position });
      expect(await ledger.end()).toBe((await bench.all()).at(-1)?.position);
    });

    it('readAll goes on after any position with exactly the rest', async () => {
      const { ledger, make, write } = bench;
      for (let i = 0; i < 6; i++) await write(make.stream(), 'access.permitted@1', 'access.denied@1');
      const all = await bench.all();
      expect(all).toHaveLength(12);
      for (const [i, { position }] of all.entries()) {
        expect(idsOf(await collect(ledger.readAll(position)))).toEqual(idsOf(all.slice(i + 1)));
      }
    });

    it('goes through many pages and through events of great size without losing one', async () => {
      const { ledger, make, now } = bench;
      const stream = make.stream();
      const small = Array.from({ length: 3 }, () => make.events(600));
      const large = Array.from({ length: 12 }, () => make.event({ retainedBytes: 500_000, personalBytes: 200_000 }));
      for (const events of small) await ledger.append(stream, events, now());
      await ledger.append(stream, large.slice(0, 6), now());
      await ledger.append(stream, [...large.slice(6), ...make.events(600)], now());
      const all = await bench.all();
      expect(all).toHaveLength(2412);
      expect(idsOf(all.slice(1800, 1812))).toEqual(idsOf(large));
      expect(idsOf(await collect(ledger.readStream(stream)))).toEqual(idsOf(all));
      expect(idsOf(await collect(ledger.readStream(stream, 1799n)))).toEqual(idsOf(all.slice(1799)));
      const [once, again] = await ledger.readStreams([{ stream }, { stream, from: 1805n }]);
      expect(idsOf(once ?? [])).toEqual(idsOf(all));
      expect(idsOf(again ?? [])).toEqual(idsOf(all.slice(1805)));
      const bytes = (event: SealedEvent | undefined) => Buffer.from(event?.sealed.retained.bytes ?? []);
      expect(bytes(all[1811]).equals(bytes(large[11]))).toBe(true);
      expect(bytes(all[1811])).toHaveLength(500_000);
    });

    it('ends, though others append all the while', async () => {
      const { ledger, make, now } = bench;
      const stream = make.stream();
      await ledger.append(stream, make.events(700), now());
      let reading = true;
      const appending = (async () => {
        while (reading) {
          await ledger.append(stream, make.events(20), now());
          await new Promise((resolve) => setImmediate(resolve));
        }
      })();
      const all = await bench.all();
      const whole = await collect(ledger.readStream(stream));
      reading = false;
      await appending;
      expect(all.length).toBeGreaterThanOrEqual(700);
      expect(whole.length).toBeGreaterThanOrEqual(all.length);
      expect(idsOf(whole.slice(0, all.length))).toEqual(idsOf(all));
    });

    it('positions compare as the order of the ledger, and are read back as they were printed', async () => {
      const { ledger, make, write } = bench;
      for (let i = 0; i < 12; i++) await write(make.stream(), 'access.permitted@1');
      const positions = (await bench.all()).map(({ position }) => position);
      for (const [i, a] of positions.entries()) {
        expect(ledger.parsePosition(String(a))).toBe(a);
        for (const [j, b] of positions.entries()) expect(Math.sign(ledger.compare(a, b))).toBe(Math.sign(i - j));
      }
    });

    it('any other text is no position', async () => {
      const { ledger, make, write } = bench;
      await write(make.stream(), 'access.permitted@1');
      const printed = String(await ledger.end());
      const wrong = [
        '',
        ' ',
        `${printed} `,
        ` ${printed}`,
        `+${printed}`,
        `-${printed}`,
        `0${printed}`,
        `${printed}.0`,
      ];
      for (const text of [...wrong, `${printed}n`, '0x1', '1e3', '٣', '99999999999999999999', 'm', 'm-1', '\n']) {
        expect(() => ledger.parsePosition(text), JSON.stringify(text)).toThrow(Malformed);
        expect(() => ledger.compare(text as Position, text as Position)).toThrow(Malformed);
      }
    });
  });
}
