import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../test/support/database.ts';
import { openConnection } from './connection.ts';
import { openSql, type Sql } from './pools.ts';

let database: FreshDatabase;
/** Passes so many bytes of the server's on, then breaks the connection: in the middle of an answer. */
let left = Number.POSITIVE_INFINITY;
let way: ReturnType<typeof createServer>;
let url: string;
const sockets = new Set<Socket>();
beforeAll(async () => {
  database = await freshDatabase();
  const target = new URL(database.url);
  way = createServer((client) => {
    const server = connect({ host: target.hostname, port: Number(target.port) });
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      sockets.add(from);
      from.on('error', () => {});
      from.on('close', () => to.destroy());
      from.on('data', (chunk) => {
        if (from === client) return void to.write(chunk);
        to.write(chunk.subarray(0, left));
        left -= chunk.length;
        if (left > 0) return;
        left = Number.POSITIVE_INFINITY;
        to.end();
        from.destroy();
      });
    }
  });
  way.listen(0, '127.0.0.1');
  await once(way, 'listening');
  const through = new URL(database.url);
  through.host = `127.0.0.1:${(way.address() as AddressInfo).port}`;
  url = through.href;
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  way.close();
  await database.drop();
});

const many = (sql: Sql) => sql<{ n: number }[]>`select n, repeat('x', 100) as text from generate_series(1, 5000) as n`;
const halfWay = () => {
  left = 100_000;
};
const failing = (sql: Sql) => sql`select 1 / (4000 - n), repeat('x', 100) as text from generate_series(1, 5000) as n`;

describe('an answer', () => {
  it('after one whose connection broke in the middle of its rows begins with its first row', async () => {
    const sql = openSql(url, { max: 1, applicationName: 'test' });
    for (const next of [
      () => sql<{ one: number }[]>`select 1 as one`,
      () => sql.unsafe<{ one: number }[]>('select 1 as one'),
      () => sql.unsafe<{ one: number }[]>('select 1 as one', [], { prepare: true }),
      async () => (await sql.unsafe<{ one: number }[][]>('select 1 as one; select 2 as two'))[0],
    ]) {
      halfWay();
      await expect(many(sql)).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' });
      expect([...((await next()) ?? [])]).toEqual([{ one: 1 }]);
    }
    halfWay();
    await expect(many(sql)).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' });
    expect(await many(sql)).toHaveLength(5000);
    await sql.end({ timeout: 1 });
  });

  it('after one in whose middle the server failed begins with its first row, in a pool and on a connection of one’s own', async () => {
    const sql = openSql(url, { max: 1, applicationName: 'test' });
    const connection = openConnection(sql, 'hrl test');
    for (const on of [<T>(work: (own: Sql) => Promise<T>) => work(sql), connection.run]) {
      await expect(on(failing)).rejects.toMatchObject({ code: '22012' });
      expect(await on(async (own) => [...(await own<{ one: number }[]>`select 1 as one`)])).toEqual([{ one: 1 }]);
    }
    await connection.end();
    await sql.end({ timeout: 1 });
  });

  it('of no rows stays empty, and its count is kept', async () => {
    const none = await database.sql`select 1 as one where false`;
    expect([none.length, none.count]).toEqual([0, 0]);
    expect((await database.sql`select 1 as one`).count).toBe(1);
  });
});
