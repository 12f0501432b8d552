import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postgresLedger } from '../../src/ledger/postgres/postgres-ledger.ts';
import { openEmbedded } from '../../src/postgres/embedded/open.ts';
import { migrate } from '../../src/postgres/migrate.ts';
import { openSql } from '../../src/postgres/pools.ts';
import { nodeSuite as suite } from '../../src/suite-node/suite.ts';
import { type FreshDatabase, freshDatabase } from '../support/database.ts';
import { TEST_IDENTITY } from '../support/postgres-ledger.ts';
import { seededEntropy } from '../support/seeded.ts';
import { SIZES } from '../support/sizes.ts';
import { type VerifiedLedger, verifyLedger } from '../support/verify-ledger.ts';
import { expectKept, startWriter, type WriterProcess } from './postgres-writer-process.ts';

const APPENDS = SIZES.killAppends;
/** Appends hold one to four events: about so many are told before a share of them is through. */
const share = (part: number): number => Math.floor(part * 2.5 * APPENDS);
const { origin } = TEST_IDENTITY;

async function verify(url: string): Promise<VerifiedLedger> {
  const sql = openSql(url, { max: 2, applicationName: 'test verifier' });
  const ledger = await postgresLedger(sql, { identity: TEST_IDENTITY, suite, entropy: seededEntropy('verifier') });
  try {
    return await verifyLedger(ledger, suite);
  } finally {
    await ledger.close();
    await sql.end();
  }
}

async function acknowledgedBeyond(writer: WriterProcess, count: number): Promise<void> {
  const ended = writer.ended.then(() => 'ended');
  while (writer.acknowledged.size < count) {
    if ((await Promise.race([ended, sleep(5)])) === 'ended') throw new Error('the writer ended too early');
  }
}

describe('processes that append to one ledger', () => {
  let database: FreshDatabase;
  beforeAll(async () => {
    database = await freshDatabase();
  });
  afterAll(() => database.drop());

  it('at once: every event of each stands, in one order', async () => {
    const writers = ['one', 'two', 'three'].map((seed) =>
      startWriter({ url: database.url, origin, seed, appends: 300, callers: 8 }),
    );
    expect(await Promise.all(writers.map(({ ended }) => ended))).toEqual([0, 0, 0]);
    const verified = await verify(database.url);
    expectKept(verified, writers);
    for (const { begun, acknowledged } of writers) expect(acknowledged.size).toBe(begun.flat().length);
  });
});

describe(`a kill -9 during ${APPENDS} appends`, () => {
  it('of the writing process loses nothing that was acknowledged and leaves no part of an append', async () => {
    const database = await freshDatabase();
    const writers: WriterProcess[] = [];
    for (const acknowledged of [0.1, 0.3, 0.5].map(share)) {
      const writer = startWriter({
        url: database.url,
        origin,
        seed: `killed ${acknowledged}`,
        appends: APPENDS,
        callers: 4,
      });
      writers.push(writer);
      await acknowledgedBeyond(writer, acknowledged);
      process.kill(writer.pid, 'SIGKILL');
      expect(await writer.ended).toBeNull();
      expectKept(await verify(database.url), writers);
    }
    await database.drop();
  });

  it('of the database server loses nothing that was acknowledged, and the writers go on when it is back', async () => {
    const dataDir = await mkdtemp(`${tmpdir()}/hrl-killed-server-`);
    const server = await openEmbedded({ dataDir });
    try {
      await migrate({ ownerUrl: server.ownerUrl, appUrl: server.appUrl });
      const writer = startWriter({ url: server.appUrl, origin, seed: 'survivor', appends: APPENDS, callers: 4 });
      for (const acknowledged of [0.2, 0.5].map(share)) {
        await acknowledgedBeyond(writer, acknowledged);
        process.kill(server.pid, 'SIGKILL');
        await sleep(200);
        await server.ensureRunning();
      }
      expect(await writer.ended).toBe(0);
      expect(writer.acknowledged.size + writer.refused.size).toBe(writer.begun.flat().length);
      // At each kill the fate of one group may remain unknown: of four callers, four events each.
      expect(writer.refused.size).toBeLessThanOrEqual(2 * 4 * 4);
      expectKept(await verify(server.appUrl), [writer]);
    } finally {
      await server.close();
      await rm(dataDir, { recursive: true, force: true });
    }
  });
});
