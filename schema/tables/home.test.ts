import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../test/support/database.ts';
import { itIsAsDeclared } from '../../test/support/declared-tables.ts';
import { ledgerHome, ledgerMoves } from './home.ts';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

describe('the tables of where the ledger lives', () => {
  itIsAsDeclared([ledgerHome, ledgerMoves], () => database);

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
