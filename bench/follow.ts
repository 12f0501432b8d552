import { toJsonInteger } from '../src/kernel/integer.ts';
import type { Ledger, RecordedEvent } from '../src/ledger/port.ts';
import { toIndex } from '../src/ledger/postgres/position.ts';
import { openSql } from '../src/postgres/pools.ts';
import type { Drip, Dripped } from './support/append-child.ts';
import { type Child, startChild } from './support/child.ts';
import { polled, streamed } from './support/polling.ts';
import { type Bench, bench } from './support/program.ts';
import { type Round, type Row, runContest, type VoidRow } from './support/rounds.ts';
import { openBenchNode, openBenchServer } from './support/server.ts';
import { verifyEveryLeaf } from './support/verify.ts';

/**
 * How fast a follower hands out events, in this process, that another process appends.
 *
 * Catching up (the first rows): each of the callers reads the whole ledger once; latencies are those of 512 events.
 * Live (the last rows, one caller): events are appended at a steady rate, which is about what `perSecond` says; latencies are from the
 * call of `append` in that process to the event in this one.
 *
 * subject   `Ledger.follow`
 * baseline  polling for rows after the last one, every 20 ms where there are none (support/polling.ts)
 * ceiling   catching up: one cursor over the table; live: none
 */
const FOLLOWERS = [1, 4];
const RATES = [10, 100, 1_000];
const PAGE = 512;

/** Hands out events from a position on, until `close`, or until there are no more. */
interface Source {
  readonly events: AsyncIterable<RecordedEvent>;
  close(): Promise<unknown>;
}

const following = (ledger: Ledger, after?: RecordedEvent['position']): Source => {
  const follower = ledger.follow(after);
  return { events: follower, close: () => follower.close() };
};
const reading = (open: (stop: AbortSignal) => AsyncIterable<RecordedEvent>): Source => {
  const stopping = new AbortController();
  return { events: open(stopping.signal), close: async () => stopping.abort() };
};

/** One round of catching up: until everybody has read all `count` events. */
async function catchUp(followers: number, count: number, open: () => Source): Promise<Round> {
  const began = performance.now();
  const latenciesMs: number[] = [];
  const read = async (): Promise<void> => {
    const { events, close } = open();
    let [seen, page] = [0, performance.now()];
    for await (const _event of events) {
      if (++seen % PAGE === 0) {
        const now = performance.now();
        latenciesMs.push(now - page);
        page = now;
      }
      if (seen === count) await close();
    }
  };
  await Promise.all(Array.from({ length: followers }, read));
  const seconds = (performance.now() - began) / 1000;
  return { done: followers * count, seconds, latenciesMs, failures: [] };
}

/** One round of following live. An event that was appended and is not seen 5 s later is a failure, and so is one out of order. */
async function live(source: Source, appending: Child, asked: Drip): Promise<Round> {
  const seenAt = new Map<string, bigint>();
  const reading = (async () => {
    for await (const { id } of source.events) seenAt.set(id, process.hrtime.bigint());
  })();
  const dripped = (await appending.ask('drip', asked)) as Dripped[];
  const missing = (): boolean => dripped.some(([id]) => !seenAt.has(id));
  for (let waited = 0; missing() && waited < 5_000; waited += 50) await new Promise((done) => setTimeout(done, 50));
  await source.close();
  await reading;
  const latenciesMs = dripped.map(([id, ns]) => Number((seenAt.get(id) ?? 0n) - BigInt(ns)) / 1e6);
  return {
    done: dripped.length,
    seconds: asked.ms / 1000,
    latenciesMs,
    failures: missing() ? ['an event was not seen'] : [],
  };
}

async function run(of: Bench) {
  const server = await openBenchServer(of);
  const { environment, url } = await server.newDatabase();
  const node = await openBenchNode(environment, { project: false });
  of.defer(() => node.close());
  const sql = openSql(url, { max: 4, applicationName: 'bench polling' });
  of.defer(() => sql.end({ timeout: 1 }));
  const appending = startChild(of, new URL('./support/append-child.ts', import.meta.url), environment);
  await appending.ask('prepare', 'subject');
  const wanted = of.quick ? 10_000 : 50_000;
  of.talk(`appending ${wanted} events to follow`);
  await appending.ask('fill', wanted);
  const { ledger } = node.app;
  const count = toJsonInteger(toIndex(await ledger.end()) + 1n);

  const rows: (Row | VoidRow)[] = [];
  for (const callers of FOLLOWERS) {
    const contest = {
      callers,
      subject: () => catchUp(callers, count, () => following(ledger)),
      baseline: () => catchUp(callers, count, () => reading((stop) => polled(sql, stop))),
      ceiling: () => catchUp(callers, count, () => reading(() => streamed(sql))),
    };
    rows.push(await runContest(contest, of.rounds, of.talk));
  }
  for (const perSecond of RATES) {
    const asked = { perSecond, ms: of.quick ? 1_500 : 5_000 };
    const contest = {
      callers: 1,
      subject: async () => live(following(ledger, await ledger.end()), appending, asked),
      baseline: async () => {
        const end = await ledger.end();
        const source = reading((stop) => polled(sql, stop, end));
        return live(source, appending, asked);
      },
    };
    rows.push(await runContest(contest, of.rounds, of.talk));
  }
  await verifyEveryLeaf(node, of.talk);
  return { rows, postgres: server.version };
}

await bench({
  name: 'follow',
  description: 'Events a second that a follower hands out, and how soon after their append, against polling the table.',
  run,
});
