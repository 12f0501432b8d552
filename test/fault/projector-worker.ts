import { postgresLedger } from '../../src/ledger/postgres/postgres-ledger.ts';
import { openSql } from '../../src/postgres/pools.ts';
import { READ_MODELS } from '../../src/projector/read-models.ts';
import { startProjector } from '../../src/projector/runner.ts';
import { nodeSuite as suite } from '../../src/suite-node/suite.ts';
import { openPlain } from '../support/plain-events.ts';
import { TEST_IDENTITY } from '../support/postgres-ledger.ts';
import { seededEntropy } from '../support/seeded.ts';
import { tally } from '../support/tally.ts';

/**
 * A process of its own that projects (projector-processes.test.ts starts two): `projector-worker.ts <url> <owner>`. One line on
 * standard output for everything that the projector reports. Stops on SIGTERM.
 */
async function work(url: string, owner: string): Promise<void> {
  const sql = openSql(url, { max: 4, applicationName: owner });
  const ledger = await postgresLedger(sql, { identity: TEST_IDENTITY, suite, entropy: seededEntropy(owner) });
  const projector = startProjector({
    sql,
    ledger,
    openRetained: openPlain,
    projections: [...READ_MODELS, tally()],
    owner,
    maxBatch: 5,
    report: (what) => process.stdout.write(`${what}\n`),
  });
  process.on('SIGTERM', () => {
    void projector
      .stop()
      .then(() => ledger.close())
      .then(() => sql.end({ timeout: 1 }));
  });
  process.stdout.write('ready\n');
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const [, , url = '', owner = ''] = process.argv;
  await work(url, owner);
}
