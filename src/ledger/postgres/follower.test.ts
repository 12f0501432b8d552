import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LedgerDatabase, ledgerDatabase } from '../../../test/support/postgres-ledger.ts';
import { decidedAt, sealedEvents } from '../../../test/support/sealed-events.ts';
import { SEEDED_START, seededEntropy } from '../../../test/support/seeded.ts';
import type { EventId } from '../../kernel/id.ts';
import type { Follower, Ledger, RecordedEvent } from '../port.ts';
import { follow } from './follower.ts';

const make = sealedEvents(seededEntropy('follower'));
const now = decidedAt(SEEDED_START);

let database: LedgerDatabase;
beforeAll(async () => {
  database = await ledgerDatabase();
});
afterAll(() => database.drop());

async function listeners(): Promise<number> {
  const rows = await database.sql`select from pg_stat_activity
    where datname = current_database() and application_name = 'hrl ledger follower'`;
  return rows.length;
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error('it did not come about');
    await sleep(5);
  }
}

function gather(follower: Follower): EventId[] {
  const got: EventId[] = [];
  void (async () => {
    for await (const { id } of follower) got.push(id);
  })();
  return got;
}

async function appendOne(ledger: Ledger): Promise<EventId> {
  const event = make.event();
  await ledger.append(make.stream(), [event], now);
  return event.id;
}

describe('the followers of one process', () => {
  it('share one connection that listens, and none is left when the ledger is closed', async () => {
    const ledger = await database.open();
    const followers = [ledger.follow(), ledger.follow(), ledger.follow()];
    for (const follower of followers) gather(follower);
    await until(async () => (await listeners()) === 1);
    await sleep(50);
    expect(await listeners()).toBe(1);
    await ledger.close();
    await until(async () => (await listeners()) === 0);
  });

  it('are woken by a commit of another process long before they would look by themselves', async () => {
    const [ledger, other] = [await database.open(), await database.open()];
    const follower = ledger.follow(await ledger.end());
    const got = gather(follower);
    await until(async () => (await listeners()) === 1);
    const waits: number[] = [];
    for (let round = 0; round < 5; round++) {
      // By now the follower looks once a second.
      await sleep(1300);
      const id = await appendOne(other);
      const began = performance.now();
      await until(() => got.includes(id));
      waits.push(performance.now() - began);
    }
    expect(waits.sort((a, b) => a - b)[2]).toBeLessThan(300);
    await ledger.close();
    await other.close();
  });

  it('hear of everything although the connection that listens is killed again and again', async () => {
    const [ledger, other] = [await database.open(), await database.open()];
    const follower = ledger.follow(await ledger.end());
    const got = gather(follower);
    const appended: EventId[] = [];
    for (let round = 0; round < 5; round++) {
      await until(async () => (await listeners()) === 1);
      appended.push(await appendOne(other));
      await database.sql`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and application_name = 'hrl ledger follower'`;
      appended.push(await appendOne(other));
    }
    await until(() => got.length === appended.length);
    expect(got).toEqual(appended);
    await ledger.close();
    await other.close();
  });
});

describe('a follower', () => {
  /** A table that grows in memory, and wake-ups that are all lost. */
  function deaf() {
    const rows: RecordedEvent[] = [];
    const waits: number[] = [];
    const follower = follow({
      after: -1n,
      page: async (after) => rows.slice(Number.parseInt((after + 1n).toString(), 10)),
      wakeup: {
        count: 0,
        wait: async (_seen, ms) => {
          waits.push(ms);
          await sleep(1);
        },
        wake: () => {},
        close: async () => {},
      },
      ended: () => {},
    });
    return { rows, waits, follower };
  }
  const row = (n: number) => ({ id: `${n}` }) as unknown as RecordedEvent;

  it('whose wake-ups are lost looks by itself, soon at first and at last once a second, and soon again after an event', async () => {
    const { rows, waits, follower } = deaf();
    const got = gather(follower);
    await until(() => waits.length > 10);
    expect(waits.slice(0, 8)).toEqual([40, 80, 160, 320, 640, 1000, 1000, 1000]);
    rows.push(row(0), row(1));
    await until(() => got.length === 2);
    await until(() => waits.slice(8).includes(40));
    await follower.close();
    expect(got).toEqual(['0', '1']);
  });

  it('does not sleep through a commit that came while it looked', async () => {
    const rows: RecordedEvent[] = [];
    let count = 0;
    const slept: boolean[] = [];
    const follower = follow({
      after: -1n,
      page: async (after) => {
        const found = rows.slice(Number.parseInt((after + 1n).toString(), 10));
        if (rows.length === 0) {
          // Committed, and announced, after this look and before the sleep.
          rows.push(row(0));
          count += 1;
        }
        return found;
      },
      wakeup: {
        get count() {
          return count;
        },
        wait: async (seen) => {
          slept.push(seen === count);
          await sleep(1);
        },
        wake: () => {},
        close: async () => {},
      },
      ended: () => {},
    });
    const got = gather(follower);
    await until(() => got.length === 1);
    expect(slept[0]).toBe(false);
    await follower.close();
  });
});
