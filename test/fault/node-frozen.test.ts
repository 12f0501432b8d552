import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSql } from '../../src/postgres/pools.ts';
import { inTransaction } from '../../src/postgres/transactions.ts';
import { postgresProxy } from '../support/postgres-proxy.ts';
import { type DisturbedNode, disturbedNode, IMPATIENT } from './disturbed-node.ts';

let disturbed: DisturbedNode;
beforeAll(async () => {
  disturbed = await disturbedNode('frozen');
});
afterAll(() => disturbed?.close());

/** A connection is taken for broken after this: 1.25 times what a statement may take. */
const SILENCE_MS = 1.25 * (IMPATIENT.statementTimeout ?? 0);
/**
 * How long anybody may wait for an answer while nothing answers: a command of unknown fate waits for its group, its settling, and one
 * look at what became of it, each bounded by the time-outs of `IMPATIENT`. The rest is for a busy machine.
 */
const BOUND_MS = 4 * SILENCE_MS + 6_000;

describe('a database that says nothing and breaks nothing', () => {
  it('for a moment: whoever asked gets an answer that is true, late or now', async () => {
    const journal = await disturbed.through(async () => {
      disturbed.proxy.freeze();
      await sleep(600);
      disturbed.proxy.thaw();
    });
    expect(journal.slowestMs).toBeLessThan(BOUND_MS);
  });

  it('for longer than anybody waits: everybody is told so in time, and all goes on when it answers again', async () => {
    const journal = await disturbed.through(async ({ journal }) => {
      disturbed.proxy.freeze();
      const { length } = journal.faults;
      await sleep(3 * SILENCE_MS);
      // Nine people wait; each has heard more than once that it is not known, or not now.
      expect(journal.faults.length - length).toBeGreaterThan(9);
      disturbed.proxy.thaw();
    });
    expect(journal.slowestMs).toBeLessThan(BOUND_MS);
  });

  it('and never does again on the connections that there are: others take their place', async () => {
    const journal = await disturbed.through(async () => {
      disturbed.proxy.freeze();
      await sleep(1_000);
      disturbed.proxy.abandon();
    });
    expect(journal.slowestMs).toBeLessThan(BOUND_MS);
  });
});

describe('transactions of a pool', () => {
  it('whose connections fall silent, all of them, give their places to others', async () => {
    const proxy = await postgresProxy(disturbed.direct.database.url);
    const sql = openSql(proxy.url, { max: 2, applicationName: 'test', statementTimeout: 400 });
    try {
      const one = () => inTransaction(sql, async (tx) => (await tx<{ one: number }[]>`select 1 as one`)[0]?.one);
      await Promise.all(Array.from({ length: 8 }, one));
      proxy.freeze();
      const lost = Array.from({ length: 8 }, one);
      await sleep(100);
      proxy.abandon();
      const began = performance.now();
      // Four have the silent connections; four wait for their places and get them.
      const outcomes = await Promise.allSettled(lost);
      expect(performance.now() - began).toBeLessThan(5_000);
      expect(outcomes.slice(0, 4).map(({ status }) => status)).toEqual(Array(4).fill('rejected'));
      expect(outcomes.slice(4)).toEqual(Array(4).fill({ status: 'fulfilled', value: 1 }));
      expect(await Promise.all(Array.from({ length: 8 }, one))).toEqual(Array(8).fill(1));
    } finally {
      await sql.end({ timeout: 1 });
      await proxy.close();
    }
  });
});
