import { openConnection } from '../../src/ledger/eventstore/client.ts';
import { SettingInvalid } from '../../src/settings.ts';

/** The EventStoreDB server that a bench measures on, shared with whoever else uses it. */
export interface BenchEventStore {
  /** As the server says it. */
  readonly version: string;
  /** What a child needs beside its database to open a ledger there that nobody has opened before. */
  newLedger(): Readonly<Record<'LEDGER_ENGINE' | 'EVENTSTORE_URL' | 'EVENTSTORE_PREFIX', string>>;
}

/** What the client keeps to itself: what the server said of itself when they met. */
interface Capable {
  readonly capabilities: Promise<{ readonly serverVersion: string }>;
}

/**
 * The server that EVENTSTORE_URL names. A bench starts none: the test server keeps its log in a plain file and syncs as it likes, so its
 * figures would say nothing of a real one. Throws `SettingInvalid`.
 */
export async function openBenchEventStore(): Promise<BenchEventStore> {
  const url = process.env.EVENTSTORE_URL ?? '';
  if (url === '')
    throw new SettingInvalid(
      'EVENTSTORE_URL',
      'is needed: --engine eventstore measures on a real server only',
      'start an EventStoreDB or KurrentDB server, and set EVENTSTORE_URL to its connection string',
    );
  const connection = openConnection(url);
  try {
    const { serverVersion } = await (connection.client as unknown as Capable).capabilities;
    let ledgers = 0;
    return {
      version: serverVersion,
      newLedger: () => ({
        LEDGER_ENGINE: 'eventstore',
        EVENTSTORE_URL: url,
        EVENTSTORE_PREFIX: `b${Date.now().toString(36)}.${process.pid.toString(36)}.${(ledgers++).toString(36)}:`,
      }),
    };
  } finally {
    await connection.close();
  }
}
