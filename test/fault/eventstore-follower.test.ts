import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { binaryEvent, EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EventId } from '../../src/kernel/id.ts';
import { LedgerCorrupt, LedgerUnavailable } from '../../src/ledger/faults.ts';
import type { Follower, Ledger } from '../../src/ledger/port.ts';
import { nodeSuite as suite } from '../../src/suite-node/suite.ts';
import { collect, idsOf } from '../contract/ledger-under-test.ts';
import { describeWithFaults, type LedgerServer, ledgerServer } from '../support/eventstore-ledger.ts';
import { decidedAt, sealedEvents } from '../support/sealed-events.ts';
import { SEEDED_START, seededEntropy } from '../support/seeded.ts';
import { SIZES } from '../support/sizes.ts';
import { verifyLedger } from '../support/verify-ledger.ts';

const make = sealedEvents(seededEntropy('followed'));
const now = decidedAt(SEEDED_START);

let under: LedgerServer;
let ledger: Ledger;
let client: EventStoreDBClient;
beforeEach(async () => {
  under = await ledgerServer({ shape: 'disk' });
  ledger = await under.open();
  client = EventStoreDBClient.connectionString(under.server.url);
});
afterEach(async () => {
  await client.dispose();
  await under.close();
});

/** What a follower gives, as it comes; rejects with what it throws. */
function follow(follower: Follower, slow: () => Promise<unknown> = async () => {}) {
  const ids: EventId[] = [];
  const ended = (async () => {
    for await (const { id } of follower) {
      ids.push(id);
      await slow();
    }
  })();
  ended.catch(() => {});
  return { ids, ended };
}

async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error('it did not come about');
    await sleep(5);
  }
}

describeWithFaults('a follower', () => {
  it(`gives each event once and in order through 20 dropped subscriptions and 5 restarts`, async () => {
    const follower = ledger.follow();
    const { ids } = follow(follower);
    const appended: EventId[] = [];
    let appending = true;
    const appends = (async () => {
      for (let n = 0; appending; n++) {
        const events = make.events(1 + (n % 3));
        const stream = make.stream();
        const append = (): Promise<unknown> =>
          ledger.append(stream, events, now).catch((error: unknown) => {
            // Known not written: the same again.
            if (error instanceof LedgerUnavailable) return append();
            throw error;
          });
        await append();
        appended.push(...idsOf(events));
      }
    })();
    for (let fault = 0; fault < 25; fault++) {
      const before = ids.length;
      if (fault % 5 === 4) {
        await under.faults().crash();
        await under.faults().restart();
      } else await under.faults().dropSubscriptions();
      await until(() => ids.length > before + 2);
    }
    appending = false;
    await appends;
    await until(() => ids.length >= appended.length);
    expect(ids).toEqual(idsOf((await verifyLedger(ledger, suite)).events));
    expect([...ids].sort()).toEqual([...appended].sort());
    await follower.close();
  });

  it('that is slower than a burst of 1,000 events gets each of them once', async () => {
    const follower = ledger.follow();
    let n = 0;
    const { ids } = follow(follower, () => (n++ % 50 === 0 ? sleep(20) : Promise.resolve()));
    await ledger.append(make.stream(), make.events(1), now);
    await until(() => ids.length === 1);
    await ledger.append(make.stream(), make.events(1000), now);
    await Promise.all(Array.from({ length: 64 }, () => ledger.append(make.stream(), make.events(1), now)));
    await until(() => ids.length >= 1065);
    expect(ids).toEqual(idsOf(await collect(ledger.readAll())));
    await follower.close();
  });

  it('passes over what others write to the same server, and stops behind none of it', async () => {
    const follower = ledger.follow();
    const { ids } = follow(follower);
    for (let n = 0; n < 5; n++) {
      await client.appendToStream(`elsewhere-${randomUUID()}`, jsonEvent({ type: 'order-placed', data: { n } }));
      await ledger.append(make.stream(), make.events(1), now);
    }
    await until(() => ids.length === 5);
    const end = await ledger.end();
    await client.appendToStream(`elsewhere-${randomUUID()}`, jsonEvent({ type: 'order-placed', data: {} }));
    expect(await ledger.end()).toBe(end);
    await under.faults().dropSubscriptions();
    await ledger.append(make.stream(), make.events(1), now);
    await until(() => ids.length === 6);
    await follower.close();
  });
});

describe('what is no event of ours in a stream of ours', () => {
  const bytes = { data: Buffer.from('data'), metadata: new Uint8Array([1, 2, 3]) };
  const written: Readonly<Record<string, () => Promise<unknown>>> = {
    JSON: () => client.appendToStream(`${under.prefix}${make.stream()}`, jsonEvent({ type: 'a', data: { b: 1 } })),
    'other bytes': () =>
      client.appendToStream(`${under.prefix}${make.stream()}`, binaryEvent({ type: 'access.permitted@1', ...bytes })),
    'a stream of another name': () =>
      client.appendToStream(`${under.prefix}orders-1`, binaryEvent({ type: 'a', ...bytes })),
    'an event of ours in another place': async () => {
      const stream = make.stream();
      await ledger.append(stream, make.events(1), now);
      for await (const { event } of client.readStream(`${under.prefix}${stream}`, { maxCount: 1 })) {
        if (event === undefined) continue;
        const { id, type, data, metadata } = event;
        const copy = { id, type, data: data as Uint8Array, metadata: metadata as Uint8Array };
        await client.appendToStream(`${under.prefix}${make.stream()}`, binaryEvent(copy));
      }
    },
  };

  it.each(Object.keys(written))('%s stops a follower, and every reader, by name', async (what) => {
    const follower = ledger.follow();
    const { ids, ended } = follow(follower);
    await ledger.append(make.stream(), make.events(1), now);
    await until(() => ids.length === 1);
    await written[what]?.();
    await expect(ended).rejects.toBeInstanceOf(LedgerCorrupt);
    await expect(collect(ledger.readAll())).rejects.toBeInstanceOf(LedgerCorrupt);
    await expect(ledger.end()).rejects.toBeInstanceOf(LedgerCorrupt);
  });

  it('hides nothing: a stream whose beginning an operator has cut off is corrupt', async () => {
    const stream = make.stream();
    await ledger.append(stream, make.events(4), now);
    await client.setStreamMetadata(`${under.prefix}${stream}`, { truncateBefore: 2 });
    await expect(collect(ledger.readStream(stream))).rejects.toBeInstanceOf(LedgerCorrupt);
  });
});

describe('rows of requests that a restored database lacks', () => {
  it('are written again when a ledger is opened, so that no request is carried out twice', async () => {
    const events = Array.from({ length: SIZES.killAppends / 10 }, () => make.events(2));
    for (const each of events) await ledger.append(make.stream(), each, now);
    await under.database.sql`delete from requests where id in (select id from requests order by id limit 7)`;
    await under.database.sql`delete from requests where id = ${events.at(-1)?.[1]?.id ?? ''}`;
    const again = await under.open();
    for (const { id } of events.flat()) expect((await again.find(id))?.id).toBe(id);
  });
});
