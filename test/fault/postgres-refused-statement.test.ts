import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EventId } from '../../src/kernel/id.ts';
import { LedgerCorrupt, LedgerUnavailable } from '../../src/ledger/faults.ts';
import type { Ledger } from '../../src/ledger/port.ts';
import { openConnection } from '../../src/postgres/connection.ts';
import { nodeSuite as suite } from '../../src/suite-node/suite.ts';
import { type LedgerDatabase, ledgerDatabase } from '../support/postgres-ledger.ts';
import { decidedAt, sealedEvents } from '../support/sealed-events.ts';
import { SEEDED_START, seededEntropy } from '../support/seeded.ts';
import { verifyLedger } from '../support/verify-ledger.ts';

const make = sealedEvents(seededEntropy('refused statement'));
const now = decidedAt(SEEDED_START);

let database: LedgerDatabase;
let ledger: Ledger;
beforeEach(async () => {
  database = await ledgerDatabase();
  ledger = await database.open();
  await ledger.append(make.stream(), make.events(1), now);
});
afterEach(() => database.drop());

/** Makes the server refuse a write as often as `failures` holds rows: each refusal is counted outside the transaction that it ends. */
async function refuse(table: string, times: number, atCommit = false): Promise<void> {
  const timing = atCommit ? 'constraint trigger trip after insert or update' : 'trigger trip before insert or update';
  await database.ownerSql.unsafe(`
    create sequence if not exists failures;
    grant usage on sequence failures to hrl_app;
    create function trip() returns trigger language plpgsql as $$
      begin
        if nextval('failures') <= ${times} then raise exception 'disk full' using errcode = 'disk_full'; end if;
        return new;
      end $$;
    create ${timing} on ${table} ${atCommit ? 'deferrable initially deferred' : ''} for each row execute function trip();`);
}

const TABLES = ['events', 'stream_heads', 'ledger_head'] as const;
const WHEN = TABLES.flatMap((table) =>
  [false, true].map((atCommit) => ({ table, at: atCommit ? 'at commit' : 'at once', atCommit })),
);

describe('a server that refuses', () => {
  it.each(WHEN)(
    'a write to $table $at, once: the group is written at the second attempt',
    async ({ table, atCommit }) => {
      await refuse(table, 1, atCommit);
      const appends = [make.events(1), make.events(3)];
      await Promise.all(appends.map((events) => ledger.append(make.stream(), events, now)));
      expect((await verifyLedger(ledger, suite)).events).toHaveLength(5);
    },
  );

  it.each(WHEN)(
    'a write to $table $at, again and again: nothing is written and the next group goes well',
    async ({ table, atCommit }) => {
      await refuse(table, 2, atCommit);
      const appends = [make.events(1), make.events(3)];
      const outcomes = await Promise.allSettled(appends.map((events) => ledger.append(make.stream(), events, now)));
      for (const outcome of outcomes) {
        expect(outcome).toMatchObject({
          status: 'rejected',
          reason: { code: 'ledger-unavailable', cause: { code: '53100' } },
        });
      }
      expect((await verifyLedger(ledger, suite)).events).toHaveLength(1);
      await ledger.append(make.stream(), make.events(2), now);
      expect((await verifyLedger(ledger, suite)).events).toHaveLength(3);
    },
  );

  it('keeps rows out of its faults: no detail, no parameter', async () => {
    await refuse('events', 2);
    const fault = await ledger.append(make.stream(), make.events(1), now).catch((error) => error);
    expect(fault).toBeInstanceOf(LedgerUnavailable);
    expect(Object.getOwnPropertyNames(fault.cause).sort()).toEqual(['code', 'message', 'stack']);
    expect(fault.cause.stack).not.toContain('resident/');
  });

  it('gives up a lock that another process holds for too long, says so, and writes the next', async () => {
    const holder = openConnection(database.ownerSql, 'hrl holder');
    await holder.run((tx) => tx.unsafe('begin'));
    await holder.run((tx) => tx.unsafe('set local idle_in_transaction_session_timeout = 0'));
    await holder.run((tx) => tx.unsafe('select from ledger_head for update'));
    const refused = await ledger.append(make.stream(), make.events(1), now).catch((error) => error);
    expect(refused).toMatchObject({ code: 'ledger-unavailable', cause: { code: '55P03' } });
    await holder.run((tx) => tx.unsafe('rollback'));
    await holder.end();
    await ledger.append(make.stream(), make.events(1), now);
    expect((await verifyLedger(ledger, suite)).events).toHaveLength(2);
  });

  it('any connection, every now and then: every append ends, each as it was said', async () => {
    let done = false;
    const killing = (async () => {
      while (!done) {
        await sleep(40);
        await database.sql`select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and application_name = 'hrl ledger writer'`;
      }
    })();
    const said = new Map<EventId, string>();
    const callers = Array.from({ length: 8 }, async () => {
      for (let i = 0; i < 40; i++) {
        const events = make.events(2);
        const outcome = await ledger.append(make.stream(), events, now).then(
          () => 'appended',
          (error) => error.code,
        );
        for (const { id } of events) said.set(id, outcome);
      }
    });
    await Promise.all(callers);
    done = true;
    await killing;
    const { byId, events } = await verifyLedger(ledger, suite);
    for (const [id, outcome] of said) {
      if (outcome === 'appended') expect(byId.has(id)).toBe(true);
      else expect([outcome, byId.has(id)]).toEqual(['ledger-unavailable', false]);
    }
    expect([...said.values()].filter((outcome) => outcome === 'appended').length + 1).toBe(events.length);
  });
});

