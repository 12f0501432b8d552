import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../test/support/database.ts';
import { itIsAsDeclared } from '../../test/support/declared-tables.ts';
import { eventstoreLedger, requests } from './requests.ts';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

describe('the tables beside a ledger on EventStoreDB', () => {
  itIsAsDeclared([requests, eventstoreLedger], () => database);

  it('give the application no way to take back whose they are', async () => {
    const { sql } = database;
    await sql`insert into eventstore_ledger (prefix, origin, suite) values ('hrl:', 'health.example/1', 'international')`;
    await expect(sql`update eventstore_ledger set origin = 'other'`).rejects.toMatchObject({ code: '42501' });
    await expect(sql`delete from eventstore_ledger`).rejects.toMatchObject({ code: '42501' });
    await expect(
      sql`insert into eventstore_ledger (prefix, origin, suite) values ('a:', 'b', 'international')`,
    ).rejects.toMatchObject({ code: '23505' });
  });
});
