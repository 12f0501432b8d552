import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SIZES } from '../support/sizes.ts';
import { type DisturbedNode, disturbedNode } from './disturbed-node.ts';

let disturbed: DisturbedNode;
beforeAll(async () => {
  disturbed = await disturbedNode('outages');
});
afterAll(() => disturbed?.close());

/** The statements at which a node's work can be torn apart, in the order in which a command comes to them. */
const STATEMENTS: readonly (readonly [name: string, statement: RegExp])[] = [
  ['the look-up of a request', /FROM events AS e WHERE e\.id/],
  ['the taking of a claim', /insert into vault\.claims/],
  ['the making of keys', /insert into vault\.stream_keys/],
  ['the storing of a content', /insert into vault\.contents/],
  ['the commit of a vault’s transaction', /^commit$/],
  ['the lock of the ledger', /ledger_head WHERE single FOR UPDATE/],
  ['the write of events', /INSERT INTO events/],
  ['the commit of events', /^COMMIT$/],
  ['the plan of a read', /count\(\*\)::integer as matched from found/],
  ['the opening of what was planned', /as planned\(record_id text/],
  ['a batch of the projector', /with fence as/],
];

/** Both sides of each, the sides by turns first, so that every second case is a fair half. */
const CASES = STATEMENTS.flatMap(([name, statement], i) =>
  (i % 2 === 0 ? (['before', 'after'] as const) : (['after', 'before'] as const)).map((when) => ({
    name,
    statement,
    when,
  })),
).filter((_, i) => i % SIZES.everyPlace === 0);

describe('a node whose way to the database', () => {
  it.each(CASES)(
    'is reset $when $name, three times: what was told is true, and the work goes on',
    async ({ statement, when }) => {
      const before = disturbed.proxy.cuts;
      await disturbed.through(async () => {
        disturbed.proxy.cut({ statement, when, times: 3 });
        await expect.poll(() => disturbed.proxy.cuts - before, { timeout: 20_000, interval: 10 }).toBe(3);
      });
    },
  );

  it('is reset again and again, on all connections at once', async () => {
    const journal = await disturbed.through(async () => {
      for (let i = 0; i < 15; i++) {
        disturbed.proxy.reset();
        await sleep(20 + 17 * (i % 7));
      }
    });
    expect(journal.faults.length).toBeGreaterThan(0);
  });

  it('is refused for a while: everybody is told soon, and goes on when it is back', async () => {
    const journal = await disturbed.through(async ({ journal }) => {
      disturbed.proxy.sever();
      const faults = journal.faults.length;
      await sleep(1_500);
      expect(journal.faults.length).toBeGreaterThan(faults);
      await disturbed.proxy.restore();
    });
    expect(journal.slowestMs).toBeLessThan(12_000);
  });

  it('is slow: nobody is told anything untrue, and most are only told late', async () => {
    const journal = await disturbed.through(async (working) => {
      disturbed.proxy.slow(40);
      await working.progress(6, 30_000);
      disturbed.proxy.slow(0);
    });
    expect(journal.reads.length).toBeGreaterThan(journal.faults.length);
  });
});
