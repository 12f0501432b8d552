import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emptyDatabase } from '../../test/support/database.ts';
import { openSql, type Sql } from './pools.ts';

describe('an array', () => {
  let database: Awaited<ReturnType<typeof emptyDatabase>>;
  let sql: Sql;
  beforeAll(async () => {
    database = await emptyDatabase();
    sql = openSql(database.url, { max: 1, applicationName: 'test' });
  });
  afterAll(async () => {
    await sql.end({ timeout: 5 });
    await database.drop();
  });

  it('of any texts comes back as it was sent', async () => {
    const text = fc.string({ unit: 'binary' }).filter((value) => value.isWellFormed() && !value.includes('\u0000'));
    await fc.assert(
      fc.asyncProperty(fc.array(text, { maxLength: 8 }), async (texts) => {
        const [row] = await sql<{ texts: string[]; n: number }[]>`
          select ${texts}::text[] as texts, coalesce(cardinality(${texts}::text[]), 0) as n`;
        expect(row).toEqual({ texts, n: texts.length });
      }),
      { numRuns: 200 },
    );
  });

  it('of numbers comes back as numbers of its type', async () => {
    const [row] = await sql`select ${[1, -2]}::int4[] as four, ${['3', '-4']}::text[]::int8[] as eight`;
    expect(row).toEqual({ four: [1, -2], eight: [3n, -4n] });
  });
});
