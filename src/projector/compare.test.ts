import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mixedEvents } from '../../test/support/any-events.ts';
import { type FreshDatabase, freshDatabase } from '../../test/support/database.ts';
import { appendPlain, openPlain, testLedger } from '../../test/support/plain-events.ts';
import { batchApplier } from './apply-batch.ts';
import { compareWithRebuild } from './compare.ts';
import { projectEvents } from './project-events.ts';
import { READ_MODELS } from './read-models.ts';

const ledger = testLedger();
const EVENTS = mixedEvents(300);
/** The ledger is ahead of the tables: what they do not show yet is no difference. */
const SHOWN = 240;

let db: FreshDatabase;
beforeAll(async () => {
  db = await freshDatabase();
  await appendPlain(ledger, 'law', EVENTS);
  const recorded = [];
  for await (const event of ledger.readAll()) recorded.push(event);
  const events = await projectEvents(recorded.slice(0, SHOWN), 0n, openPlain);
  await batchApplier(READ_MODELS).apply(db.sql, events);
  await db.sql`update projectors set applied = ${BigInt(SHOWN)}, position = ${events.at(-1)?.position ?? null}`;
});
afterAll(() => db.drop());

const differences = () =>
  compareWithRebuild({ sql: db.sql, ledger, openRetained: openPlain, projections: READ_MODELS });

/** Does harm, compares, and undoes the harm. */
async function afterHarm(table: string, harm: string): Promise<Awaited<ReturnType<typeof differences>>> {
  const sql = db.ownerSql;
  await sql`create table kept as select * from ${sql(table)}`;
  const { count } = await sql.unsafe(harm);
  expect(count).toBeGreaterThan(0);
  const found = await differences();
  await sql`delete from ${sql(table)}`;
  await sql`insert into ${sql(table)} select * from kept`;
  await sql`drop table kept`;
  return found;
}

describe('comparing the read tables with a rebuild', () => {
  it('finds nothing where there is nothing', async () => {
    expect(await differences()).toEqual([]);
  });

  it('finds a row that was taken away, and names its key', async () => {
    const [row] = await db.sql<{ code_ref: string }[]>`select code_ref from codes order by 1 limit 1`;
    expect(await afterHarm('codes', `delete from codes where code_ref = '${row?.code_ref}'`)).toEqual([
      { table: 'codes', missing: 1, extra: 0, different: 0, examples: [row?.code_ref] },
    ]);
  });

  it('finds a row that was put in', async () => {
    const found = await afterHarm(
      'consents',
      `insert into consents select (jsonb_populate_record(c, '{"consent_id": "made up"}')).* from consents c limit 1`,
    );
    expect(found).toEqual([{ table: 'consents', missing: 0, extra: 1, different: 0, examples: ['made up'] }]);
  });

  it.each([
    ['a word in clear', 'access_trail', `update access_trail set trace = 'other' where trace is not null`],
    [
      'a byte of a sealed part',
      'residents',
      `update residents set personal = set_byte(personal, 0, get_byte(personal, 0) # 1)`,
    ],
    [
      'a commitment',
      'ehr_index',
      `update ehr_index set personal_commitment = set_byte(personal_commitment, 31, get_byte(personal_commitment, 31) # 1)`,
    ],
    ['the end of a list', 'emr_index', `update emr_index set marks = marks || 'x'::text`],
    ['a null', 'institutions', `update institutions set ended_at = coalesce(ended_at || 'x', 'now')`],
  ])('finds %s that differs', async (_what, table, harm) => {
    const found = await afterHarm(table, harm);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ table, missing: 0, extra: 0 });
    expect(found[0]?.different).toBeGreaterThan(0);
  });

  it('finds rows in tables that should show nothing yet', async () => {
    const [before] = await db.sql<{ position: string }[]>`select position from projectors`;
    await db.sql`update projectors set position = null, applied = 0`;
    const found = await differences();
    await db.sql`update projectors set position = ${before?.position ?? null}, applied = ${BigInt(SHOWN)}`;
    expect(found.map(({ table }) => table).sort()).toEqual(READ_MODELS.map(({ table }) => table).sort());
    expect(found.every(({ missing, extra }) => missing === 0 && extra > 0)).toBe(true);
  });

  it('leaves nothing behind', async () => {
    await differences();
    expect(await db.ownerSql`select relname from pg_class where relname like '%\\_\\_check'`).toEqual([]);
  });
});
