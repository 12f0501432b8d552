import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LedgerDatabase, ledgerDatabase, TEST_IDENTITY } from '../../../test/support/postgres-ledger.ts';
import { decidedAt, sealedEvents } from '../../../test/support/sealed-events.ts';
import { SEEDED_START, seededEntropy } from '../../../test/support/seeded.ts';
import { verifyLedger } from '../../../test/support/verify-ledger.ts';
import { Malformed } from '../../kernel/fault.ts';
import { addMs, fromEpochMs, type Instant, parseInstant } from '../../kernel/instant.ts';
import { nodeSuite as suite } from '../../suite-node/suite.ts';
import { AppendConflict, LedgerIdentityMismatch, LedgerUnavailable } from '../faults.ts';
import { postgresLedger } from './postgres-ledger.ts';

const make = sealedEvents(seededEntropy('postgres ledger'));
const entropy = seededEntropy('headers');

let database: LedgerDatabase;
beforeEach(async () => {
  database = await ledgerDatabase();
});
afterEach(() => database.drop());

const openAs = (origin: string) =>
  postgresLedger(database.sql, { identity: { origin, suite: 'international' }, suite, entropy });

describe('opening a ledger', () => {
  it('gives a fresh one its identity, once: every other origin is refused by name', async () => {
    const first = await openAs('health.example/110000');
    const again = await openAs('health.example/110000');
    const fault = await openAs('health.example/310000').catch((error: unknown) => error);
    expect(fault).toBeInstanceOf(LedgerIdentityMismatch);
    expect(fault).toMatchObject({ code: 'ledger-identity' });
    expect(String(fault)).toContain('health.example/110000');
    await Promise.all([first.close(), again.close()]);
  });

  it('by several processes at once lets one of them name it', async () => {
    const origins = Array.from({ length: 6 }, (_, i) => `health.example/${i % 2}`);
    const opened = await Promise.allSettled(origins.map(openAs));
    const named = opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value.identity.origin] : []));
    expect(named).toHaveLength(3);
    expect(new Set(named).size).toBe(1);
    for (const result of opened) if (result.status === 'fulfilled') await result.value.close();
  });

  it('refuses an origin that no leaf can hold', async () => {
    for (const origin of ['', 'with space', 'a+b', 'ü', 'a'.repeat(129)]) {
      await expect(openAs(origin)).rejects.toBeInstanceOf(Malformed);
    }
  });

  it('says that the ledger cannot be reached where it has no tables', async () => {
    await database.ownerSql.unsafe('alter table ledger_head rename to gone');
    await expect(openAs('health.example/110000')).rejects.toBeInstanceOf(LedgerUnavailable);
    await database.ownerSql.unsafe('alter table gone rename to ledger_head');
  });
});

describe("a group's transaction", () => {
  it('is synced, and reads what is committed, whatever the defaults of the server are', async () => {
    const [name] = await database.sql<{ name: string }[]>`select current_database() as name`;
    await database.ownerSql.unsafe(`
      alter database ${name?.name} set synchronous_commit = off;
      alter database ${name?.name} set default_transaction_isolation = 'serializable';
      alter database ${name?.name} set default_transaction_read_only = on;`);
    await database.ownerSql.begin('read write', async (tx) => {
      await tx.unsafe(`
        create table settings (name text, value text);
        grant insert on settings to hrl_app;
        create function note() returns trigger language plpgsql as $$ begin
          insert into settings select name, current_setting(name) from unnest(array['synchronous_commit', 'transaction_isolation',
            'lock_timeout', 'idle_in_transaction_session_timeout']) as name;
          return null;
        end $$;
        create trigger note after insert on events for each statement execute function note();`);
    });
    const two = [await database.open({ entropy }), await database.open({ entropy })];
    const stream = make.stream();
    for (let i = 0; i < 10; i++) {
      await Promise.all(two.map((ledger) => ledger.append(stream, make.events(1), decidedAt(SEEDED_START))));
    }
    const settings = await database.ownerSql<
      { name: string; value: string }[]
    >`select distinct name, value from settings order by 1`;
    expect(settings.map(({ name, value }) => `${name} ${value}`)).toEqual([
      'idle_in_transaction_session_timeout 5s',
      'lock_timeout 5s',
      'synchronous_commit on',
      'transaction_isolation read committed',
    ]);
    expect((await verifyLedger(two[0] ?? (await database.open()), suite)).events).toHaveLength(20);
  });

  it('finds its rows by index, however small the tables were when it was planned', async () => {
    const ledger = await database.open();
    const streams = Array.from({ length: 30 }, () => make.stream());
    for (const stream of streams) await ledger.append(stream, make.events(20), decidedAt(SEEDED_START));
    await database.ownerSql.unsafe('select pg_stat_force_next_flush()');
    const scans = async () => {
      await sleep(100);
      const rows = await database.ownerSql<{ name: string; scans: bigint }[]>`
        select relname as name, seq_scan as scans from pg_stat_user_tables
        where relname in ('events', 'stream_heads', 'ledger_head') order by 1`;
      return rows.map(({ name, scans }) => `${name} ${scans}`);
    };
    const before = await scans();
    for (const stream of streams) {
      const seen = streams.slice(0, 5).map((each) => ({ stream: each, revision: 3n, kinds: ['consent.'] }));
      await ledger.append(stream, make.events(1), decidedAt(SEEDED_START, ...seen));
    }
    await ledger.close();
    expect(await scans()).toEqual(before);
  });
});

