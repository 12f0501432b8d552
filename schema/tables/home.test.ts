import { getTableConfig, type PgTable } from 'drizzle-orm/pg-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../test/support/database.ts';
import { ledgerHome, ledgerMoves } from './home.ts';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

const TABLES: readonly PgTable[] = [ledgerHome, ledgerMoves];

describe('the tables of where the ledger lives', () => {
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

  it('let the application say once where it lives, and never otherwise', async () => {
    const { sql, ownerSql } = database;
    await sql`insert into ledger_home (engine) values ('postgres')`;
    const REFUSED = { code: '42501' };
    await expect(sql`update ledger_home set engine = 'eventstore'`).rejects.toMatchObject(REFUSED);
    await expect(sql`delete from ledger_home`).rejects.toMatchObject(REFUSED);
    await expect(
      sql`insert into ledger_home (engine, moving_to) values ('postgres', 'eventstore')`,
    ).rejects.toMatchObject(REFUSED);
    await expect(
      sql`insert into ledger_moves (number, from_engine, to_engine, size, root) values (1, 'postgres', 'eventstore', 0, '')`,
    ).rejects.toMatchObject(REFUSED);
    await expect(ownerSql`insert into ledger_home (engine) values ('eventstore')`).rejects.toMatchObject({
      code: '23505',
    });
    await expect(ownerSql`update ledger_home set moving_to = 'postgres'`).rejects.toMatchObject({ code: '23514' });
  });

  it('keep what was moved', async () => {
    const { ownerSql } = database;
    await ownerSql`insert into ledger_moves (number, from_engine, to_engine, size, root)
      values (1, 'postgres', 'eventstore', 0, ${new Uint8Array(32)})`;
    for (const statement of ['update ledger_moves set size = 1', 'delete from ledger_moves', 'truncate ledger_moves'])
      await expect(ownerSql.unsafe(statement)).rejects.toMatchObject({ code: '42501' });
  });
});
