import { getTableConfig, type PgTable } from 'drizzle-orm/pg-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { READ_MODELS } from '../../src/projector/read-models.ts';
import { type FreshDatabase, freshDatabase } from '../../test/support/database.ts';
import * as projector from './projector.ts';
import * as reads from './reads.ts';

let db: FreshDatabase;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.drop());

const tables: PgTable[] = [...Object.values(reads), ...Object.values(projector)];
const named = tables.map((table) => [getTableConfig(table).name, table] as const);

describe('the read tables', () => {
  it('each has a projection, and each projection has one', () => {
    const names = Object.values(reads).map((table) => getTableConfig(table).name);
    expect(READ_MODELS.map(({ table }) => table).sort()).toEqual(names.sort());
  });

  it.each(named)('%s: columns are those of the migration', async (name, table) => {
    const columns = await db.ownerSql`
      select a.attname as name, format_type(a.atttypid, null) as type, a.attnotnull as not_null
      from pg_attribute a where a.attrelid = ${name}::regclass and a.attnum > 0 and not a.attisdropped order by a.attnum`;
    expect(
      getTableConfig(table).columns.map((column) => ({
        name: column.name,
        type: column.getSQLType(),
        not_null: column.notNull,
      })),
    ).toEqual([...columns]);
  });

  it.each(named)('%s: key and indexes are those of the migration', async (name, table) => {
    const config = getTableConfig(table);
    const indexes = await db.ownerSql`
      select c.relname as name, i.indisunique as unique, i.indisprimary as primary, m.amname as method,
        array(select a.attname::text from unnest(i.indkey) with ordinality k(attnum, n)
          join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum order by k.n) as columns
      from pg_index i join pg_class c on c.oid = i.indexrelid join pg_am m on m.oid = c.relam
      where i.indrelid = ${name}::regclass order by c.relname`;
    const key = config.columns.filter((column) => column.primary).map((column) => column.name);
    const declared = config.indexes.map(({ config: index }) => ({
      name: index.name,
      unique: index.unique,
      primary: false,
      method: index.method,
      columns: index.columns.map((column) => 'name' in column && column.name),
    }));
    const primary = { name: `${name}_pkey`, unique: true, primary: true, method: 'btree', columns: key };
    expect([...declared, primary].sort((a, b) => ((a.name ?? '') < (b.name ?? '') ? -1 : 1))).toEqual([...indexes]);
  });

  it('text compares bytewise, and sealed bytes are not compressed', async () => {
    const names = named.map(([name]) => name);
    const wrong = await db.ownerSql`
      select a.attrelid::regclass::text as table, a.attname from pg_attribute a
      join pg_class c on c.oid = a.attrelid left join pg_collation l on l.oid = a.attcollation
      where c.relname = any(${names}) and c.relnamespace = 'public'::regnamespace and a.attnum > 0
      and (l.collname <> 'C' or (a.attname in ('personal', 'retained') and a.attstorage <> 'e'))`;
    expect(wrong).toEqual([]);
  });

  it.each(named)('%s: the application may neither empty it in one stroke nor change its shape', async (name) => {
    await expect(db.sql`truncate ${db.sql(name)}`).rejects.toMatchObject({ code: '42501' });
    await expect(db.sql`alter table ${db.sql(name)} add column more text`).rejects.toMatchObject({ code: '42501' });
    await expect(db.sql`drop table ${db.sql(name)}`).rejects.toMatchObject({ code: '42501' });
  });
});
