import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addMs, type Instant } from '../../src/kernel/instant.ts';
import type { Seen } from '../../src/ledger/port.ts';
import { decidedAt } from '../support/sealed-events.ts';
import { SEEDED_START } from '../support/seeded.ts';
import { verifyLedger } from '../support/verify-ledger.ts';
import { type Bench, expectConflict, type OpenLedger, openBench } from './ledger-under-test.ts';

export function conditionLaws(open: OpenLedger): void {
  describe('a condition', () => {
    let bench: Bench;
    beforeEach(async () => {
      bench = await openBench(open);
    });
    afterEach(() => bench.close());

    /** Appends one event to a stream of its own under a condition on others. */
    const attempt = (...seen: readonly Seen[]) =>
      bench.ledger.append(bench.make.stream(), bench.make.events(1), bench.now(...seen));

    it("of kinds '' holds while nothing at all stands behind the seen revision", async () => {
      const stream = bench.make.stream();
      await attempt({ stream, revision: -1n, kinds: [''] });
      await bench.write(stream, 'access.permitted@1', 'access.denied@1');
      await attempt({ stream, revision: 1n, kinds: [''] });
      await expectConflict(attempt({ stream, revision: 0n, kinds: [''] }), 'seen');
      await expectConflict(attempt({ stream, revision: -1n, kinds: [''] }), 'seen');
    });

    it('of some kinds holds whatever of other kinds stands behind the seen revision', async () => {
      const stream = bench.make.stream();
      await bench.write(
        stream,
        'identity.registered@1',
        'access.permitted@1',
        'consent.granted@1',
        'access.permitted@1',
      );
      await attempt({ stream, revision: 0n, kinds: ['code.', 'erasure.', 'consent.rev'] });
      await attempt({ stream, revision: 2n, kinds: ['consent.'] });
      await expectConflict(attempt({ stream, revision: 1n, kinds: ['code.', 'consent.'] }), 'seen');
      await expectConflict(attempt({ stream, revision: 2n, kinds: ['access.permitted@1'] }), 'seen');
      await expectConflict(attempt({ stream, revision: -1n, kinds: ['ident'] }), 'seen');
    });

    it('takes kinds as prefixes of the letters, not as patterns', async () => {
      const stream = bench.make.stream();
      await bench.write(stream, 'consent.granted@1');
      await attempt({
        stream,
        revision: -1n,
        kinds: ['consent_', 'consent%', '%', '.', 'consent.granted@10', 'CONSENT.'],
      });
      await expectConflict(attempt({ stream, revision: -1n, kinds: ['c'] }), 'seen');
    });

    it('with no kinds of a stream asks nothing of it', async () => {
      const stream = bench.make.stream();
      await bench.write(stream, 'consent.granted@1');
      await attempt({ stream, revision: -1n, kinds: [] });
    });

    it('is about every stream that was seen, and about no other', async () => {
      const [a, b, c] = [bench.make.stream(), bench.make.stream(), bench.make.stream()];
      await bench.write(a, 'consent.granted@1');
      await bench.write(b, 'practitioner.registered@1');
      await attempt({ stream: a, revision: 0n, kinds: [''] }, { stream: b, revision: 0n, kinds: [''] });
      await bench.write(b, 'practitioner.ended@1');
      await bench.write(c, 'consent.revoked@1');
      await attempt({ stream: a, revision: 0n, kinds: [''] });
      await expectConflict(
        attempt({ stream: a, revision: 0n, kinds: [''] }, { stream: b, revision: 0n, kinds: ['practitioner.'] }),
        'seen',
      );
    });

    it('on one stream at two revisions holds only if both do', async () => {
      const stream = bench.make.stream();
      await bench.write(stream, 'consent.granted@1', 'access.permitted@1', 'access.permitted@1');
      await attempt({ stream, revision: 2n, kinds: ['access.'] }, { stream, revision: 0n, kinds: ['consent.'] });
      await expectConflict(
        attempt({ stream, revision: 0n, kinds: ['consent.'] }, { stream, revision: 1n, kinds: ['access.'] }),
        'seen',
      );
    });

    it('lets one of many appends made at once pass that all saw the same head', async () => {
      const { ledger, make, now } = bench;
      const stream = make.stream();
      const results = await Promise.allSettled(
        Array.from({ length: 12 }, () =>
          ledger.append(stream, make.events(2), now({ stream, revision: -1n, kinds: [''] })),
        ),
      );
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(results.flatMap((r) => (r.status === 'rejected' ? [r.reason.reason] : []))).toEqual(
        Array(11).fill('seen'),
      );
      expect((await ledger.head(stream))?.revision).toBe(1n);
    });

    it('between appends made at once: readers do not stop each other, and none stands behind a revoke that it did not see', async () => {
      const { ledger, make, now, suite } = bench;
      const stream = make.stream();
      await bench.write(stream, 'consent.granted@1');
      const guard = { stream, revision: 0n, kinds: ['consent.', 'erasure.'] };
      const read = () => ledger.append(stream, [make.event()], now(guard), 'read');
      expect(await Promise.all(Array.from({ length: 8 }, read))).toHaveLength(8);
      const revoke = ledger.append(stream, [make.event({ type: 'consent.revoked@1' })], now(guard));
      const outcomes = await Promise.allSettled([...Array.from({ length: 8 }, read), revoke]);
      expect(outcomes.at(-1)?.status).toBe('fulfilled');
      const { byStream } = await verifyLedger(ledger, suite);
      const types = byStream.get(stream)?.map((event) => event.type) ?? [];
      expect(types.lastIndexOf('access.permitted@1')).toBeLessThan(types.indexOf('consent.revoked@1'));
      await expectConflict(read(), 'seen');
    });

    it('through two handles at once lets exactly one of two writers pass, round after round', async () => {
      const { ledger, make, now, suite } = bench;
      const other = await bench.another();
      const stream = make.stream();
      for (let round = 0; round < 25; round++) {
        const seen = { stream, revision: BigInt(round) - 1n, kinds: ['consent.'] };
        const results = await Promise.allSettled(
          [ledger, other].map((handle) =>
            handle.append(stream, [make.event({ type: 'consent.granted@1' })], now(seen)),
          ),
        );
        expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      }
      expect((await verifyLedger(ledger, suite)).events).toHaveLength(25);
    });

    it('holds at the very instants decided and notAfter, and not one millisecond outside', async () => {
      const { ledger, make, setTime } = bench;
      const append = (decided: Instant, notAfter: Instant) =>
        ledger.append(make.stream(), make.events(1), { seen: [], decided, notAfter });
      const at = (ms: number) => addMs(SEEDED_START, ms);
      await append(SEEDED_START, SEEDED_START);
      await expectConflict(append(at(-10), at(-1)), 'not-after');
      await expectConflict(append(at(1), at(5)), 'not-yet');
      await expectConflict(append(at(60_000), at(65_000)), 'not-yet');
      await setTime(at(5000));
      await append(SEEDED_START, at(5000));
      await expectConflict(append(SEEDED_START, at(4999)), 'not-after');
      expect(await bench.all()).toHaveLength(2);
    });

    it('compares with the time of the ledger, not with a clock that went back', async () => {
      const { ledger, make, setTime, write } = bench;
      await setTime(addMs(SEEDED_START, 9000));
      await write(make.stream(), 'access.permitted@1');
      await setTime(SEEDED_START);
      await expectConflict(ledger.append(make.stream(), make.events(1), decidedAt(SEEDED_START)), 'not-after');
      await ledger.append(make.stream(), make.events(1), decidedAt(addMs(SEEDED_START, 8000)));
    });

    it('that fails for several reasons tells the first: id-taken, not-after, not-yet, seen', async () => {
      const { ledger, make } = bench;
      const stream = make.stream();
      const event = make.event();
      await ledger.append(stream, [event], bench.now());
      const seen = [{ stream, revision: -1n, kinds: [''] }];
      const [before, after] = [addMs(SEEDED_START, -1), addMs(SEEDED_START, 60_000)];
      const append = (id: typeof event.id, decided: Instant, notAfter: Instant) =>
        ledger.append(stream, [make.event({ id })], { seen, decided, notAfter });
      await expectConflict(append(event.id, after, before), 'id-taken');
      await expectConflict(append(make.id(), after, before), 'not-after');
      await expectConflict(append(make.id(), after, after), 'not-yet');
      await expectConflict(append(make.id(), before, after), 'seen');
    });

    it('that fails leaves nothing of a long append behind', async () => {
      const { ledger, make, now } = bench;
      const stream = make.stream();
      await bench.write(stream, 'consent.granted@1');
      const many = make.events(50);
      await expectConflict(ledger.append(stream, many, now({ stream, revision: -1n, kinds: ['consent.'] })), 'seen');
      for (const { id } of many) expect(await ledger.find(id)).toBeUndefined();
      expect((await ledger.head(stream))?.revision).toBe(0n);
    });
  });
}
