import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openConnection } from '../../src/postgres/connection.ts';
import { nodeSuite as suite } from '../../src/suite-node/suite.ts';
import { type LedgerDatabase, ledgerDatabase, TEST_IDENTITY } from '../support/postgres-ledger.ts';
import { SIZES } from '../support/sizes.ts';
import { verifyLedger } from '../support/verify-ledger.ts';
import type { Followed } from './postgres-follower.ts';
import { expectKept, startWriter, type WriterProcess } from './postgres-writer-process.ts';

/** 64 in all. */
const PROCESSES = 4;
const CALLERS = 16;
/** From the acknowledgement of an event to its arrival at a follower in another process, however often both are torn off. */
const LATENCY_MS = 5_000;
/** Milliseconds between two aborts. */
const ABORT_EVERY_MS = 60;

let database: LedgerDatabase;
beforeAll(async () => {
  database = await ledgerDatabase();
  await database.ownerSql`create table elsewhere (n integer)`;
});
afterAll(() => database.drop());

async function startFollower() {
  const script = fileURLToPath(new URL('./postgres-follower.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, database.url], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const followed: Followed[] = [];
  let ready = false;
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    const said = JSON.parse(line) as Followed | 'ready';
    if (said === 'ready') ready = true;
    else followed.push(said);
  });
  const closed = once(lines, 'close');
  await expect.poll(() => ready, { timeout: 20_000 }).toBe(true);
  return {
    followed,
    end: async () => {
      child.kill('SIGTERM');
      await closed;
    },
  };
}

/** Somebody else's work in the same database, which began before everything and does not end: it holds a transaction number. */
async function longTransaction() {
  const holder = openConnection(database.ownerSql, 'hrl test holder', true);
  await holder.run(async (sql) => {
    await sql.unsafe('begin');
    await sql.unsafe('set local idle_in_transaction_session_timeout = 0');
    await sql.unsafe('insert into elsewhere values (1)');
  });
  return {
    /** True when its transaction is still the one that it began, with its number. */
    open: () =>
      holder.run(async (sql) => {
        const [row] = await sql<{ open: boolean }[]>`
          select pg_current_xact_id_if_assigned() is not null and (select count(*) from elsewhere) = 1 as open`;
        return row?.open;
      }),
    end: () => holder.end(),
  };
}

/** Ends the connection of one writer or follower after the other, whatever it is doing. Resolves to how many it has ended. */
async function abortAtRandom(stop: AbortSignal): Promise<number> {
  let aborted = 0;
  while (!stop.aborted) {
    await sleep(ABORT_EVERY_MS);
    const ended = await database.sql<{ ended: boolean }[]>`
      select pg_terminate_backend(pid) as ended from (
        select pid from pg_stat_activity
        where datname = current_database() and application_name in
          ('hrl ledger writer', 'hrl ledger follower', 'hrl test follower')
        order by random() limit 1) as one`;
    aborted += ended.length;
  }
  return aborted;
}

describe(`${PROCESSES * CALLERS} writers, torn off at random, while another session holds a transaction open (${SIZES.tornAppends} appends)`, () => {
  it('a follower in another process sees each event exactly once, in order, and soon', async () => {
    const long = await longTransaction();
    const follower = await startFollower();
    const writers: WriterProcess[] = [];
    const start = (name: string): WriterProcess => {
      const appends = SIZES.tornAppends / PROCESSES;
      const writer = startWriter({
        url: database.url,
        origin: TEST_IDENTITY.origin,
        seed: name,
        appends,
        callers: CALLERS,
      });
      writers.push(writer);
      return writer;
    };
    const stop = new AbortController();
    const all = Array.from({ length: PROCESSES }, (_, i) => start(`torn ${i}`));
    const [first] = all as [WriterProcess];
    const aborting = abortAtRandom(stop.signal);

    // One of them is killed in the middle, and another takes its place.
    await expect
      .poll(() => first.acknowledged.size, { timeout: 120_000, interval: 20 })
      .toBeGreaterThan(SIZES.tornAppends / 8);
    process.kill(first.pid, 'SIGKILL');
    const second = start('torn again');
    const codes = await Promise.all([...all, second].map(({ ended }) => ended));
    stop.abort();
    const aborted = await aborting;
    expect(codes).toEqual([null, 0, 0, 0, 0]);
    expect(aborted).toBeGreaterThan(10);

    const reader = await database.open();
    const verified = await verifyLedger(reader, suite);
    expectKept(verified, writers);
    const { followed } = follower;
    await expect.poll(() => followed.length, { timeout: LATENCY_MS }).toBe(verified.events.length);
    expect(await long.open()).toBe(true);
    expect(followed.map(({ position, id }) => [position, id])).toEqual(
      verified.events.map(({ position, id }) => [position, id]),
    );
    const acknowledgedAt = new Map(writers.flatMap(({ at }) => [...at]));
    const late = followed.map(({ id, at }) => at - (acknowledgedAt.get(id) ?? at));
    expect(acknowledgedAt.size).toBeGreaterThan(SIZES.tornAppends);
    expect(Math.max(...late)).toBeLessThan(LATENCY_MS);
    await follower.end();
    expect(followed).toHaveLength(verified.events.length);
    await long.end();
  }, 1_800_000);
});
