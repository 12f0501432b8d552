import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Config, readConfig } from '../../src/config.ts';
import { fromEpochMs } from '../../src/kernel/instant.ts';
import { postgresLedger } from '../../src/ledger/postgres/postgres-ledger.ts';
import { logger } from '../../src/log.ts';
import { type Node, openNode } from '../../src/main.ts';
import { openDatabase } from '../../src/postgres/database.ts';
import type { EmbeddedPostgres } from '../../src/postgres/embedded/open.ts';
import { embeddedStatus } from '../../src/postgres/embedded/status.ts';
import { migrate } from '../../src/postgres/migrate.ts';
import { openSql, type Sql } from '../../src/postgres/pools.ts';
import { nodeSuite as suite } from '../../src/suite-node/suite.ts';
import { limitFileSize, whyNoLimit } from '../support/file-size-limit.ts';
import { CLEAN, verdictOn, worldOf } from '../support/people.ts';
import { TEST_IDENTITY } from '../support/postgres-ledger.ts';
import { decidedAt, sealedEvents } from '../support/sealed-events.ts';
import { seededEntropy } from '../support/seeded.ts';
import { verifyLedger } from '../support/verify-ledger.ts';
import { judge } from './judge.ts';
import { startWork, type Work, workOf } from './workload.ts';

const WHY_NOT = whyNoLimit();
const MIB = 1024 * 1024;
/** A segment of the write-ahead log, made at its full size. */
const SEGMENT = 16 * MIB;

let home: string;
let config: Config;
let server: EmbeddedPostgres;
let closeServer: () => Promise<void>;
beforeAll(async () => {
  if (WHY_NOT !== undefined) return;
  home = await mkdtemp(join(tmpdir(), 'hrl-disk-'));
  config = readConfig({ NODE_ENV: 'test', LOG_LEVEL: 'silent', DATA_DIR: join(home, 'data'), POOL_MAX: '8' });
  const database = await openDatabase(config);
  server = database.embedded as EmbeddedPostgres;
  closeServer = () => database.close();
  const { ownerUrl, appUrl, adminUrl } = server;
  await migrate({ ownerUrl, appUrl });
  const admin = openSql(adminUrl, { max: 1, applicationName: 'test admin' });
  await admin`create database engine template hrl owner hrl_owner`;
  await admin.end();
});
afterAll(async () => {
  if (WHY_NOT !== undefined) return;
  await closeServer?.();
  await rm(home, { recursive: true, force: true, maxRetries: 10 });
});

const limit = async (bytes: number | undefined): Promise<number | undefined> => {
  const { server } = await embeddedStatus(config.dataDir);
  if (server !== undefined) limitFileSize(server.pid, bytes);
  return server?.pid;
};

/** How far the segment of the log is written, once that is further than any file of the tables is long. */
async function logOffset(): Promise<number> {
  const admin = openSql(server.adminUrl, { max: 1, applicationName: 'test admin' });
  try {
    for (;;) {
      const [row] = await admin<
        { at: number }[]
      >`select file_offset as at from pg_walfile_name_offset(pg_current_wal_lsn())`;
      if (row !== undefined && row.at > 6 * MIB && row.at < 15 * MIB) return row.at;
      await admin`select pg_logical_emit_message(false, 'test', repeat('x', 1000000))`;
    }
  } finally {
    await admin.end();
  }
}

/** What Postgres said of itself since it was started first. */
const said = (): Promise<string> => readFile(join(config.dataDir, 'postgres', 'server.log'), 'utf8');

describe.skipIf(WHY_NOT !== undefined)(
  `a disk that is full${WHY_NOT === undefined ? '' : ` (not here: ${WHY_NOT})`}`,
  () => {
    it('where the events lie: the append that needs room is known not to be written, others go on, and it does with room', async () => {
      const url = new URL(server.appUrl);
      url.pathname = '/engine';
      const sql: Sql = openSql(url.href, { max: 2, applicationName: 'test engine' });
      const ledger = await postgresLedger(sql, { identity: TEST_IDENTITY, suite, entropy: seededEntropy('full disk') });
      const make = sealedEvents(seededEntropy('full disk events'));
      /** Almost as much as one append may hold: 7.5 MB that no compression makes less. */
      const large = () =>
        Array.from({ length: 15 }, () => make.event({ retainedBytes: 250_000, personalBytes: 250_000 }));
      const append = (events: ReturnType<typeof large>) =>
        ledger.append(make.stream(), events, decidedAt(fromEpochMs(Date.now() - 1_000)));
      try {
        for (let i = 0; i < 3; i++) await append(large());
        const [size] = await sql<{ bytes: bigint }[]>`
        select pg_relation_size(reltoastrelid) as bytes from pg_class where oid = 'events'::regclass`;
        expect(Number(size?.bytes)).toBeGreaterThan(SEGMENT);
        await limit(Number(size?.bytes) + MIB);

        await expect(append(large())).rejects.toMatchObject({ code: 'ledger-unavailable', cause: { code: 'XX000' } });
        // Beside the large one in a group the small one is not written either, and is told so; alone it is.
        const both = await Promise.allSettled([append(large()), append(make.events(2))]);
        expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
        await append(make.events(3));
        expect((await verifyLedger(ledger, suite)).events).toHaveLength(45 + 3);

        await limit(undefined);
        await append(large());
        expect((await verifyLedger(ledger, suite)).events).toHaveLength(60 + 3);
      } finally {
        await limit(undefined);
        await ledger.close();
        await sql.end({ timeout: 1 });
      }
    });

    it('where the write-ahead log lies: Postgres stops itself again and again; nobody is told anything untrue, and with room all goes on', async () => {
      const node: Node = await openNode({ config, log: logger({ level: config.logLevel }) });
      try {
        const work: Work = await workOf(await worldOf(node), 'disk', 8);
        const since = await node.app.ledger.end();
        const working = startWork(node.platform, work, { writers: 6, readers: 3 });
        await working.progress(5, 20_000);

        const bytes = (await logOffset()) + 16 * 1024;
        const before = working.journal.faults.length;
        let servers = 0;
        let last: number | undefined;
        let until = performance.now() + 30_000;
        for (let stopped = false; performance.now() < until; await sleep(10)) {
          if (!stopped && /PANIC:.*File too large/.test(await said())) {
            stopped = true;
            // From the first time on, for a while.
            until = performance.now() + 3_000;
          }
          // Who starts it anew knows nothing of its limit, so each new one is given it again.
          const { server } = await embeddedStatus(config.dataDir);
          if (server === undefined || server.pid === last) continue;
          last = await limit(bytes);
          servers += 1;
        }
        expect(servers).toBeGreaterThan(0);
        expect(await said()).toMatch(/PANIC:.*File too large/);
        expect(working.journal.faults.length).toBeGreaterThan(before);

        await limit(undefined);
        await working.progress(5, 30_000);
        await working.stop();
        await judge(node, work, working.journal, since, async () => {
          expect(await verdictOn(node)).toMatchObject(CLEAN);
        });
      } finally {
        await limit(undefined);
        await node.close();
      }
    }, 180_000);
  },
);
