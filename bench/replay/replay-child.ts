import type { Caller } from '../../src/app/actor.ts';
import { inParallel } from '../../src/app/import/in-parallel.ts';
import { callerOf } from '../read/caller-of.ts';
import { populate, type Reading } from '../read/population.ts';
import { answerParent } from '../support/child.ts';
import type { Round } from '../support/rounds.ts';
import { openBenchNode } from '../support/server.ts';

/** The process that fills a ledger with decisions of the gate (`fill`), and reads it through (`read`). */
export interface Filling {
  readonly residents: number;
  readonly accesses: number;
}

/** Refusals wait for their step of time, so many must wait at once. */
const AT_ONCE = 192;
/** One of so many is a page of ten records, opened by the family doctor; the others are refused to a stranger. */
const PERMITTED = 3;

let events = 0;
/** Afterwards nothing is projected: read tables are no part of it. */
let node = await openBenchNode(process.env);

async function fill({ residents, accesses }: Filling): Promise<number> {
  const readings = await populate(node, residents);
  const end = await node.app.ledger.end();
  if (end === undefined || !(await node.app.projected.waitFor(end, 600_000)))
    throw new Error('the read tables never came');
  await node.close();
  node = await openBenchNode(process.env, { project: false });
  const doctors = await Promise.all(readings.map((reading) => callerOf(node.platform, reading)));
  const strangers = readings.map(({ institution }, at) => {
    const other = readings.findIndex((one, i) => i >= at && one.institution.number !== institution.number);
    return doctors[Math.max(0, other)];
  });
  await inParallel(
    Array.from({ length: accesses }, (_, n) => n),
    AT_ONCE,
    async (n) => {
      const at = n % readings.length;
      const { code } = readings[at] as Reading;
      const caller = (n % PERMITTED === 0 ? doctors[at] : strangers[at]) as Caller;
      await node.platform.openRecords(caller, { code, purpose: 'TREAT', first: 10 });
    },
  );
  events = (await node.sql<{ n: number }[]>`select count(*)::integer as n from events`)[0]?.n ?? 0;
  return events;
}

async function read(): Promise<Round> {
  const { ledger, suite } = node.app;
  const began = performance.now();
  let done = 0;
  for await (const { leaf } of ledger.readAll()) {
    suite.hash(leaf);
    done += 1;
  }
  return {
    done,
    seconds: (performance.now() - began) / 1000,
    latenciesMs: [],
    failures: done === events ? [] : ['events are missing'],
  };
}

answerParent({ fill, read, end: () => node.close() });
