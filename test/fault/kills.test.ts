import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Config, readConfig } from '../../src/config.ts';
import { logger } from '../../src/log.ts';
import { type Node, openNode } from '../../src/main.ts';
import { embeddedStatus } from '../../src/postgres/embedded/status.ts';
import { CLEAN, verdictOn, worldOf } from '../support/people.ts';
import { SIZES } from '../support/sizes.ts';
import { judge } from './judge.ts';
import { startDoomed } from './killed.ts';
import { type Work, workOf } from './workload.ts';

/**
 * Others in each round, and enough of them: a resident grants the same hospital only so much, and work goes on while the ledger is
 * checked. No multiple of three, as every third command is a grant: it is to be another's each time.
 */
const RESIDENTS = 25;
const ROUNDS = SIZES.kills / 2;

let home: string;
let config: Config;
/** Looks on, and holds the database while nobody works. */
let node: Node;
/** One for each round, made before anything is killed. */
const crews: Work[] = [];
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'hrl-kills-'));
  config = readConfig({ NODE_ENV: 'test', LOG_LEVEL: 'silent', DATA_DIR: join(home, 'data'), POOL_MAX: '8' });
  node = await openNode({ config, log: logger({ level: config.logLevel }) });
  const world = await worldOf(node);
  for (let i = 0; i < ROUNDS; i++) crews.push(await workOf(world, `kills-${i}`, RESIDENTS));
}, 600_000);
afterAll(async () => {
  await node?.close();
  await rm(home, { recursive: true, force: true, maxRetries: 10 });
});

async function killPostgres(): Promise<void> {
  const { server } = await embeddedStatus(config.dataDir);
  process.kill(server?.pid as number, 'SIGKILL');
}

/** The whole ledger, as fsck reads it; the server may have been away a moment ago. */
async function expectClean(): Promise<void> {
  await expect.poll(() => verdictOn(node).catch(() => undefined), { timeout: 20_000 }).toMatchObject(CLEAN);
}

describe(`${SIZES.kills} kills -9 under load, of Postgres and of the process that serves, by turns`, () => {
  it('lose nothing that was acknowledged, tear nothing apart, write nothing twice; fsck is clean after each', async () => {
    for (const [i, work] of crews.entries()) {
      const since = await node.app.ledger.end();
      const doomed = startDoomed(config, work);
      // Somewhere in the work, at another place each time.
      await doomed.progress(8 + (i % 5));
      await killPostgres();
      await doomed.progress(8 + (i % 7));
      await expectClean();
      doomed.kill();
      expect(await doomed.ended).toBeNull();
      await judge(node, work, doomed.journal, since, expectClean);
    }
  }, 3_600_000);
});
