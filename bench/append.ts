import type { AppendRound } from './support/append-child.ts';
import { startChild } from './support/child.ts';
import { openBenchEventStore } from './support/eventstore-server.ts';
import { type Bench, bench } from './support/program.ts';
import { type Contest, type Round, type Row, runContest, type VoidRow } from './support/rounds.ts';
import { type BenchServer, openBenchNode, openBenchServer } from './support/server.ts';
import { verifyEveryLeaf } from './support/verify.ts';

/**
 * How many events a second the ledger takes. Each contender is a process of its own that holds callers and engine together, as an API process does (work sent
 * there over a channel would measure the channel), with a database of its own on the same server; this process keeps time
 * and verifies. Another process projects what the subject and the baseline append, and must have caught up 2 s after every round.
 *
 * subject   the gate's `appendRead`: load keys, seal and commit, append under four guarded streams; 10,000 subjects at random
 * baseline  the same, with one transaction an append (support/one-by-one.ts)
 * ceiling   the same rows, made beforehand, inserted as many at once as there are callers, without hash, seal, lock or condition
 *
 * With `--engine eventstore`, on the server that EVENTSTORE_URL names:
 * subject   the same `appendRead`: beside the append itself a row in `requests` before it, and the guarded streams looked at before and after
 * baseline  the bare client: exact-revision appends of events of the same bytes, made beforehand (support/bare-appends.ts)
 * Nobody projects: what the bare client writes could not be.
 */
const CALLERS = [1, 16, 64, 256];
const CAUGHT_UP_MS = 2_000;

const askedOf = ({ quick }: Bench, callers: number): AppendRound => ({
  callers,
  ms: quick ? 1_000 : 4_000,
  warmUpMs: quick ? 300 : 1_000,
});

async function contender(
  of: Bench,
  server: BenchServer,
  name: 'subject' | 'baseline' | 'ceiling' | 'bare',
  place: Readonly<Record<string, string>> = {},
) {
  const environment = { ...(await server.newDatabase()).environment, ...place };
  // The node that verifies also makes the ledger's first events, before anybody else comes.
  const node = await openBenchNode(environment, { project: false });
  of.defer(() => node.close());
  const projector =
    name === 'ceiling' || of.engine === 'eventstore'
      ? undefined
      : startChild(of, new URL('./support/projector-child.ts', import.meta.url), environment);
  await projector?.ask('ready');
  const appending = startChild(of, new URL('./support/append-child.ts', import.meta.url), environment);
  await appending.ask('prepare', name);
  const run = async (asked: AppendRound): Promise<Round> => {
    const round = (await appending.ask('round', asked)) as Round;
    const late = projector !== undefined && (await projector.ask('caughtUp', CAUGHT_UP_MS)) === null;
    return late ? { ...round, failures: [...round.failures, 'read tables were not caught up after 2 s'] } : round;
  };
  return { node, run };
}

async function runOnEventStore(of: Bench) {
  const eventStore = await openBenchEventStore();
  const server = await openBenchServer(of);
  of.talk(`EventStoreDB ${eventStore.version}; making two ledgers with 10,000 subjects each`);
  const subject = await contender(of, server, 'subject', eventStore.newLedger());
  const baseline = await contender(of, server, 'bare', eventStore.newLedger());
  const rows: (Row | VoidRow)[] = [];
  for (const callers of CALLERS) {
    const asked = askedOf(of, callers);
    const contest: Contest = { callers, subject: () => subject.run(asked), baseline: () => baseline.run(asked) };
    rows.push(await runContest(contest, of.rounds, of.talk));
  }
  await verifyEveryLeaf(subject.node, of.talk);
  return { rows, postgres: server.version, eventStore: eventStore.version };
}

async function run(of: Bench) {
  if (of.engine === 'eventstore') return runOnEventStore(of);
  const server = await openBenchServer(of);
  of.talk('making three databases with 10,000 subjects each');
  const subject = await contender(of, server, 'subject');
  const baseline = await contender(of, server, 'baseline');
  const ceiling = await contender(of, server, 'ceiling');
  const rows: (Row | VoidRow)[] = [];
  for (const callers of CALLERS) {
    const asked = askedOf(of, callers);
    const contest: Contest = {
      callers,
      subject: () => subject.run(asked),
      baseline: () => baseline.run(asked),
      ceiling: () => ceiling.run(asked),
    };
    rows.push(await runContest(contest, of.rounds, of.talk));
  }
  await verifyEveryLeaf(subject.node, of.talk);
  await verifyEveryLeaf(baseline.node, of.talk);
  return { rows, postgres: server.version };
}

await bench({
  name: 'append',
  engines: true,
  description:
    'Events appended a second, by callers, against one transaction an append and against bare inserts, or against the bare client of an EventStoreDB.',
  run,
});
