import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { emptyDatabase, type FreshDatabase } from '../../test/support/database.ts';
import { assertMigrated, migrate } from './migrate.ts';

let folder: string;
let database: FreshDatabase;
beforeEach(async () => {
  folder = await mkdtemp(`${tmpdir()}/hrl-migrate-`);
  database = await emptyDatabase();
});
afterEach(async () => {
  await database.drop();
  await rm(folder, { recursive: true });
});

const put = (name: string, text: string) => writeFile(`${folder}/${name}`, text);
const run = () => migrate({ ownerUrl: database.ownerUrl, appUrl: database.url, folder });
const code = (text: string) => expect.objectContaining({ code: text });

it('applies every file once, in order, and says what it did', async () => {
  await put('0001_a.sql', 'create table a (n int); insert into a values (1);');
  await put('0002_b.sql', 'insert into a values (2);');
  expect(await run()).toEqual({ applied: ['0001_a.sql', '0002_b.sql'], already: 0 });
  await put('0003_c.sql', 'insert into a values (3);');
  expect(await run()).toEqual({ applied: ['0003_c.sql'], already: 2 });
  expect(await run()).toEqual({ applied: [], already: 3 });
  expect(await database.ownerSql`select n from a order by n`).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
});

it('keeps nothing of a file that fails, and all of those before it', async () => {
  await put('0001_a.sql', 'create table a (n int);');
  await put('0002_b.sql', 'create table b (n int);\ninsert into b values (1);\nselect nonsense;\n');
  await expect(run()).rejects.toMatchObject({ code: 'migration-failed', migration: '0002_b.sql' });
  await expect(run()).rejects.toThrow(/line 3/);
  const [tables] = await database.ownerSql`select to_regclass('a') as a, to_regclass('b') as b`;
  expect(tables).toEqual({ a: 'a', b: null });
  await put('0002_b.sql', 'create table b (n int);');
  expect(await run()).toEqual({ applied: ['0002_b.sql'], already: 1 });
});

it('tells no value of a row when a file fails on one', async () => {
  await put('0001_a.sql', `create table a (t text); insert into a values ('planted'), ('planted');`);
  await put('0002_b.sql', 'create unique index on a (t);');
  const failure = await run().then(
    () => '',
    (error: Error) => error.message,
  );
  expect(failure).toMatch(/23505/);
  expect(failure).not.toMatch(/planted/);
});

it('refuses an applied file that was changed, and a database newer than the code', async () => {
  await put('0001_a.sql', 'create table a (n int);');
  await put('0002_b.sql', 'create table b (n int);');
  await run();
  await put('0001_a.sql', 'create table a (n bigint);');
  await expect(run()).rejects.toEqual(code('migration-changed'));
  await expect(assertMigrated(database.sql, folder)).rejects.toEqual(code('migration-changed'));
  await put('0001_a.sql', 'create table a (n int);');
  await rm(`${folder}/0002_b.sql`);
  await expect(run()).rejects.toEqual(code('database-newer'));
  await expect(assertMigrated(database.sql, folder)).rejects.toEqual(code('database-newer'));
});

it('lets the application ask whether all is applied, before the first migration too', async () => {
  await put('0001_a.sql', 'create table a (n int);');
  await expect(assertMigrated(database.sql, folder)).rejects.toEqual(code('database-not-migrated'));
  await run();
  await expect(assertMigrated(database.sql, folder)).resolves.toBeUndefined();
});

it('applies each file once when four processes begin at the same time', async () => {
  await put('0001_a.sql', 'create table a (n int); select pg_sleep(0.05);');
  await put('0002_b.sql', 'insert into a values (1);');
  const reports = await Promise.all([run(), run(), run(), run()]);
  expect(reports.flatMap((report) => report.applied).sort()).toEqual(['0001_a.sql', '0002_b.sql']);
  expect(await database.ownerSql`select n from a`).toEqual([{ n: 1 }]);
});

it('lets the application do what was granted to hrl_app and nothing else', async () => {
  await put(
    '0001_a.sql',
    'create table a (n int); grant select, insert on a to hrl_app; create table b (n int); grant select on b to hrl_app;',
  );
  await run();
  await database.sql`insert into a values (1)`;
  expect(await database.sql`select n from a`).toEqual([{ n: 1 }]);
  const denied = expect.objectContaining({ code: '42501' });
  await expect(database.sql`update a set n = 2`).rejects.toEqual(denied);
  await expect(database.sql`delete from a`).rejects.toEqual(denied);
  await expect(database.sql`truncate a`).rejects.toEqual(denied);
  await expect(database.sql`insert into b values (1)`).rejects.toEqual(denied);
  await expect(database.sql`alter table a disable trigger all`).rejects.toEqual(denied);
  await expect(database.sql`create table c (n int)`).rejects.toEqual(denied);
  await expect(database.sql`insert into schema_migrations (name, sha256) values ('x', 'y')`).rejects.toEqual(denied);
});
