import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEmbedded } from '../../src/postgres/embedded/open.ts';
import { embeddedStatus } from '../../src/postgres/embedded/status.ts';
import { openSql, type Sql } from '../../src/postgres/pools.ts';
import { answers, inDataFolder, runs, startHolder, until } from './embedded-holder.ts';

let home: string;
let dataDir: string;
beforeAll(async () => {
  home = await mkdtemp('/tmp/hrl-e2e-');
  dataDir = `${home}/data`;
});
afterAll(() => rm(home, { recursive: true, force: true }));

describe('the embedded server after a crash', () => {
  it('comes back by itself under a running process after kill -9, with every acknowledged row', async () => {
    const server = await openEmbedded({ dataDir });
    const owner = openSql(server.ownerUrl, { max: 4, applicationName: 'test' });
    await owner`create table written (n int primary key)`;
    const acknowledged: number[] = [];
    let next = 0;
    const writer = async () => {
      while (acknowledged.length < 400) {
        const n = next++;
        try {
          await owner`insert into written values (${n})`;
          acknowledged.push(n);
        } catch {
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
      }
    };
    const writers = Promise.all([writer(), writer(), writer(), writer()]);
    await until(() => acknowledged.length > 100);
    const killed = server.pid;
    process.kill(killed, 'SIGKILL');
    await writers;

    const rows = await owner<{ n: number }[]>`select n from written`;
    const there = new Set(rows.map((row) => row.n));
    expect(acknowledged.filter((n) => !there.has(n))).toEqual([]);
    const now = await embeddedStatus(dataDir);
    expect(now.server?.pid).not.toBe(killed);
    expect(now.port).toBe(server.port);
    await owner.end();
    await server.close();
  });

  it('can be waited for', async () => {
    const server = await openEmbedded({ dataDir });
    const killed = server.pid;
    process.kill(killed, 'SIGKILL');
    await until(() => !runs(killed));
    await server.ensureRunning();
    expect(await answers(server.appUrl)).toBe(true);
    expect(server.pid).not.toBe(killed);
    await server.close();
  });

  it('starts although the pid in its lock file went to another program, of the same user or not', async () => {
    const server = await openEmbedded({ dataDir });
    await server.close();
    const file = `${dataDir}/postgres/cluster/postmaster.pid`;
    for (const pid of [1, process.pid, 2 ** 22 + 7]) {
      const lines = [
        pid,
        `${dataDir}/postgres/cluster`,
        1_700_000_000,
        server.port,
        '/tmp',
        '127.0.0.1',
        '  1 1',
        'ready',
      ];
      await writeFile(file, `${lines.join('\n')}\n`);
      const next = await openEmbedded({ dataDir });
      expect(next.pid).not.toBe(pid);
      expect(await answers(next.appUrl)).toBe(true);
      await next.close();
    }
  });

  it('makes a cluster anew when the first process was killed while it made one', () =>
    inDataFolder(async (dataDir) => {
      const unfinished = () => namesIn(`${dataDir}/postgres`).filter((name) => name.startsWith('cluster.new'));
      const starting = startHolder(dataDir).catch((error: Error) => error);
      await until(() => unfinished().length > 0);
      const { holders } = await embeddedStatus(dataDir);
      for (const holder of holders) process.kill(holder.pid, 'SIGKILL');
      expect(await starting).toBeInstanceOf(Error);
      // Its initdb may still be at work.
      const server = await openEmbedded({ dataDir });
      expect(await answers(server.appUrl)).toBe(true);
      await server.close();
      await until(async () => {
        await openEmbedded({ dataDir }).then((next) => next.close());
        return unfinished().length === 0;
      });
    }));

  it('moves to another port when a program that stays has taken its own', async () => {
    const first = await openEmbedded({ dataDir });
    await first.close();
    const squatter = createServer().listen(first.port, '127.0.0.1');
    const second = await openEmbedded({ dataDir });
    expect(second.port).not.toBe(first.port);
    expect(await answers(second.appUrl)).toBe(true);
    await second.close();
    squatter.close();
  });

  it('is refused with its reason when its passwords are gone, and nothing of it is changed', async () => {
    const server = await openEmbedded({ dataDir });
    await server.close();
    const passwords = `${dataDir}/postgres/passwords.json`;
    const text = await readFile(passwords, 'utf8');
    await rm(passwords);
    await expect(openEmbedded({ dataDir })).rejects.toMatchObject({ code: 'postgres-passwords-missing' });
    expect((await embeddedStatus(dataDir)).server).toBeUndefined();
    await writeFile(passwords, text);
    const again = await openEmbedded({ dataDir });
    expect(await answers(again.appUrl)).toBe(true);
    await again.close();
  });
});

describe('the data folder', () => {
  it('holds no value of any statement in clear in its logs, whatever goes wrong with it', async () => {
    const planted = 'planted-7f3a';
    const server = await openEmbedded({ dataDir });
    const sql = openSql(server.ownerUrl, { max: 2, applicationName: 'test' });
    await provoke(sql, planted);
    const [row] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
    const running = sql`select pg_sleep(5), ${planted}::text`.catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 200));
    // A killed child makes the server write a line about the process "that was running" such and such.
    if (row !== undefined) process.kill(row.pid, 'SIGKILL');
    await running;
    await until(() => answers(server.appUrl));
    await sql.end({ timeout: 1 });
    await server.close();

    const log = await readFile(`${dataDir}/postgres/server.log`, 'utf8');
    expect(log).toContain('terminated by signal 9');
    expect(log).not.toContain(planted);
  });
});

function namesIn(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** Everything that a server with other settings would write a value about. Each of these must fail. */
async function provoke(sql: Sql, planted: string): Promise<void> {
  await sql`create table named (name text primary key, n int check (n > 0))`;
  await sql`insert into named values (${planted}, 1)`;
  const failures = await Promise.allSettled([
    sql`insert into named values (${planted}, 2)`,
    sql`insert into named values ('x', -1), (${`${planted}2`}, 1)`,
    sql`select ${planted}::text::uuid`,
    sql`select ${planted}::text::int`,
    sql.unsafe(`select '${planted}'::int`),
    sql.unsafe(`select * from "${planted}"`),
    sql.unsafe(`do $$ begin raise exception '${planted}'; end $$`),
    sql.unsafe(`set statement_timeout = 1; select '${planted}', pg_sleep(1)`),
  ]);
  expect(failures.map((each) => each.status)).toEqual(failures.map(() => 'rejected'));
  await sql.unsafe(
    `do $$ begin raise warning '${planted}'; raise log using message = 'x', detail = '${planted}'; end $$`,
  );
}
