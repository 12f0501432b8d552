import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { openSql, type Sql } from '../../src/postgres/pools.ts';
import type { TestServer } from './global-setup.ts';

type RunningServer = Extract<TestServer, { kind: 'running' }>;

/** A database of its own for one test file: migrated, empty, on the run's one server. */
export interface FreshDatabase {
  /** As the application: `hrl_server`, a member of `hrl_app`. */
  readonly url: string;
  /** As the owner of the tables. */
  readonly ownerUrl: string;
  /** A pool of `url`. */
  readonly sql: Sql;
  /** A pool of `ownerUrl`. */
  readonly ownerSql: Sql;
  /** Ends both pools and removes the database, whoever else is still connected. */
  drop(): Promise<void>;
}

/**
 * Copies the migrated database (some 50 ms). Call it in `beforeAll`, and `drop` in `afterAll`; what is forgotten goes with the
 * server at the end of the run.
 */
export async function freshDatabase(): Promise<FreshDatabase> {
  return copyOf((server) => databaseOf(server.ownerUrl));
}

/** A database with all that stands in another one, to which nobody is connected at that moment. */
export async function copyDatabase(of: Pick<FreshDatabase, 'url'>): Promise<FreshDatabase> {
  return copyOf(() => databaseOf(of.url));
}

/** Connects as the server's superuser, whom no grant binds. */
export function asSuperuser(to: Pick<FreshDatabase, 'url'>): Sql {
  const server = inject('testServer');
  if (server.kind === 'failed') throw new Error(`the run has no database: ${server.failure}`);
  return openSql(withDatabase(server.adminUrl, databaseOf(to.url)), { max: 1, applicationName: 'test superuser' });
}

/** The same without a table in it, for tests of the migrations themselves. */
export async function emptyDatabase(): Promise<FreshDatabase> {
  return copyOf(() => 'template0');
}

async function copyOf(templateOn: (server: RunningServer) => string): Promise<FreshDatabase> {
  const server = inject('testServer');
  if (server.kind === 'failed') throw new Error(`the run has no database: ${server.failure}`);
  const name = `test_${randomBytes(6).toString('hex')}`;
  const template = templateOn(server);
  await asAdmin(server.adminUrl, `create database ${name} template ${template} owner hrl_owner`);

  const url = withDatabase(server.appUrl, name);
  const ownerUrl = withDatabase(server.ownerUrl, name);
  const sql = openSql(url, { max: 8, applicationName: 'test' });
  const ownerSql = openSql(ownerUrl, { max: 2, applicationName: 'test owner' });
  return {
    url,
    ownerUrl,
    sql,
    ownerSql,
    async drop() {
      await Promise.all([sql.end({ timeout: 1 }), ownerSql.end({ timeout: 1 })]);
      await asAdmin(server.adminUrl, `drop database if exists ${name} with (force)`);
    },
  };
}

async function asAdmin(url: string, statement: string): Promise<void> {
  const admin = openSql(url, { max: 1, applicationName: 'test admin' });
  try {
    await admin.unsafe(statement);
  } finally {
    await admin.end({ timeout: 1 });
  }
}

function databaseOf(url: string): string {
  return new URL(url).pathname.slice(1);
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}
