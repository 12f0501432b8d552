import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CATALOGUE } from '../src/domain/catalogue.ts';
import type { ProjectedEvent } from '../src/projector/define.ts';
import { evolveRows } from '../src/projector/evolve.ts';
import { READ_MODELS } from '../src/projector/read-models.ts';
import { anyEvents } from '../test/support/any-events.ts';
import { foldBatches, projected } from '../test/support/fold-read-model.ts';

/** Event types that no read model shows, and why. */
const UNREAD = new Map([
  ['command.late@1', 'for who audits the ledger; what the command did stands, and is shown'],
  ['ledger.opened@1', 'published in the ledger itself'],
  ['ledger.policy-adopted@1', 'folded by whoever decides; there is one policy, not rows of them'],
  ['ledger.restored@1', 'for who audits the ledger; nothing that is read depends on it'],
]);

it('each event type is read by a read model, or named as one that none shows', () => {
  const read = new Set(READ_MODELS.flatMap(({ types }) => [...types]));
  expect([...CATALOGUE.keys()].filter((type) => !read.has(type)).sort()).toEqual([...UNREAD.keys()].sort());
});

describe.each(READ_MODELS.map((projection) => [projection.name, projection] as const))('%s', (_name, projection) => {
  it('gives the same rows from zero, one by one, split anywhere, and with every batch delivered twice', async () => {
    await fc.assert(
      fc.asyncProperty(anyEvents(40), fc.nat(7), async (events, nth) => {
        const all = (await projected(events)).map(
          (event, i): ProjectedEvent => (i % 8 === nth ? { ...event, sealedPersonal: 'erased' } : event),
        );
        const whole = foldBatches(projection, [all]);
        expect(
          foldBatches(
            projection,
            all.map((event) => [event]),
          ),
        ).toEqual(whole);
        expect(
          foldBatches(
            projection,
            all.flatMap((event) => [[event], [event]]),
          ),
        ).toEqual(whole);
        for (let at = 0; at <= all.length; at++) {
          expect(foldBatches(projection, [all.slice(0, at), all.slice(at)])).toEqual(whole);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('gives each row under its key, with exactly the columns of its table', async () => {
    await fc.assert(
      fc.asyncProperty(anyEvents(40), async (events) => {
        const fields = projection.columns.map(({ field }) => field).sort();
        const keyField = projection.columns.find(({ name }) => name === projection.keyColumn)?.field ?? '';
        for (const [key, row] of foldBatches(projection, [await projected(events)])) {
          expect(row[keyField]).toBe(key);
          expect(Object.keys(row).sort()).toEqual(fields);
          expect(Object.values(row)).not.toContain(undefined);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('changes no event and no earlier row', async () => {
    await fc.assert(
      fc.asyncProperty(anyEvents(30), async (events) => {
        const all = (await projected(events)).map(deepFreeze);
        const before = foldBatches(projection, [all]);
        for (const row of before.values()) deepFreeze(row);
        expect(() => evolveRows(projection, before, all)).not.toThrow();
      }),
      { numRuns: 20 },
    );
  });
});

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !(value instanceof Uint8Array)) {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}
