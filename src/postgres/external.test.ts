import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openDatabase } from './database.ts';
import { assertMigrated, migrate } from './migrate.ts';
import { openSql, type Sql, warnIfOwner } from './pools.ts';

/** A server of one's own: other names for database, owner and application user than the embedded one has. */
const name = `external_${randomBytes(4).toString('hex')}`;
const owner = `${name}_owner`;
const app = `${name}_app`;
let admin: Sql;
let folder: string;
let host: string;
const urlOf = (user: string, password = 'secret') => `postgres://${user}:${password}@${host}/${name}`;
const settings = (databaseOwnerUrl?: string) => ({ dataDir: '/nowhere', databaseUrl: urlOf(app), databaseOwnerUrl });

beforeAll(async () => {
  const server = inject('testServer');
  if (server.kind === 'failed') throw new Error(server.failure);
  host = new URL(server.adminUrl).host;
  admin = openSql(server.adminUrl, { max: 1, applicationName: 'test' });
  await admin.unsafe(`create role ${owner} login createrole password 'secret'`);
  await admin.unsafe(`create role ${app} login password 'secret'`);
  await admin.unsafe(`create database ${name} owner ${owner}`);
  folder = await mkdtemp(`${tmpdir()}/hrl-external-`);
  await writeFile(`${folder}/0001_a.sql`, 'create table a (n int); grant select on a to hrl_app;');
});
afterAll(async () => {
  await admin.unsafe(`drop database ${name} with (force)`);
  await admin.unsafe(`drop role ${owner}, ${app}`);
  await admin.end();
  await rm(folder, { recursive: true });
});

describe('a database server of one’s own', () => {
  it('is taken as it is named, and nothing embedded is started for it', async () => {
    const database = await openDatabase(settings(urlOf(owner)));
    expect(database).toMatchObject({ appUrl: urlOf(app), ownerUrl: urlOf(owner), embedded: undefined });
    expect((await openDatabase(settings())).ownerUrl).toBeUndefined();
    await database.close();
  });

  it('tells what to run as superuser when its owner may not give the application role', async () => {
    await expect(migrate({ ownerUrl: urlOf(owner), appUrl: urlOf(app), folder })).rejects.toMatchObject({
      code: 'role-missing',
      next: expect.stringContaining(`GRANT hrl_app TO "${app}"`),
    });
    await admin.unsafe(`grant hrl_app to ${app}`);
  });

  it('is migrated by its owner and used by the member of hrl_app, who is not warned', async () => {
    await migrate({ ownerUrl: urlOf(owner), appUrl: urlOf(app), folder });
    const sql = openSql(urlOf(app), { max: 1, applicationName: 'test' });
    await assertMigrated(sql, folder);
    expect(await sql`select n from a`).toEqual([]);
    await expect(sql`insert into a values (1)`).rejects.toMatchObject({ code: '42501' });
    expect(await warnIfOwner(sql, () => {})).toBe('none');
    await sql.end();
  });

  it('refuses a user who owns nothing as the owner, by a code', async () => {
    await expect(migrate({ ownerUrl: urlOf(app), folder })).rejects.toMatchObject({ code: 'migration-failed' });
  });

  it('is told apart from one that is not there or does not let us in', async () => {
    const unreachable = { code: 'database-unreachable' };
    await expect(migrate({ ownerUrl: urlOf(owner, 'wrong'), folder })).rejects.toMatchObject({
      ...unreachable,
      message: expect.stringContaining('28P01'),
    });
    await expect(migrate({ ownerUrl: 'postgres://x:y@127.0.0.1:1/z', folder })).rejects.toMatchObject({
      ...unreachable,
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });
});
