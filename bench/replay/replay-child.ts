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
  await inParallel(
    Array.from({ length: accesses }, (_, n) => n),
    AT_ONCE,
    async (n) => {
      const { code, institution } = readings[n % readings.length] as Reading;
      const permitted = n % PERMITTED === 0;
      const stranger = readings.findIndex(
        (other, i) => i >= n % readings.length && other.institution.number !== institution.number,
      );
      const caller = doctors[permitted ? n % readings.length : Math.max(0, stranger)] as (typeof doctors)[number];
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
