import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { emptyDatabase, type FreshDatabase } from '../../test/support/database.ts';
import { assertDurable, openSql, type Sql, warnIfOwner } from './pools.ts';

let database: FreshDatabase;
beforeAll(async () => {
  database = await emptyDatabase();
});
afterAll(() => database.drop());

describe('a pool', () => {
  it('carries 64-bit integers as bigint and bytes as Buffer, both ways and in arrays', async () => {
    const big = 2n ** 63n - 1n;
    const bytes = Buffer.from([0, 255, 10]);
    const [row] = await database.sql`select ${big}::int8 as big, array[${big}::int8] as bigs, ${bytes}::bytea as bytes`;
    expect(row).toEqual({ big, bigs: [big], bytes });
    expect(Buffer.isBuffer(row?.bytes)).toBe(true);
  });

  it('waits for no lock longer than five seconds and lets no transaction idle longer', async () => {
    const show = async (name: string) => Object.values((await database.sql.unsafe(`show ${name}`))[0] ?? {})[0];
    expect(await show('lock_timeout')).toBe('5s');
    expect(await show('idle_in_transaction_session_timeout')).toBe('5s');
    expect(await show('statement_timeout')).toBe('20s');
    expect(await show('application_name')).toBe('test');
  });

  it.each([0, 17, 1.5])('of %d connections is refused', (max) => {
    expect(() => openSql(database.url, { max, applicationName: 'test' })).toThrow(RangeError);
  });

  it('connects again after the server ended its connections', async () => {
    const [before] = await database.sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
    const pids = await database.sql<{ pid: number }[]>`
      select pid from pg_stat_activity where datname = current_database() and usename = current_user`;
    const admin = openSql(adminUrl(), { max: 1, applicationName: 'test' });
    for (const { pid } of pids) await admin`select pg_terminate_backend(${pid})`;
    await admin.end();
    await expect
      .poll(() => database.sql<{ pid: number }[]>`select pg_backend_pid() as pid`.catch(() => []), { timeout: 5_000 })
      .toEqual([{ pid: expect.toSatisfy((pid) => pid !== before?.pid) }]);
  });
});

describe('durability', () => {
  it('holds on the server of the tests', async () => {
    await expect(assertDurable(database.sql)).resolves.toBeUndefined();
  });

  it('is refused, each setting by name, when fsync or full_page_writes is off', async () => {
    // The embedded server cannot be told so (its command line goes first): a view in front of pg_settings answers instead.
    const sql = openSql(`${database.ownerUrl}?search_path=lies,pg_catalog`, { max: 1, applicationName: 'test' });
    await sql`create schema lies`;
    await sql.unsafe(`create view lies.pg_settings as select 'fsync' as name, 'off' as setting
      union all values ('full_page_writes', 'off'), ('other', 'off')`);
    await expect(assertDurable(sql)).rejects.toMatchObject({
      code: 'database-not-durable',
      settings: ['fsync', 'full_page_writes'],
    });
    await sql`drop schema lies cascade`;
    await sql.end();
  });
});

describe('the warning about rights', () => {
  const warned = async (sql: Sql) => {
    const lines: string[] = [];
    const found = await warnIfOwner(sql, (line) => lines.push(line));
    return { found, lines: lines.length };
  };

  it('is given to an owner of tables and to a superuser, not to the application', async () => {
    expect(await warned(database.ownerSql)).toEqual({ found: 'none', lines: 0 });
    await database.ownerSql`create table owned (n int)`;
    expect(await warned(database.ownerSql)).toEqual({ found: 'owner', lines: 1 });
    expect(await warned(database.sql)).toEqual({ found: 'none', lines: 0 });
    const admin = openSql(adminUrl(), { max: 1, applicationName: 'test' });
    expect(await warned(admin)).toEqual({ found: 'superuser', lines: 1 });
    await admin.end();
  });
});

function adminUrl(): string {
  const server = inject('testServer');
  if (server.kind === 'failed') throw new Error(server.failure);
  return server.adminUrl;
}
