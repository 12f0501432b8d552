import type { Config } from '../../src/config.ts';
import { type Copied, type CopyOptions, copyLedger, type TwoEngines } from '../../src/copy-ledger.ts';
import type { Clock } from '../../src/kernel/ports.ts';
import { openEventStoreLedger } from '../../src/ledger/eventstore/eventstore-ledger.ts';
import type { Ledger, RecordedEvent } from '../../src/ledger/port.ts';
import { postgresLedger } from '../../src/ledger/postgres/postgres-ledger.ts';
import { logger } from '../../src/log.ts';
import type { Sql } from '../../src/postgres/pools.ts';
import { nodeSuite as suite } from '../../src/suite-node/suite.ts';
import type { FreshDatabase } from './database.ts';
import type { EventStoreUnderTest } from './eventstore/open.ts';
import { freshPrefix } from './eventstore-ledger.ts';
import { TEST_IDENTITY } from './postgres-ledger.ts';
import type { Settings } from './programs.ts';
import { machineClock, seededEntropy } from './seeded.ts';

/** The settings of a database and a place on a server, as the programs take them. */
export function settingsOf(database: FreshDatabase, server: EventStoreUnderTest, prefix = freshPrefix()): Settings {
  return {
    NODE_ENV: 'test',
    LOG_LEVEL: 'silent',
    DATABASE_URL: database.url,
    DATABASE_OWNER_URL: database.ownerUrl,
    EVENTSTORE_URL: server.url,
    EVENTSTORE_PREFIX: prefix,
  };
}

/** The same ledger with its other engine beside it. */
export const withBoth = (config: Config, server: EventStoreUnderTest, prefix = freshPrefix()): TwoEngines => ({
  ...config,
  eventStore: { url: server.url, prefix },
});

export const copy = (
  config: TwoEngines,
  from: CopyOptions['from'],
  onProgress: NonNullable<CopyOptions['onProgress']> = () => {},
): Promise<Copied> =>
  copyLedger({
    config,
    from,
    to: from === 'postgres' ? 'eventstore' : 'postgres',
    log: logger({ level: 'silent' }),
    onProgress,
  });

/** The bare ledger of a database in either engine, wherever it lives. */
export function bareLedgers(sql: Sql, { eventStore }: TwoEngines, clock: Clock = machineClock) {
  const common = { identity: TEST_IDENTITY, suite };
  return {
    postgres: (seed: string): Promise<Ledger> => postgresLedger(sql, { ...common, entropy: seededEntropy(seed) }),
    eventstore: (seed: string): Promise<Ledger> =>
      openEventStoreLedger(sql, {
        ...common,
        entropy: seededEntropy(seed),
        connectionString: eventStore.url,
        prefix: eventStore.prefix,
        clock,
      }),
  };
}

export async function eventsOf(ledger: Pick<Ledger, 'readAll'>): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for await (const event of ledger.readAll()) events.push(event);
  return events;
}

/** Everything but where the engine has it. */
export const withoutPlace = ({ position: _position, ...event }: RecordedEvent): Omit<RecordedEvent, 'position'> =>
  event;
