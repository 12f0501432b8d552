import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Config, readConfig } from '../../src/config.ts';
import { logger } from '../../src/log.ts';
import { type Node, openNode } from '../../src/main.ts';
import { nodeEntropy } from '../../src/suite-node/entropy.ts';
import { createKeyring } from '../../src/vault/keyring.ts';
import { writeKeyring } from '../../src/vault/keyring-file.ts';
import { emptyDatabase } from '../support/database.ts';
import { startNodeProcess } from '../support/node-process.ts';
import { CLEAN, verdictOn, worldOf } from '../support/people.ts';
import { type Cut, type PostgresProxy, postgresProxy } from '../support/postgres-proxy.ts';
import { SIZES } from '../support/sizes.ts';
import { openTestNode } from '../support/test-node.ts';
import type { Said } from './starting-process.ts';

type Point = readonly [point: string, statement: RegExp];
const casesOf = (points: readonly Point[]) =>
  points
    .flatMap(([point, statement]) => (['before', 'after'] as const).map((when) => ({ point, statement, when })))
    .filter((_, i) => i % SIZES.everyPlace === 0);

const through = (proxy: PostgresProxy, url: string): string => {
  const changed = new URL(url);
  changed.host = new URL(proxy.url).host;
  return changed.href;
};

/** Starts a process over these settings, all of whose words to the database go through the proxy, and kills it at the cut. */
async function killedAt(proxy: PostgresProxy, config: Config, ownerUrl: string, cut: Cut): Promise<void> {
  const { child, ended, lines } = startNodeProcess(
    'fault/starting-process.ts',
    { ...config, databaseUrl: proxy.url },
    null,
    { file: 'inherit', level: 'silent' },
    { DATABASE_OWNER_URL: through(proxy, ownerUrl) },
  );
  proxy.cut({ ...cut, also: () => void child.kill('SIGKILL') });
  const said: Said[] = [];
  for await (const line of lines) said.push(line as Said);
  expect([said, await ended]).toEqual([[], null]);
  expect(proxy.cuts).toBe(1);
}

/** It works, and all of it is whole. */
async function expectWhole(node: Node): Promise<void> {
  const world = await worldOf(node);
  await world.record(await world.doctor(await world.hospital()), await world.resident());
  await world.shown();
  expect(await verdictOn(node)).toMatchObject(CLEAN);
}

describe('a first start that is killed', () => {
  it.each(
    casesOf([
      ['the end of a migration (postgres/migrate)', /insert into schema_migrations/],
      ['the naming of the ledger (ledger/postgres/open)', /UPDATE ledger_head SET origin/],
      ['the check values of the keyring (app/open-platform)', /^COMMIT$/],
    ]),
  )('$when $point is completed by the next', async ({ statement, when }) => {
    const folder = await mkdtemp(join(tmpdir(), 'hrl-first-start-'));
    const database = await emptyDatabase();
    const proxy = await postgresProxy(database.url);
    try {
      const config = readConfig({
        NODE_ENV: 'test',
        LOG_LEVEL: 'silent',
        DATA_DIR: folder,
        DATABASE_URL: database.url,
        DATABASE_OWNER_URL: database.ownerUrl,
      });
      await writeKeyring(config.keyringFile, createKeyring(nodeEntropy));
      await killedAt(proxy, config, database.ownerUrl, { statement, when });
      const node = await openNode({ config, log: logger({ level: 'silent' }) });
      await expectWhole(node);
      await node.close();
    } finally {
      await proxy.close();
      await database.drop();
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe('a start with another version of the read tables that is killed', () => {
  it.each(
    casesOf([
      ['the making of a table beside (projector/swap)', /create table .*__next/],
      ['a batch of the fold (projector/rebuild)', /copy ".*__next"/i],
      ['the taking away of the old table (projector/swap)', /drop table "/],
      ['the end of the swap (projector/rebuild)', /insert into projections/],
    ]),
  )('$when $point leaves the tables as they were, or new; the next start rebuilds', async ({ statement, when }) => {
    const node = await openTestNode();
    const { ownerSql, ownerUrl, url } = node.database;
    const proxy = await postgresProxy(url);
    try {
      await expectWhole(node);
      await node.leave();
      await ownerSql`update projections set version = version - 1`;
      await killedAt(proxy, node.config, ownerUrl, { statement, when });
      const next = await node.again();
      await expectWhole(next);
      await next.close();
      const beside = await ownerSql`select relname from pg_class where relname like '%\\_\\_next%'`;
      expect([...beside]).toEqual([]);
    } finally {
      await proxy.close();
      await node.close();
    }
  });
});
