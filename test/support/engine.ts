import { type EventStoreUnderTest, eventStoreName, type OpenOptions, openEventStore } from './eventstore/open.ts';
import { freshPrefix } from './eventstore-ledger.ts';
import type { Settings } from './programs.ts';

/** Where the ledgers of a test file stand. */
export type Engine = 'postgres' | 'eventstore';

let chosen: Engine = 'postgres';

/**
 * From here on whole nodes of this test file have their ledgers on that engine. A file that runs the suites of others on it calls this and
 * then imports them.
 */
export function chooseEngine(engine: Engine): void {
  chosen = engine;
}

export const engine = (): Engine => chosen;

/** For titles: which engine, and which server of it. */
export const engineName = (): string => (chosen === 'postgres' ? 'PostgreSQL' : `EventStoreDB (${eventStoreName()})`);

/** A place for one ledger on the engine of this file. */
export interface LedgerPlace {
  /** What programs are told to find it; nothing on PostgreSQL, where the database is the place. */
  readonly settings: Settings;
  /** Absent on PostgreSQL. */
  readonly server?: EventStoreUnderTest;
  close(): Promise<void>;
}

export async function openLedgerPlace(options?: OpenOptions): Promise<LedgerPlace> {
  if (chosen === 'postgres') return { settings: {}, close: async () => {} };
  const server = await openEventStore(options);
  return {
    settings: { LEDGER_ENGINE: 'eventstore', EVENTSTORE_URL: server.url, EVENTSTORE_PREFIX: freshPrefix() },
    server,
    close: () => server.close(),
  };
}
