import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { markOf } from '../../test/support/plain-events.ts';
import { soon, type UnsealedEvent, unsealedLedger } from '../../test/support/unsealed-ledger.ts';
import { institutionStream, toId16 } from '../kernel/id.ts';
import { AppendConflict } from '../ledger/faults.ts';
import type { Condition, Position } from '../ledger/port.ts';
import { checkLedger, ledgerChecker } from './check-ledger.ts';

const streamOf = (n: number) => institutionStream(toId16(new Uint8Array(16).fill(n)));
const TYPES: readonly UnsealedEvent[] = [
  { type: 'institution.ended@1', retained: { reason: 'closed' } },
  { type: 'access.missed@1', retained: { purpose: 'TREAT', selection: { what: 'records' } } },
  { type: 'ledger.policy-adopted@1', retained: { policy: { version: '1', rules: [] }, hash: markOf('policy', 0) } },
];
const KINDS = ['institution.', 'access.', 'ledger.policy-', ''];

interface Step {
  readonly stream: number;
  readonly events: readonly number[];
  readonly sees: readonly { readonly stream: number; readonly ago: number; readonly kind: number }[];
  /** Milliseconds that pass between decision and append; more than 5,000 is too late. */
  readonly wait: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  stream: fc.nat(2),
  events: fc.array(fc.nat(TYPES.length - 1), { minLength: 1, maxLength: 4 }),
  sees: fc.uniqueArray(fc.record({ stream: fc.nat(2), ago: fc.nat(3), kind: fc.nat(KINDS.length - 1) }), {
    selector: ({ stream }) => stream,
    maxLength: 3,
  }),
  wait: fc.integer({ min: 0, max: 5_300 }),
});

/** Takes a step as an application would; `conditions` off: the engine is not told what the events say. */
async function take(on: ReturnType<typeof unsealedLedger>, { stream, events, sees, wait }: Step, conditions = true) {
  const seen: Condition['seen'] = await Promise.all(
    sees.map(async (one) => {
      const revision = (await on.ledger.head(streamOf(one.stream)))?.revision ?? -1n;
      const then = revision - BigInt(one.ago);
      return { stream: streamOf(one.stream), revision: then < -1n ? -1n : then, kinds: [KINDS[one.kind] ?? ''] };
    }),
  );
  const told = { ...soon(on.clock.now()), seen };
  on.clock.advance(wait);
  const of = events.length;
  const sealed = events.map((type, at) =>
    on.seal(streamOf(stream), { ...(TYPES[type] as UnsealedEvent), ...(of > 1 ? { batch: { at, of } } : {}) }, told),
  );
  const free = { ...soon(on.clock.now()), seen: [] };
  return on.ledger.append(streamOf(stream), sealed, conditions ? told : free);
}

describe('checking a ledger', () => {
  it('finds nothing in what an engine took, after every step and at the end', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const on = unsealedLedger('taken');
        const checker = ledgerChecker(on.deps);
        for (const one of steps) {
          await take(on, one).catch((error: unknown) => expect(error).toBeInstanceOf(AppendConflict));
          expect(await checker.advance()).toBeUndefined();
        }
        const { verdict, events, root } = await checker.finish();
        expect(verdict).toBe('consistent, not anchored');
        expect(await checkLedger(on.deps)).toMatchObject({ verdict, events, root });
      }),
      { numRuns: 60 },
    );
  });

  it('finds exactly what an engine would have refused', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), step, async (steps, last) => {
        const on = unsealedLedger('refused');
        const twin = unsealedLedger('refused');
        for (const one of steps) {
          const both = await Promise.allSettled([take(on, one), take(twin, one)]);
          expect(both[0]?.status).toBe(both[1]?.status);
        }
        const refused = await take(twin, last).then(
          () => false,
          () => true,
        );
        await take(on, last, false);
        const { finding } = await checkLedger(on.deps);
        expect(finding?.kind).toBe(refused ? 'condition-broken' : undefined);
      }),
      { numRuns: 100 },
    );
  });

  it('knows its own anchor at every size, and at no other', async () => {
    const on = unsealedLedger('anchors');
    const anchors = [(await checkLedger(on.deps)).anchor];
    for (let n = 0; n < 6; n++) {
      await take(on, { stream: n % 2, events: [0], sees: [], wait: 1 });
      anchors.push((await checkLedger(on.deps)).anchor);
    }
    for (const [size, anchor] of anchors.entries()) {
      const verdict = size === 0 ? 'consistent, not anchored' : 'consistent, anchored';
      expect(await checkLedger(on.deps, { anchor })).toMatchObject({ verdict, anchored: BigInt(size) });
      const other = { ...anchor, size: BigInt(size + 1) };
      const kind = size + 1 < anchors.length ? 'anchor-root' : 'anchor-truncated';
      expect((await checkLedger(on.deps, { anchor: other })).finding?.kind).toBe(kind);
    }
    const checker = ledgerChecker(on.deps);
    await checker.advance();
    const [anchor] = anchors.slice(1);
    if (anchor === undefined) throw new Error('no anchor was made');
    await expect(checker.finish({ anchor })).rejects.toThrow('before anything is read');
  });

  it('stays at the first wrong place, and tells how much before it was right', async () => {
    const on = unsealedLedger('stays');
    await take(on, { stream: 0, events: [0, 1], sees: [], wait: 0 });
    await take(on, { stream: 0, events: [0], sees: [{ stream: 0, ago: 1, kind: 3 }], wait: 0 }, false);
    const checker = ledgerChecker(on.deps);
    const found = await checker.advance();
    expect(found).toMatchObject({ kind: 'condition-broken', revision: '2', position: 'm2' });
    await take(on, { stream: 1, events: [0], sees: [], wait: 0 });
    expect(await checker.advance()).toEqual(found);
    expect(await checker.finish()).toMatchObject({ verdict: 'broken', events: 2n, streams: 1, finding: found });
  });

  it('asks an engine whose positions are dense for each of them', async () => {
    const on = unsealedLedger('dense');
    for (let n = 0; n < 3; n++) await take(on, { stream: 0, events: [0], sees: [], wait: 0 });
    const next = (position: Position | undefined) =>
      `m${position === undefined ? 0 : Number(position.slice(1)) + 2}` as Position;
    const stored = { ...on.deps.stored, next };
    const { finding } = await checkLedger({ ...on.deps, stored });
    expect(finding).toEqual({ kind: 'position-gap', position: 'm2', detail: 'the next event stands at position m1' });
  });
});
