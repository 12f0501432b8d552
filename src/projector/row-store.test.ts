import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anyEvents, mixedEvents } from '../../test/support/any-events.ts';
import { type FreshDatabase, freshDatabase } from '../../test/support/database.ts';
import { foldBatches, projected } from '../../test/support/fold-read-model.ts';
import { labelOf, markOf } from '../../test/support/plain-events.ts';
import { utf8 } from '../kernel/bytes.ts';
import { residentStream } from '../kernel/id.ts';
import { openConnection } from '../postgres/connection.ts';
import type { Sql } from '../postgres/pools.ts';
import { batchApplier, bulkApplier } from './apply-batch.ts';
import { READ_MODELS } from './read-models.ts';
import { rowStore } from './row-store.ts';

let db: FreshDatabase;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.drop());

/** Runs on one connection, in a transaction that is rolled back. */
async function undone(run: (sql: Sql) => Promise<void>): Promise<void> {
  const connection = openConnection(db.sql, 'test');
  const undo = new Error('undo');
  try {
    await connection
      .transaction(async (sql) => {
        await run(sql);
        throw undo;
      })
      .catch((error: unknown) => {
        if (error !== undo) throw error;
      });
  } finally {
    await connection.end();
  }
}

describe('row stores', () => {
  it.each([
    ['live', batchApplier(READ_MODELS)],
    ['beside the live ones', bulkApplier(READ_MODELS, (table) => table)],
  ])('give back every row as it was folded, whatever the batches, in tables that are %s', async (_where, applier) => {
    await fc.assert(
      fc.asyncProperty(anyEvents(60), fc.integer({ min: 1, max: 30 }), async (events, size) => {
        const all = await projected(events);
        await undone(async (sql) => {
          for (let at = 0; at < all.length; at += size) await applier.apply(sql, all.slice(at, at + size));
          for (const projection of READ_MODELS) {
            const wanted = foldBatches(projection, [all]);
            const [{ count } = { count: -1 }] = await sql<{ count: number }[]>`
              select count(*)::integer as count from ${sql(projection.table)}`;
            expect([projection.name, count]).toEqual([projection.name, wanted.size]);
            expect(await rowStore(projection).load(sql, new Set(wanted.keys()))).toEqual(wanted);
          }
        });
      }),
      { numRuns: 15 },
    );
  });

  it('bear sealed bytes of the largest batch', async () => {
    const text = 'x'.repeat(250 * 1024);
    const stream = residentStream(labelOf(0));
    const events = await projected(
      Array.from({ length: 40 }, () => ({
        stream,
        event: {
          type: 'identity.document-linked@1',
          retained: { documents: [markOf('doc', 0)] },
          personal: { documents: [{ type: '03', issuer: text.slice(0, 256), number: '1' }] },
        },
      })),
    );
    const big = utf8(text);
    const swollen = events.map((event) => ({
      ...event,
      sealedPersonal: { commitment: new Uint8Array(32), part: { keyId: 'key "quoted" \\ 键', bytes: big } },
    }));
    await undone(async (sql) => {
      await batchApplier(READ_MODELS).apply(sql, swollen);
      const [row] = await sql`
        select count(*)::integer as count, min(length(personal)) as shortest, min(personal_key) as key from resident_documents`;
      expect(row).toEqual({ count: 40, shortest: big.length, key: 'key "quoted" \\ 键' });
    });
  });

  it('write nothing in any table when the fence does not hold', async () => {
    const all = await projected(mixedEvents(120));
    await undone(async (sql) => {
      const applier = batchApplier(READ_MODELS);
      await applier.apply(sql, all.slice(0, 60));
      const before = await tablesAsText(sql);
      const fence = { text: 'select true where $1::text = $2::text', parameters: ['mine', 'another'] };
      expect(await applier.apply(sql, all.slice(60), fence)).toBe(false);
      expect(await tablesAsText(sql)).toEqual(before);
      expect(await applier.apply(sql, all.slice(60), { ...fence, parameters: ['mine', 'mine'] })).toBe(true);
      expect(await tablesAsText(sql)).not.toEqual(before);
    });
  });
});

async function tablesAsText(sql: Sql): Promise<string[]> {
  const texts: string[] = [];
  for (const { table } of READ_MODELS) {
    const rows = await sql<{ text: string }[]>`select t::text as text from ${sql(table)} t order by 1`;
    texts.push(...rows.map(({ text }) => text));
  }
  return texts;
}
