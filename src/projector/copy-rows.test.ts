import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../test/support/database.ts';
import { toEventId } from '../kernel/id.ts';
import { type Connection, openConnection } from '../postgres/connection.ts';
import { canCopy, copyRows } from './copy-rows.ts';
import type { Column } from './define.ts';
import type { Row } from './evolve.ts';

const COLUMNS: readonly Column[] = [
  { field: 'key', name: 'key', type: 'text' },
  { field: 'eventId', name: 'event_id', type: 'uuid' },
  { field: 'sealed', name: 'sealed', type: 'bytea' },
  { field: 'revision', name: 'revision', type: 'bigint' },
  { field: 'count', name: 'count', type: 'integer' },
  { field: 'marks', name: 'marks', type: 'text[]' },
];

let db: FreshDatabase;
let connection: Connection;
beforeAll(async () => {
  db = await freshDatabase();
  await db.ownerSql`
    create table copied (key text primary key, event_id uuid, sealed bytea, revision bigint, count integer, marks text[])`;
  connection = openConnection(db.ownerSql, 'test copy');
});
afterAll(async () => {
  await connection.end();
  await db.drop();
});

const copy = (rows: readonly Row[]) => connection.transaction((sql) => copyRows(sql, 'copied', COLUMNS, rows));
const text = fc.string({ unit: 'binary', maxLength: 20 }).map((given) => given.toWellFormed().replaceAll('\0', ''));
const or = <T>(value: fc.Arbitrary<T>) => fc.option(value, { freq: 4 });
const row = fc.record({
  key: text,
  eventId: or(fc.uint8Array({ minLength: 16, maxLength: 16 }).map(toEventId)),
  sealed: or(fc.uint8Array({ maxLength: 3_000 })),
  revision: or(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  count: or(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
  marks: or(fc.array(text, { maxLength: 4 })),
});

describe('rows by COPY', () => {
  it('stand in the table as they were given, whatever is in them', async () => {
    const rows = fc.uniqueArray(row, { selector: ({ key }) => key, minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(rows, async (given) => {
        await copy(given);
        const stored = await db.ownerSql`
          select key, event_id, sealed, revision, count, to_json(marks) as marks from copied`;
        await db.ownerSql`delete from copied`;
        const plain = (one: Row) => ({ ...one, sealed: one.sealed === null ? null : [...(one.sealed as Uint8Array)] });
        const found = stored.map(({ event_id: eventId, ...rest }) => plain({ ...rest, eventId }));
        const order = (a: Row, b: Row) => ((a.key as string) < (b.key as string) ? -1 : 1);
        expect(found.sort(order)).toEqual(given.map(plain).sort(order));
      }),
      { numRuns: 30 },
    );
  });

  it('that the server refuses are an error, never silence; and the connection goes on', async () => {
    const one = { key: 'a', eventId: null, sealed: null, revision: 1n, count: 1, marks: null };
    await copy([one]);
    await expect(copy([{ ...one, key: 'b' }, one])).rejects.toThrow();
    await expect(copy([{ ...one, key: 'nul \0' }])).rejects.toThrow();
    const many = Array.from({ length: 5_000 }, (_, n) => ({ ...one, key: `${n}`, sealed: new Uint8Array(2_000) }));
    await expect(copy([one, ...many])).rejects.toThrow();
    await copy([{ ...one, key: 'c' }]);
    expect((await db.ownerSql`select key from copied order by key`).map(({ key }) => key)).toEqual(['a', 'c']);
  });

  it('are not for columns of types that it does not know', () => {
    expect(canCopy(COLUMNS)).toBe(true);
    expect(canCopy([...COLUMNS, { field: 'at', name: 'at', type: 'timestamp with time zone' }])).toBe(false);
  });
});
