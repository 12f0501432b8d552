import { setTimeout as sleep } from 'node:timers/promises';
import type { EventId } from '../../src/kernel/id.ts';
import { fromEpochMs } from '../../src/kernel/instant.ts';
import { postgresLedger } from '../../src/ledger/postgres/postgres-ledger.ts';
import { openSql } from '../../src/postgres/pools.ts';
import { nodeSuite as suite } from '../../src/suite-node/suite.ts';
import { decidedAt, sealedEvents } from '../support/sealed-events.ts';
import { seededEntropy } from '../support/seeded.ts';

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
}

export type WriterLine =
  | { readonly kind: 'begun'; readonly ids: readonly EventId[] }
  | { readonly kind: 'acknowledged'; readonly events: readonly (readonly [id: EventId, leafHash: string])[] }
  | { readonly kind: 'refused'; readonly ids: readonly EventId[]; readonly code: string };

const say = (line: WriterLine): boolean => process.stdout.write(`${JSON.stringify(line)}\n`);

async function write(order: WriterOrder): Promise<void> {
  const sql = openSql(order.url, { max: 2, applicationName: 'test writer' });
  const identity = { origin: order.origin, suite: 'international' } as const;
  const ledger = await postgresLedger(sql, { identity, suite, entropy: seededEntropy(`headers ${order.seed}`) });
  const make = sealedEvents(seededEntropy(order.seed));
  const streams = Array.from({ length: 20 }, () => make.stream());
  let next = 0;
  const caller = async (): Promise<void> => {
    while (next < order.appends) {
      const n = next++;
      const events = make.events(1 + (n % 4));
      const ids = events.map(({ id }) => id);
      say({ kind: 'begun', ids });
      try {
        const decided = decidedAt(fromEpochMs(Date.now() - 1000));
        const appended = await ledger.append(streams[n % streams.length] ?? make.stream(), events, decided);
        const acknowledged = appended.events.map(
          ({ id, leafHash }) => [id, Buffer.from(leafHash).toString('hex')] as const,
        );
        say({ kind: 'acknowledged', events: acknowledged });
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? String(error.code) : 'bug';
        say({ kind: 'refused', ids, code });
        await sleep(20);
      }
    }
  };
  await Promise.all(Array.from({ length: order.callers }, caller));
  await ledger.close();
  await sql.end();
}

await write(JSON.parse(process.argv[2] ?? '{}') as WriterOrder);
