import { setTimeout as sleep } from 'node:timers/promises';
import type { EventId, StreamName } from '../../src/kernel/id.ts';
import { fromEpochMs } from '../../src/kernel/instant.ts';
import { openEventStoreLedger } from '../../src/ledger/eventstore/eventstore-ledger.ts';
import type { SealedEvent } from '../../src/ledger/port.ts';
import { postgresLedger } from '../../src/ledger/postgres/postgres-ledger.ts';
import { openSql } from '../../src/postgres/pools.ts';
import { nodeSuite as suite } from '../../src/suite-node/suite.ts';
import { decidedAt, sealedEvents } from '../support/sealed-events.ts';
import { machineClock, seededEntropy } from '../support/seeded.ts';

/**
 * A process that appends, started by tests that kill it: `node --import tsx postgres-writer.ts <order>`. It says each append on
 * standard output before it begins and after it is acknowledged; a pipe takes these lines before the next statement runs.
 */
export interface WriterOrder {
  readonly url: string;
  readonly origin: string;
  readonly seed: string;
  readonly appends: number;
  readonly callers: number;
  /** Appends to a ledger on this server, with `url` beside it; else to one in `url` itself. */
  readonly eventstore?: { readonly connectionString: string; readonly prefix: string };
}

export type WriterLine =
  | { readonly kind: 'begun'; readonly ids: readonly EventId[] }
  | {
      readonly kind: 'acknowledged';
      readonly events: readonly (readonly [id: EventId, leafHash: string])[];
      /** When, in milliseconds of the machine's clock. */
      readonly at: number;
    }
  | { readonly kind: 'refused'; readonly ids: readonly EventId[]; readonly code: string };

const say = (line: WriterLine): boolean => process.stdout.write(`${JSON.stringify(line)}\n`);

async function write(order: WriterOrder): Promise<void> {
  const sql = openSql(order.url, { max: 2, applicationName: 'test writer' });
  const identity = { origin: order.origin, suite: 'international' } as const;
  const common = { identity, suite, entropy: seededEntropy(`headers ${order.seed}`) };
  const ledger =
    order.eventstore === undefined
      ? await postgresLedger(sql, common)
      : await openEventStoreLedger(sql, { ...common, ...order.eventstore, clock: machineClock });
  const make = sealedEvents(seededEntropy(order.seed));
  const streams = Array.from({ length: 20 }, () => make.stream());
  let next = 0;
  /** Appends until it is told what became of it; what is known not to be written is sent again. */
  const append = async (stream: StreamName, events: readonly SealedEvent[]): Promise<WriterLine> => {
    for (let attempt = 1; ; attempt++) {
      try {
        const appended = await ledger.append(stream, events, decidedAt(fromEpochMs(Date.now() - 1000)));
        const acknowledged = appended.events.map(
          ({ id, leafHash }) => [id, Buffer.from(leafHash).toString('hex')] as const,
        );
        return { kind: 'acknowledged', events: acknowledged, at: Date.now() };
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? String(error.code) : 'bug';
        if (code !== 'ledger-unavailable' || attempt === 500)
          return { kind: 'refused', ids: events.map(({ id }) => id), code };
        await sleep(20);
      }
    }
  };
  const caller = async (): Promise<void> => {
    while (next < order.appends) {
      const n = next++;
      const events = make.events(1 + (n % 4));
      say({ kind: 'begun', ids: events.map(({ id }) => id) });
      say(await append(streams[n % streams.length] ?? make.stream(), events));
    }
  };
  await Promise.all(Array.from({ length: order.callers }, caller));
  await ledger.close();
  await sql.end();
}

await write(JSON.parse(process.argv[2] ?? '{}') as WriterOrder);
