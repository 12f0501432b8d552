import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../test/support/database.ts';
import { testLedger } from '../../test/support/plain-events.ts';
import type { Position } from '../ledger/port.ts';
import { advance, type Lease, takeLease } from './lease.ts';
import { type ReadPosition, readPosition } from './wait.ts';

let db: FreshDatabase;
let lease: Lease;
let waiting: ReadPosition;
let applied: bigint;

beforeEach(async () => {
  db = await freshDatabase();
  const taken = await takeLease(db.sql, 'test', 60_000);
  if (taken === undefined) throw new Error('somebody holds the lease');
  lease = taken;
  applied = 0n;
  waiting = readPosition({ sql: db.sql, ledger: testLedger() });
});
afterEach(async () => {
  await waiting.close();
  await db.drop();
});

/** The memory engine's positions, which are not in the order of their text. */
const at = (n: number): Position => `m${n}` as Position;
const soon = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function moveTo(n: number): Promise<void> {
  const { text, parameters } = advance(lease, applied, { position: at(n), applied: BigInt(n) + 1n }, 60_000);
  await db.sql.unsafe(text, [...parameters]);
  applied = BigInt(n) + 1n;
}

/** Connections that have said LISTEN. */
const listeners = () => db.sql<{ pid: number }[]>`
  select pid from pg_stat_activity where datname = current_database() and query ilike 'listen %'`;

describe('waiting for the read tables', () => {
  it('there is no position before the first event', async () => {
    expect(await waiting.applied()).toBeUndefined();
    await moveTo(3);
    expect(await waiting.applied()).toBe(at(3));
  });

  it('is over at once for what they show already, in the order of positions and not of their text', async () => {
    await moveTo(10);
    expect(await waiting.waitFor(at(9), 1_000)).toBe(true);
    expect(await waiting.waitFor(at(10), 1_000)).toBe(true);
    expect(await waiting.waitFor(at(11), 50)).toBe(false);
  });

  it('ends when any process has applied it, and not before', async () => {
    const answers: string[] = [];
    const five = waiting.waitFor(at(5), 10_000).then((reached) => answers.push(`5 ${reached}`));
    const seven = waiting.waitFor(at(7), 10_000).then((reached) => answers.push(`7 ${reached}`));
    await soon(100);
    await moveTo(4);
    await soon(300);
    expect(answers).toEqual([]);
    await moveTo(6);
    await five;
    expect(answers).toEqual(['5 true']);
    await moveTo(7);
    await seven;
    expect(answers).toEqual(['5 true', '7 true']);
  });

  it('hears of a batch when it is committed, and never of one that is rolled back', async () => {
    const reached = waiting.waitFor(at(2), 700);
    await db.sql
      .begin(async (tx) => {
        const { text, parameters } = advance(lease, 0n, { position: at(2), applied: 3n }, 60_000);
        await tx.unsafe(text, [...parameters]);
        throw new Error('undo');
      })
      .catch(() => {});
    expect(await reached).toBe(false);
  });

  it('gives up after its time', async () => {
    const begun = performance.now();
    expect(await waiting.waitFor(at(0), 150)).toBe(false);
    expect(performance.now() - begun).toBeGreaterThan(140);
  });

  it('five hundred who wait share one listening connection', async () => {
    const all = Promise.all(Array.from({ length: 500 }, (_, i) => waiting.waitFor(at(i), 20_000)));
    await expect.poll(async () => (await listeners()).length).toBe(1);
    await moveTo(499);
    expect(new Set(await all)).toEqual(new Set([true]));
    expect(await listeners()).toHaveLength(1);
  });

  it('a listening connection that breaks delays nobody for long', async () => {
    const early = waiting.waitFor(at(0), 10_000);
    await expect.poll(async () => (await listeners()).length).toBe(1);
    const late = waiting.waitFor(at(1), 10_000);
    for (const { pid } of await listeners()) await db.sql`select pg_terminate_backend(${pid})`;
    await moveTo(1);
    expect([await early, await late]).toEqual([true, true]);
  });

  it('a notification that is no position is nothing', async () => {
    const reached = waiting.waitFor(at(1), 5_000);
    await expect.poll(async () => (await listeners()).length).toBe(1);
    await db.sql`select pg_notify('hrl_applied', 'm1 or so')`;
    await soon(50);
    await moveTo(1);
    expect(await reached).toBe(true);
  });

  it('whoever still waits when it is closed gets no', async () => {
    const reached = waiting.waitFor(at(1), 60_000);
    await soon(20);
    await waiting.close();
    expect(await reached).toBe(false);
    expect(await waiting.waitFor(at(1), 60_000)).toBe(false);
  });
});
