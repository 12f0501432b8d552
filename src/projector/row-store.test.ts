import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anyEvents } from '../../test/support/any-events.ts';
import { type FreshDatabase, freshDatabase } from '../../test/support/database.ts';
import { foldBatches, projected } from '../../test/support/fold-read-model.ts';
import { applyBatch, targetsOf } from './apply-batch.ts';
import { READ_MODELS } from './read-models.ts';
import { rowStore } from './row-store.ts';

let db: FreshDatabase;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.drop());

class Undo extends Error {}

/** Runs in a transaction that is rolled back. */
async function undone(run: Parameters<FreshDatabase['sql']['begin']>[1]): Promise<void> {
  await db.sql
    .begin(async (tx) => {
      await run(tx);
      throw new Undo();
    })
    .catch((error: unknown) => {
      if (!(error instanceof Undo)) throw error;
    });
}

describe('row stores', () => {
  it('give back every row as it was folded, whatever the batches', async () => {
    await fc.assert(
      fc.asyncProperty(anyEvents(60), fc.integer({ min: 1, max: 30 }), async (events, size) => {
        const all = await projected(events);
        await undone(async (tx) => {
          for (let at = 0; at < all.length; at += size) {
            await applyBatch(tx, targetsOf(READ_MODELS), all.slice(at, at + size));
          }
          for (const projection of READ_MODELS) {
            const wanted = foldBatches(projection, [all]);
            const [{ count } = { count: -1 }] = await tx<{ count: number }[]>`
              select count(*)::integer as count from ${tx(projection.table)}`;
            expect([projection.name, count]).toEqual([projection.name, wanted.size]);
            expect(await rowStore(projection).load(tx, new Set(wanted.keys()))).toEqual(wanted);
          }
        });
      }),
      { numRuns: 15 },
    );
  });

  it('bear sealed bytes larger than one statement', async () => {
    const projection = READ_MODELS.find(({ name }) => name === 'residents');
    if (projection === undefined) throw new Error('there are residents');
    const row = (n: number) => ({
      label: `label-${n}`,
      region: '110000',
      state: 'living',
      registeredAt: '2026-11-22T00:00:00.000Z',
      deceasedAt: null,
      revision: 2n ** 28n - 1n,
      eventId: '00000000-0000-8000-8000-000000000000',
      eventType: 'identity.registered@1',
      personalCommitment: new Uint8Array(32).fill(n),
      personalKey: 'key "quoted" \\ 键',
      personal: new Uint8Array(3 * 1024 * 1024).fill(n),
    });
    const rows = new Map([1, 2, 3].map((n) => [`label-${n}`, row(n)]));
    await undone(async (tx) => {
      const store = rowStore(projection);
      await store.write(tx, rows);
      expect(await store.load(tx, new Set(rows.keys()))).toEqual(rows);
      await store.write(tx, new Map([['label-2', null]]));
      expect([...(await store.load(tx, new Set(rows.keys()))).keys()].sort()).toEqual(['label-1', 'label-3']);
    });
  });
});
