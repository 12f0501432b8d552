import { postgresLedger } from '../../src/ledger/postgres/postgres-ledger.ts';
import { openSql } from '../../src/postgres/pools.ts';
import { nodeSuite as suite } from '../../src/suite-node/suite.ts';
import { TEST_IDENTITY } from '../support/postgres-ledger.ts';
import { seededEntropy } from '../support/seeded.ts';

/** A process that follows from the start (torn-writers.test.ts starts it): `postgres-follower.ts <url>`. One line an event, until SIGTERM. */
export interface Followed {
  readonly position: string;
  readonly id: string;
  /** When it was given, in milliseconds of the machine's clock. */
  readonly at: number;
}

async function follow(url: string): Promise<void> {
  const sql = openSql(url, { max: 2, applicationName: 'hrl test follower' });
  const ledger = await postgresLedger(sql, { identity: TEST_IDENTITY, suite, entropy: seededEntropy('follower') });
  const follower = ledger.follow();
  process.on('SIGTERM', () => void follower.close());
  process.stdout.write('"ready"\n');
  for await (const { position, id } of follower) {
    process.stdout.write(`${JSON.stringify({ position, id, at: Date.now() } satisfies Followed)}\n`);
  }
  await ledger.close();
  await sql.end({ timeout: 1 });
}

await follow(process.argv[2] ?? '');
