import { describe } from 'vitest';
import type { Instant } from '../../src/kernel/instant.ts';
import type { Entropy } from '../../src/kernel/ports.ts';
import { type EventStoreLedgerOptions, openEventStoreLedger } from '../../src/ledger/eventstore/eventstore-ledger.ts';
import type { Ledger } from '../../src/ledger/port.ts';
import { openSql } from '../../src/postgres/pools.ts';
import { nodeSuite as suite } from '../../src/suite-node/suite.ts';
import { type FreshDatabase, freshDatabase } from './database.ts';
import type { EventStoreFaults } from './eventstore/faults.ts';
import { type EventStoreUnderTest, eventStoreName, type OpenOptions, openEventStore } from './eventstore/open.ts';
import { TEST_IDENTITY } from './postgres-ledger.ts';
import { SEEDED_START, type SeededClock, seededClock, seededEntropy } from './seeded.ts';

type Options = Partial<Omit<EventStoreLedgerOptions, 'identity' | 'suite' | 'clock' | 'prefix'>> & {
  readonly entropy?: Entropy;
};

/** A fresh ledger on an EventStoreDB server, with a fresh database beside it, whose handles share a clock that stands still. */
export interface LedgerServer {
  readonly server: EventStoreUnderTest;
  readonly database: FreshDatabase;
  readonly prefix: string;
  readonly clock: SeededClock;
  /** Another handle on the ledger, as another process has one, with a pool of its own that ends with it. */
  open(options?: Options): Promise<Ledger>;
  setTime(instant: Instant): Promise<void>;
  /** What the test server can be asked to do. Throws with a real one. */
  faults(): EventStoreFaults;
  close(): Promise<void>;
}

/** For what asks the server to fail: skipped by name with a real one. */
export const describeWithFaults = eventStoreName() === 'test server' ? describe : describe.skip;

let ledgers = 0;

/** A real server is shared with others and keeps what it was given: each ledger has a prefix that no other ever had. */
export const freshPrefix = (): string =>
  `t${Date.now().toString(36)}.${process.pid.toString(36)}.${(ledgers++).toString(36)}:`;

export async function ledgerServer(options: OpenOptions = {}): Promise<LedgerServer> {
  const [server, database] = await Promise.all([openEventStore(options), freshDatabase()]);
  const prefix = freshPrefix();
  const clock = seededClock(SEEDED_START);
  const opened: Ledger[] = [];
  return {
    server,
    database,
    prefix,
    clock,
    open: async (over = {}) => {
      const pool = openSql(database.url, { max: 4, applicationName: 'test ledger' });
      const ledger = await openEventStoreLedger(pool, {
        identity: TEST_IDENTITY,
        suite,
        entropy: seededEntropy(`handle ${opened.length}`),
        connectionString: server.url,
        clock,
        prefix,
        ...over,
      }).catch(async (error: unknown) => {
        await pool.end({ timeout: 1 });
        throw error;
      });
      const { close } = ledger;
      const closable = Object.assign(ledger, {
        close: async () => {
          await close();
          await pool.end({ timeout: 1 });
        },
      });
      opened.push(closable);
      return closable;
    },
    setTime: async (instant) => clock.set(instant),
    faults: () => {
      if (server.faults === undefined) throw new Error(`${server.name} does not fail when it is told to`);
      return server.faults;
    },
    close: async () => {
      await Promise.all(opened.map((ledger) => ledger.close()));
      await Promise.all([server.close(), database.drop()]);
    },
  };
}
