import type { AppendRound } from './support/append-child.ts';
import { startChild } from './support/child.ts';
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
 */
const CALLERS = [1, 16, 64, 256];
const CAUGHT_UP_MS = 2_000;

async function contender(of: Bench, server: BenchServer, name: 'subject' | 'baseline' | 'ceiling') {
  const { environment } = await server.newDatabase();
  // The node that verifies also makes the ledger's first events, before anybody else comes.
  const node = await openBenchNode(environment, { project: false });
  of.defer(() => node.close());
  const projector =
    name === 'ceiling'
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

async function run(of: Bench) {
  const server = await openBenchServer(of);
  of.talk('making three databases with 10,000 subjects each');
  const subject = await contender(of, server, 'subject');
  const baseline = await contender(of, server, 'baseline');
  const ceiling = await contender(of, server, 'ceiling');
  const rows: (Row | VoidRow)[] = [];
  for (const callers of CALLERS) {
    const asked = { callers, ms: of.quick ? 1_000 : 4_000, warmUpMs: of.quick ? 300 : 1_000 };
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
  description: 'Events appended a second, by callers, against one transaction an append and against bare inserts.',
  run,
});