describe('tables that contradict each other', () => {
  const asOwner = (statement: string) => database.ownerSql.unsafe(statement);

  it('stop the engine: what waits and what comes is refused, nothing more is written', async () => {
    for (let i = 0; i < 3; i++) await ledger.append(make.stream(), make.events(1), now);
    await asOwner(`alter table ledger_head disable trigger all; update ledger_head set position = position - 1`);
    const stopped = Array.from({ length: 3 }, () => ledger.append(make.stream(), make.events(1), now));
    for (const outcome of await Promise.allSettled(stopped)) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'ledger-corrupt' } });
    }
    await expect(ledger.append(make.stream(), make.events(1), now)).rejects.toBeInstanceOf(LedgerCorrupt);
    const [row] = await database.sql<{ count: bigint }[]>`select count(*) from events`;
    expect(row?.count).toBe(4n);
  });

  it('of which a stream head is behind its events stop the engine too', async () => {
    const stream = make.stream();
    await ledger.append(stream, make.events(3), now);
    await asOwner(`update stream_heads set revision = 1 where revision = 2`);
    await expect(ledger.append(stream, make.events(1), now)).rejects.toBeInstanceOf(LedgerCorrupt);
  });

  it('are refused when the ledger is opened: a tail is missing', async () => {
    await ledger.append(make.stream(), make.events(2), now);
    await asOwner(`alter table events disable trigger all; delete from events where position = 2`);
    await expect(database.open()).rejects.toBeInstanceOf(LedgerCorrupt);
  });

  it('are named by a reader that comes to them: a gap, a stream without its middle, a leaf that is none', async () => {
    const stream = make.stream();
    await ledger.append(stream, make.events(4), now);
    await asOwner(`alter table events disable trigger all`);
    const read = async (events: AsyncIterable<unknown>) => {
      for await (const _ of events);
    };
    await asOwner(`update events set leaf = 'none' where position = 3`);
    await expect(read(ledger.readAll())).rejects.toThrow(/leaf at position 3/);
    await asOwner(`delete from events where position = 3`);
    await expect(read(ledger.readAll())).rejects.toThrow(/no event at position 3/);
    await expect(read(ledger.follow())).rejects.toThrow(/no event at position 3/);
    await expect(read(ledger.readStream(stream))).rejects.toThrow(/lacks its revision 2/);
    await asOwner(`delete from events where position = 4`);
    await expect(read(ledger.readAll())).rejects.toThrow(/no event at position 3/);
    await expect(ledger.readStreams([{ stream }])).rejects.toBeInstanceOf(LedgerCorrupt);
  });
});
