import type { Appended, RecordedEvent } from '../../src/ledger/port.ts';
import { openSql } from '../../src/postgres/pools.ts';
import { nodeEntropy } from '../../src/suite-node/entropy.ts';
import { nodeSuite } from '../../src/suite-node/suite.ts';
import { accesses } from './accesses.ts';
import { bareAppends } from './bare-appends.ts';
import { bareInserts } from './bare-inserts.ts';
import { answerParent } from './child.ts';
import { oneByOne } from './one-by-one.ts';
import { type Round, runCallers } from './rounds.ts';
import { openBenchNode } from './server.ts';

/**
 * The process that appends, for bench/append and bench/follow: callers and engine together, as an API process has both. `prepare` says
 * as which contender; then `round`, `fill` and `drip`.
 */
export interface AppendRound {
  readonly callers: number;
  readonly ms: number;
  readonly warmUpMs: number;
}

export interface Drip {
  readonly perSecond: number;
  readonly ms: number;
}

/** An appended event's id, and when `append` was called, by the machine's monotonic clock in nanoseconds: the same in all processes. */
export type Dripped = readonly [id: string, ns: string];

const TEMPLATES = 2_000;

const closers: (() => Promise<unknown>)[] = [];
let append: () => Promise<unknown>;
let round = (asked: AppendRound): Promise<Round> => runCallers({ ...asked, call: append });

async function openApp() {
  const node = await openBenchNode(process.env, { project: false });
  closers.push(() => node.close());
  return node.app;
}

function ownPool() {
  const pool = openSql(process.env.DATABASE_URL ?? '', { max: 4, applicationName: 'bench append' });
  closers.push(() => pool.end({ timeout: 1 }));
  return pool;
}

const CONTENDERS = {
  /** The engine. */
  subject: async () => {
    append = await accesses(await openApp());
  },
  /** The same node, but for how its ledger appends. */
  baseline: async () => {
    const app = await openApp();
    const own = oneByOne(ownPool(), { identity: app.ledger.identity, suite: nodeSuite, entropy: nodeEntropy });
    closers.push(own.close);
    append = await accesses({ ...app, ledger: { ...app.ledger, append: own.append } });
  },
  /** Rows of a few thousand accesses of its own, written again and again into an empty copy of the table. */
  ceiling: async () => {
    const templates = await madeAccesses();
    await emptied();
    const inserts = bareInserts(ownPool(), templates);
    closers.push(inserts.close);
    // As many rows on their way as the subject has callers.
    round = async ({ callers, ms, warmUpMs }) => {
      const lanes = Math.min(2, callers);
      const insert = (lane: number) => inserts.insert(lane, callers / lanes);
      const result = await runCallers({ callers: lanes, ms, warmUpMs, call: insert });
      return { ...result, done: (result.done * callers) / lanes, latenciesMs: [] };
    };
  },
  /** The bare client of an EventStoreDB server, with events of the same bytes. */
  bare: async () => {
    const templates = await madeAccesses();
    const { EVENTSTORE_URL: url = '', EVENTSTORE_PREFIX: prefix = '' } = process.env;
    const appends = bareAppends({ url, prefix }, templates);
    closers.push(appends.close);
    append = appends.append;
  },
} as const;

/** A few thousand accesses, appended by the engine and read again. */
async function madeAccesses(): Promise<readonly RecordedEvent[]> {
  const app = await openApp();
  append = await accesses(app);
  await fill(TEMPLATES);
  const made: RecordedEvent[] = [];
  for await (const event of app.ledger.readAll()) if (event.type.startsWith('access.')) made.push(event);
  return made;
}

/** The owner may do what the triggers and grants keep everybody from, on a table that nobody will trust again. */
async function emptied(): Promise<void> {
  const owner = openSql(process.env.DATABASE_OWNER_URL ?? '', { max: 1, applicationName: 'bench owner' });
  await owner.unsafe('alter table events disable trigger all; truncate events; alter table events enable trigger all');
  await owner.end({ timeout: 1 });
}

async function fill(count: number): Promise<void> {
  let left = count;
  const caller = async (): Promise<void> => {
    while (left-- > 0) await append();
  };
  await Promise.all(Array.from({ length: 64 }, caller));
}

/** Appends at that rate whatever the answers do: an open loop, so that a slow answer is not a pause. */
async function drip({ perSecond, ms }: Drip): Promise<Dripped[]> {
  const began = performance.now();
  const dripped: Promise<Dripped>[] = [];
  for (let passed = 0; passed < ms; passed = performance.now() - began) {
    while (dripped.length < (passed / 1000) * perSecond) {
      const ns = process.hrtime.bigint().toString();
      dripped.push(append().then((appended) => [(appended as Appended).events[0]?.id ?? '', ns]));
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return Promise.all(dripped);
}

answerParent({
  prepare: (contender: keyof typeof CONTENDERS) => CONTENDERS[contender](),
  round: (asked: AppendRound) => round(asked),
  fill,
  drip,
  end: async () => {
    for (const close of closers.reverse()) await close();
  },
});
