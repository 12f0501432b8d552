import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { emptyDatabase, type FreshDatabase } from '../../test/support/database.ts';
import { openSql, type Sql } from './pools.ts';
import { ensureAppRole } from './roles.ts';

const login = `login ${randomBytes(4).toString('hex')} "quoted"`;
const quoted = `"${login.replaceAll('"', '""')}"`;
let database: FreshDatabase;
let admin: Sql;

beforeAll(async () => {
  database = await emptyDatabase();
  const server = inject('testServer');
  if (server.kind === 'failed') throw new Error(server.failure);
  admin = openSql(server.adminUrl, { max: 4, applicationName: 'test' });
  await admin.unsafe(`create role ${quoted} login`);
});
afterAll(async () => {
  await admin.unsafe(`drop role ${quoted}`);
  await admin.end();
  await database.drop();
});

const isMember = async () => {
  const [row] = await admin<{ member: boolean }[]>`select pg_has_role(${login}, 'hrl_app', 'USAGE') as member`;
  return row?.member;
};

it('names the statement for a superuser when the owner may not give the role, and has given nothing', async () => {
  await expect(ensureAppRole(database.ownerSql, login)).rejects.toMatchObject({
    code: 'role-missing',
    next: expect.stringContaining(`GRANT hrl_app TO ${quoted}`),
  });
  expect(await isMember()).toBe(false);
});

it('makes a login a member of hrl_app, by several processes at once', async () => {
  await Promise.all([1, 2, 3, 4].map(() => ensureAppRole(admin, login)));
  expect(await isMember()).toBe(true);
});

it('needs no right where nothing lacks', async () => {
  await expect(ensureAppRole(database.ownerSql, 'hrl_server')).resolves.toBeUndefined();
  await expect(ensureAppRole(database.ownerSql, 'hrl_owner')).resolves.toBeUndefined();
});
