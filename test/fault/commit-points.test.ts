import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stepCheck } from '../support/check.ts';
import { type World, worldOf } from '../support/people.ts';
import { type PostgresProxy, postgresProxy } from '../support/postgres-proxy.ts';
import { SIZES } from '../support/sizes.ts';
import { openTestNode, type TestNode } from '../support/test-node.ts';
import { judge } from './judge.ts';
import { startDoomed } from './killed.ts';
import { type Work, workOf } from './workload.ts';

let direct: TestNode;
let world: World;
let base: Work;
let proxy: PostgresProxy;
let check: ReturnType<typeof stepCheck>;
beforeAll(async () => {
  // It keeps no read tables: whoever is killed does.
  direct = await openTestNode({ project: false });
  proxy = await postgresProxy(direct.database.url);
  world = await worldOf(direct);
  base = await workOf(world, 'points', 6);
  check = stepCheck(direct.audit);
});
afterAll(async () => {
  await proxy?.close();
  await direct?.close();
});

const TURN = /update projectors set owner = \$1, epoch = epoch \+ 1/;

/** Each place in the sources that says what is true if the process stops there, and the statement on whose two sides it lies. */
const POINTS: readonly (readonly [point: string, statement: RegExp])[] = [
  ['claims without an event (register-resident, resident-stream)', /insert into vault\.claims/],
  ['keys without an event (vault/reach)', /insert into vault\.stream_keys/],
  ['a content without an event (transact, contents)', /insert into vault\.contents/],
  ['the end of a vault’s transaction (vault/reach)', /^commit$/],
  ['the lock of a group (ledger/statements)', /ledger_head WHERE single FOR UPDATE/],
  ['the write of a group (ledger/statements)', /INSERT INTO events/],
  ['the commit of a group (ledger/statements)', /^COMMIT$/],
  ['the opening of a plan that is durable (gate/access)', /as planned\(record_id text/],
  ['a batch of the projector (projector/runner)', /with fence as/],
  ['the taking of the projector’s turn (projector/lease)', TURN],
];

const CASES = POINTS.flatMap(([point, statement], i) =>
  (i % 2 === 0 ? (['before', 'after'] as const) : (['after', 'before'] as const)).map((when) => ({
    point,
    statement,
    when,
    name: `points-${i}-${when}`,
  })),
).filter((_, i) => i % SIZES.everyPlace === 0);

describe('a process that is killed', () => {
  it.each(CASES)(
    '$when $point leaves nothing half-written, nothing lost, nothing twice, and nothing opened unseen',
    async ({ statement, when, name }) => {
      const work: Work = { ...base, name };
      const since = await direct.app.ledger.end();
      const cuts = proxy.cuts;
      const cut = (): void => proxy.cut({ statement, when, also: () => doomed.kill() });
      // A turn is taken once, at the start.
      if (statement === TURN) cut();
      const doomed = startDoomed({ ...direct.config, databaseUrl: proxy.url }, work);
      if (statement !== TURN) {
        await doomed.progress(6);
        cut();
      }
      expect(await doomed.ended).toBeNull();
      expect(proxy.cuts - cuts).toBe(1);
      await judge(direct, work, doomed.journal, since, check.end);
    },
  );

  it('after all of them, the next one shows everything', async () => {
    const next = await direct.again();
    try {
      await world.shown();
      await check.end();
    } finally {
      await next.close();
    }
  });
});
