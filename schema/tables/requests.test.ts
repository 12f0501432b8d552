import { getTableConfig, type PgTable } from 'drizzle-orm/pg-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../test/support/database.ts';
import { eventstoreLedger, requests } from './requests.ts';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

const TABLES: readonly PgTable[] = [requests, eventstoreLedger];

describe('the tables beside a ledger on EventStoreDB', () => {
  it.each(TABLES.map((table) => ({ table, name: getTableConfig(table).name })))(
    '$name is in the database as it is declared',
    async ({ table, name }) => {
      const declared = getTableConfig(table);
      const columns = await database.ownerSql<{ name: string; type: string; required: boolean }[]>`
        select a.attname as name, a.attnotnull as required,
          format_type(a.atttypid, a.atttypmod) || case when a.attcollation = 'pg_catalog."C"'::regcollation then ' COLLATE "C"' else '' end as type
        from pg_attribute a where a.attrelid = ${name}::regclass and a.attnum > 0 and not a.attisdropped order by a.attnum`;
      expect(columns.map((column) => ({ ...column }))).toEqual(
        declared.columns.map((column) => ({
          name: column.name,
          type: column.getSQLType(),
          required: column.notNull,
        })),
      );
      const constraints = await database.ownerSql<{ name: string }[]>`
        select conname as name from pg_constraint where conrelid = ${name}::regclass and contype in ('c', 'u', 'p') order by conname`;
      const names = [...declared.checks.map((check) => check.name), `${name}_pkey`];
      expect(constraints.map((constraint) => constraint.name)).toEqual(names.sort());
    },
  );

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