describe('the time of a group', () => {
  it("is the database's, with milliseconds, unless an expression is given", async () => {
    const ledger = await openAs(TEST_IDENTITY.origin);
    const serverTime = async (): Promise<Instant> => {
      const [row] = await database.sql<{ now: string }[]>`
        select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as now`;
      return parseInstant(row?.now ?? '');
    };
    const before = await serverTime();
    const { time } = await ledger.append(make.stream(), make.events(1), decidedAt(before));
    expect(before <= time && time <= (await serverTime())).toBe(true);
    await ledger.close();
  });

  it('is waited for when an append was decided a little ahead of it, and not when far ahead', async () => {
    const ledger = await openAs(TEST_IDENTITY.origin);
    const [row] = await database.sql<{ ms: string }[]>`select extract(epoch from clock_timestamp()) * 1000 as ms`;
    const offset = Number(row?.ms) - performance.now();
    for (let i = 0; i < 5; i++) {
      const decided = fromEpochMs(offset + performance.now() + 12);
      const waiting = ledger.append(make.stream(), make.events(1), decidedAt(decided));
      const overtaking = await ledger.append(make.stream(), make.events(1), decidedAt(addMs(decided, -1000)));
      const waited = await waiting;
      expect(waited.time >= decided).toBe(true);
      expect(waited.time >= overtaking.time).toBe(true);
    }
    const far = decidedAt(fromEpochMs(offset + performance.now() + 60_000));
    const refused = await ledger.append(make.stream(), make.events(1), far).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(AppendConflict);
    expect(refused).toMatchObject({ reason: 'not-yet' });
    await ledger.close();
    expect(ledger.queued).toBe(0);
  });

  it('is waited for also by a ledger that is being closed', async () => {
    const ledger = await database.open();
    const waiting = ledger.append(make.stream(), make.events(1), decidedAt(addMs(SEEDED_START, 15)));
    const outcome = waiting.catch((error: unknown) => error);
    await sleep(5);
    await ledger.close();
    expect(await outcome).toMatchObject({ reason: 'not-yet' });
  });
});

describe('an append', () => {
  it('to a stream that has all the revisions there are is too large, and does not harm its group', async () => {
    const ledger = await database.open();
    const full = make.stream();
    await ledger.append(full, make.events(1), decidedAt(SEEDED_START));
    await database.ownerSql`update stream_heads set revision = ${(2n ** 28n - 2n).toString()} where stream = ${full}`;
    const [tooLarge, beside] = await Promise.allSettled([
      ledger.append(full, make.events(2), decidedAt(SEEDED_START)),
      ledger.append(make.stream(), make.events(1), decidedAt(SEEDED_START)),
    ]);
    expect(tooLarge).toMatchObject({ status: 'rejected', reason: { code: 'append-too-large' } });
    expect(beside.status).toBe('fulfilled');
  });

  it('may name its keys with any visible letter', async () => {
    const ledger = await database.open();
    const keyId = `a,b{c}"d'\\e;--NULL%`;
    const event = make.event();
    const { retained, personal } = event.sealed;
    await ledger.append(
      make.stream(),
      [{ ...event, sealed: { retained: { ...retained, keyId }, personal: { ...personal, keyId: 'NULL' } } }],
      decidedAt(SEEDED_START),
    );
    const stored = await ledger.find(event.id);
    expect([stored?.sealed.retained.keyId, stored?.sealed.personal.keyId]).toEqual([keyId, 'NULL']);
  });
});
