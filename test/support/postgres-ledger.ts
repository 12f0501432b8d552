import type { Instant } from '../../src/kernel/instant.ts';
import type { Entropy } from '../../src/kernel/ports.ts';
import type { Ledger } from '../../src/ledger/port.ts';
import { type PostgresLedgerOptions, postgresLedger } from '../../src/ledger/postgres/postgres-ledger.ts';
import { openConnection } from '../../src/postgres/connection.ts';
import { openSql } from '../../src/postgres/pools.ts';
import { nodeSuite as suite } from '../../src/suite-node/suite.ts';
import { type FreshDatabase, freshDatabase } from './database.ts';
import { SEEDED_START, seededEntropy } from './seeded.ts';

export const TEST_IDENTITY = { origin: 'health.example/110000', suite: 'international' } as const;

type Options = Partial<Omit<PostgresLedgerOptions, 'identity' | 'suite'>> & { readonly entropy?: Entropy };

/** A fresh database whose ledgers take their time from a table, so that tests say what time it is. */
export interface LedgerDatabase extends FreshDatabase {
  /** Another handle on the ledger, as another process has one, with a pool of its own that ends with it; over `url` if it is given. */
  open(options?: Options, url?: string): Promise<Ledger>;
  setTime(instant: Instant): Promise<void>;
  /** Keeps every engine from writing, as another process does that holds the lock; gives the way to let go. */
  hold(): Promise<() => Promise<void>>;
}

export async function ledgerDatabase(): Promise<LedgerDatabase> {
  const database = await freshDatabase();
  const { ownerSql, sql } = database;
  await ownerSql.unsafe(`
    create table test_clock (shows timestamptz not null);
    insert into test_clock values ('${SEEDED_START}');
    grant select on test_clock to hrl_app`);
  const ledgers: Ledger[] = [];
  let opened = 0;
  return {
    ...database,
    open: async (options = {}, url = database.url) => {
      const pool = openSql(url, { max: 4, applicationName: 'test ledger' });
      const ledger = await postgresLedger(pool, {
        identity: TEST_IDENTITY,
        suite,
        entropy: seededEntropy(`handle ${opened++}`),
        timeExpression: '(select shows from test_clock)',
        ...options,
      });
      const close = ledger.close;
      const closable = Object.assign(ledger, {
        close: async () => {
          await close();
          await pool.end({ timeout: 1 });
        },
      });
      ledgers.push(closable);
      return closable;
    },
    setTime: async (instant) => {
      await ownerSql`update test_clock set shows = ${instant}::text::timestamptz`;
    },
    hold: async () => {
      const holder = openConnection(sql, 'hrl holder');
      await holder.run((tx) => tx.unsafe('begin'));
      await holder.run((tx) => tx.unsafe('set local idle_in_transaction_session_timeout = 0'));
      await holder.run((tx) => tx.unsafe('select from ledger_head for update'));
      return async () => {
        await holder.run((tx) => tx.unsafe('rollback'));
        await holder.end();
      };
    },
    drop: async () => {
      await Promise.all(ledgers.map((ledger) => ledger.close()));
      await database.drop();
    },
  };
}
