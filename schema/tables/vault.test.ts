import { getTableConfig, type PgTable } from 'drizzle-orm/pg-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../test/support/database.ts';
import * as tables from './vault.ts';

let db: FreshDatabase;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.drop());

const all: Record<string, PgTable> = {
  stream_keys: tables.streamKeys,
  period_keys: tables.periodKeys,
  claims: tables.claims,
  contents: tables.contents,
  snapshots: tables.snapshots,
};
const full = (name: string) => `vault.${name}`;

describe('the tables of the vault', () => {
  it('are those of the migration, and no others', async () => {
    const found =
      await db.ownerSql`select table_name as name from information_schema.tables where table_schema = 'vault'`;
    expect(found.map((row) => row.name).sort()).toEqual(Object.keys(all).sort());
    for (const [name, table] of Object.entries(all)) {
      expect(getTableConfig(table)).toMatchObject({ name, schema: 'vault' });
    }
  });

  it.each(Object.entries(all))('%s: columns, key and indexes are the migration’s', async (name, table) => {
    const config = getTableConfig(table);
    const columns = await db.ownerSql`
      select column_name as name, coalesce(domain_schema || '.' || domain_name, data_type) as type, is_nullable = 'NO' as not_null,
             column_default as default
      from information_schema.columns where table_schema = 'vault' and table_name = ${name} order by ordinal_position`;
    expect(
      config.columns.map((column) => ({
        name: column.name,
        type: column.getSQLType(),
        not_null: column.notNull,
        defaulted: column.hasDefault,
      })),
    ).toEqual(
      columns.map((column) => ({
        name: column.name,
        type: column.type,
        not_null: column.not_null,
        defaulted: column.default !== null,
      })),
    );
    const [key] = await db.ownerSql`
      select array_agg(a.attname::text order by k.place) as columns from pg_constraint c
      cross join unnest(c.conkey) with ordinality as k (attnum, place)
      join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.attnum
      where c.conrelid = ${full(name)}::regclass and c.contype = 'p'`;
    const own = config.columns.filter((column) => column.primary).map((column) => column.name);
    expect(config.primaryKeys.flatMap((one) => one.columns.map((column) => column.name)).concat(own)).toEqual(
      key?.columns,
    );
    const indexes = await db.ownerSql`
      select i.relname as name from pg_index x join pg_class i on i.oid = x.indexrelid
      where x.indrelid = ${full(name)}::regclass and not x.indisprimary order by 1`;
    expect(config.indexes.map((one) => one.config.name).sort()).toEqual(indexes.map((row) => row.name));
    const checks = await db.ownerSql`
      select conname as name from pg_constraint
      where conrelid = ${full(name)}::regclass and contype = 'c' and conname like '%_tombstone_check'`;
    expect(config.checks.map((one) => one.name)).toEqual(checks.map((row) => row.name));
  });

  it('compare text bytewise, on every server alike', async () => {
    const other = await db.ownerSql`
      select a.attrelid::regclass::text as table, a.attname as name from pg_attribute a
      join pg_class c on c.oid = a.attrelid join pg_collation l on l.oid = a.attcollation
      where c.relnamespace = 'vault'::regnamespace and c.relkind = 'r' and l.collname <> 'C'`;
    expect(other).toEqual([]);
  });
});

describe('the application', () => {
  const refused = (statement: string) => expect(db.sql.unsafe(statement)).rejects.toMatchObject({ code: '42501' });

  it('deletes no key, and changes nothing of one but its wrap', async () => {
    for (const table of ['stream_keys', 'period_keys']) {
      await refused(`delete from vault.${table}`);
      await refused(`truncate vault.${table}`);
      await refused(`update vault.${table} set number = 1`);
      await refused(`update vault.${table} set created = now()`);
    }
  });

  it('changes no claim, and of a content only what the sweep and a new wrap need', async () => {
    await refused(`update vault.claims set subject = 'x'`);
    await refused('truncate vault.claims');
    for (const set of [`sealed = ''`, `stream = ''`, `event_id = gen_random_uuid()`, `id = ''`]) {
      await refused(`update vault.contents set ${set}`);
    }
  });
});

describe('a tombstone', () => {
  it('of a key is not brought back, by the owner neither', async () => {
    const wrapped = new Uint8Array(64);
    await db.sql`insert into vault.stream_keys (stream, kind, number, wrapped) values ('s', 'personal', 0, ${wrapped})`;
    await db.sql`insert into vault.period_keys (retention, year, number, wrapped) values ('access', 2020, 0, ${wrapped})`;
    for (const table of ['stream_keys', 'period_keys']) {
      await db.sql.unsafe(`update vault.${table} set wrapped = null, destroyed = now()`);
      for (const sql of [db.sql, db.ownerSql]) {
        const back = sql.unsafe(
          `update vault.${table} set wrapped = decode(repeat('00', 64), 'hex'), destroyed = null`,
        );
        await expect(back).rejects.toThrow('a destroyed key is not brought back');
      }
    }
  });

  it('has no wrap, a living key has one, and a wrap has one length', async () => {
    const insert = (wrapped: Uint8Array | null, destroyed: Date | null) =>
      db.sql`insert into vault.stream_keys (stream, kind, number, wrapped, destroyed) values ('t', 'tag', 0, ${wrapped}, ${destroyed})`;
    await expect(insert(null, null)).rejects.toThrow('stream_keys_tombstone_check');
    await expect(insert(new Uint8Array(64), new Date(0))).rejects.toThrow('stream_keys_tombstone_check');
    await expect(insert(new Uint8Array(63), null)).rejects.toThrow('violates check constraint');
  });
});
