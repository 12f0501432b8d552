import type { Position } from '../../src/ledger/port.ts';
import { logger } from '../../src/log.ts';
import { type Node, openNode, type Timing } from '../../src/main.ts';
import { stepCheck } from '../support/check.ts';
import type { FreshDatabase } from '../support/database.ts';
import { worldOf } from '../support/people.ts';
import { type PostgresProxy, postgresProxy } from '../support/postgres-proxy.ts';
import { openTestNode, type TestNode } from '../support/test-node.ts';
import { judge } from './judge.ts';
import { startWork, type Work, type Working, workOf } from './workload.ts';

/** A whole node that reaches its database through a way that breaks, with people at work on it, and another one that sees all directly. */
export interface DisturbedNode {
  readonly proxy: PostgresProxy;
  /** Reaches the database past the proxy; keeps no read tables. */
  readonly direct: TestNode;
  /** Through the proxy; its projector is the only one. */
  readonly node: Node;
  /** Lets people work, does something to the proxy meanwhile, lets them go on for a while, and judges all that they were told. */
  through(fault: (working: Working) => Promise<void>, options?: Through): Promise<Working['journal']>;
  close(): Promise<void>;
}

export interface Through {
  readonly writers?: number;
  readonly readers?: number;
  /** How soon after the fault the work must go on again. */
  readonly recoveryMs?: number;
}

/** Short enough for tests to wait for them, and in the same proportion as in earnest. */
export const IMPATIENT: Timing = { statementTimeout: 2_400, groupTimeoutMs: 1_500, settleMs: 1_500 };

export async function disturbedNode(
  name: string,
  timing: Timing = IMPATIENT,
  prepare: (database: FreshDatabase) => Promise<void> = async () => {},
): Promise<DisturbedNode> {
  const direct = await openTestNode({ project: false, timing: timeOf(timing) }, prepare);
  const proxy = await postgresProxy(direct.database.url);
  const config = { ...direct.config, databaseUrl: proxy.url };
  const node = await openNode({ config, log: logger({ level: config.logLevel }), timing });
  const world = await worldOf(direct);
  const base = await workOf(world, name, 8);
  await world.shown();
  const checker = stepCheck(direct.audit);
  let rounds = 0;
  return {
    proxy,
    direct,
    node,
    through: async (fault, { writers = 6, readers = 3, recoveryMs = 15_000 } = {}) => {
      const work: Work = { ...base, name: `${name}-${rounds++}` };
      const since: Position | undefined = await direct.app.ledger.end();
      const working = startWork(node.platform, work, { writers, readers });
      try {
        await working.progress(5, 20_000);
        await fault(working);
        await working.progress(5, recoveryMs);
      } finally {
        await proxy.restore();
        await working.stop();
      }
      await judge(direct, work, working.journal, since, checker.step);
      // The projector that was disturbed too: it shows all of this.
      await world.shown();
      return working.journal;
    },
    close: async () => {
      await proxy.restore();
      try {
        // The whole ledger once more, and the read tables against what its events make.
        await checker.end();
      } finally {
        await node.close();
        await proxy.close();
        await direct.close();
      }
    },
  };
}

/** The clock is the ledger's, so all its nodes have the same; how long they wait is each one's own. */
const timeOf = ({ timeExpression }: Timing): Timing => (timeExpression === undefined ? {} : { timeExpression });
