import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Filling } from './replay/replay-child.ts';
import { startChild } from './support/child.ts';
import { type Bench, bench } from './support/program.ts';
import { type Round, runContest } from './support/rounds.ts';
import { openBenchServer } from './support/server.ts';

/**
 * How many decisions a second are made again: opened pages and refusals, decided by the gate itself on the grants of everybody. Nearly
 * every decision is one event, so what reads events can stand beside it.
 *
 * subject   `npm run replay -- --json`, a program of its own, its start and the database's included
 * baseline  every event read through the ledger's port, each leaf hashed and nothing opened, in one process
 */
const SIZES = {
  full: { residents: 2_000, accesses: 300_000 },
  quick: { residents: 100, accesses: 6_000 },
} as const satisfies Record<string, Filling>;
const MAX_OUTPUT = 64 * 1024 * 1024;

const PROGRAM = fileURLToPath(new URL('../scripts/replay.ts', import.meta.url));

interface Said {
  readonly verdict: string;
  readonly decisions: number;
  readonly seconds: number;
  readonly processes: number;
}

async function run(of: Bench) {
  const server = await openBenchServer(of);
  const { environment } = await server.newDatabase();
  const child = startChild(of, new URL('./replay/replay-child.ts', import.meta.url), environment);
  const { residents, accesses } = of.quick ? SIZES.quick : SIZES.full;
  of.talk(`${residents} residents, then ${accesses} accesses`);
  const events = await child.ask('fill', { residents, accesses } satisfies Filling);
  of.talk(`${events} events`);

  const replay = async (): Promise<Round> => {
    const args = ['--import', import.meta.resolve('tsx'), PROGRAM, '--json'];
    const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...environment };
    const { stdout } = await promisify(execFile)(process.execPath, args, { env, maxBuffer: MAX_OUTPUT });
    const said = JSON.parse(stdout) as Said;
    of.talk(`  ${said.decisions} decisions by ${said.processes} processes: ${said.verdict}`);
    const failures = said.verdict === 'every decision follows' ? [] : [said.verdict];
    return { done: said.decisions, seconds: said.seconds, latenciesMs: [], failures };
  };
  const baseline = async (): Promise<Round> => (await child.ask('read')) as Round;
  const row = await runContest({ callers: 1, subject: replay, baseline }, of.rounds, of.talk);
  return { rows: [row], postgres: server.version };
}

await bench({
  name: 'replay',
  description: 'Decisions a second that npm run replay makes again, beside reading the events in order.',
  run,
});
