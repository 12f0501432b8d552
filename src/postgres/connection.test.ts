import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../test/support/database.ts';
import { type Connection, ConnectionBroken, openConnection } from './connection.ts';

let db: FreshDatabase;
let connection: Connection;
beforeEach(async () => {
  db = await freshDatabase();
  await db.ownerSql`create table marks (n integer primary key)`;
  connection = openConnection(db.ownerSql, 'hrl test');
});
afterEach(async () => {
  await connection.end();
  await db.drop();
});

const marks = async () => (await db.ownerSql<{ n: number }[]>`select n from marks order by n`).map(({ n }) => n);
const put = (n: number) => connection.run((sql) => sql`insert into marks values (${n})`);
const kill = () => db.ownerSql`
  select pg_terminate_backend(pid) from pg_stat_activity
  where datname = current_database() and application_name = 'hrl test'`;

describe('a connection of one’s own', () => {
  it('does all of a transaction or nothing', async () => {
    const both = (fail: boolean) =>
      connection.transaction(async (sql) => {
        await sql`insert into marks values (1)`;
        await sql`insert into marks values (2)`;
        if (fail) throw new Error('changed my mind');
      });
    await expect(both(true)).rejects.toThrow('changed my mind');
    expect(await marks()).toEqual([]);
    await both(false);
    expect(await marks()).toEqual([1, 2]);
  });

  it('goes on after a statement that the server refused', async () => {
    await put(1);
    await expect(put(1)).rejects.toMatchObject({ code: '23505' });
    await expect(connection.transaction((sql) => sql`insert into marks values (1)`)).rejects.toMatchObject({
      code: '23505',
    });
    await put(2);
    expect(connection.broken).toBe(false);
    expect(await marks()).toEqual([1, 2]);
  });

  it('once broken, sends nothing more: no statement of a broken transaction is done outside it', async () => {
    const working = connection.transaction(async (sql) => {
      await sql`insert into marks values (1)`;
      await kill();
      await new Promise((resolve) => setTimeout(resolve, 50));
      for (let n = 2; n < 20; n++) await sql`insert into marks values (${n})`.catch(() => {});
    });
    await expect(working).rejects.toBeInstanceOf(ConnectionBroken);
    expect(connection.broken).toBe(true);
    await expect(put(30)).rejects.toBeInstanceOf(ConnectionBroken);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await marks()).toEqual([]);
  });

  it('whoever waits for an answer when it breaks gets none, and does not wait for ever', async () => {
    const waiting = expect(connection.run((sql) => sql`select pg_sleep(60)`)).rejects.toBeInstanceOf(ConnectionBroken);
    await expect.poll(async () => (await kill()).count).toBe(1);
    await waiting;
  });

  it('broken again and again at any moment, it never leaves anybody waiting', async () => {
    for (let i = 0; i < 25; i++) {
      const own = openConnection(db.ownerSql, 'hrl test');
      const statements = (async () => {
        for (;;) await own.run((sql) => sql`select ${i}::integer`);
      })();
      const working = expect(statements).rejects.toBeInstanceOf(ConnectionBroken);
      await new Promise((resolve) => setTimeout(resolve, i % 9));
      while ((await kill()).count === 0);
      await working;
      await own.end();
    }
  });

  it('ended, it is as broken', async () => {
    await connection.end();
    await expect(put(1)).rejects.toBeInstanceOf(ConnectionBroken);
  });
});
