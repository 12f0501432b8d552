import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { madeBundles } from './import/made-bundles.ts';
import type { Filling } from './rebuild/rebuild-child.ts';
import { startChild } from './support/child.ts';
import { type Bench, bench } from './support/program.ts';
import { type Round, runContest } from './support/rounds.ts';
import { openBenchServer } from './support/server.ts';

/**
 * How many events a second a rebuild of all read tables goes through: half of them accesses, the others a history of records, people and
 * consents. The projector of the same process stands by, as when an operator rebuilds beside a running one.
 *
 * subject   `rebuild`: reads the ledger, opens retained parts, folds, writes tables beside the live ones, swaps them in
 * baseline  the same rows, computed beforehand, inserted in batches of 500 into tables with the same indexes
 * ceiling   the same rows by COPY
 */
async function run(of: Bench) {
  const filling: Omit<Filling, 'files'> = of.quick
    ? { residents: 100, accesses: 4_000 }
    : { residents: 500, accesses: 30_000 };
  const server = await openBenchServer(of);
  const folder = await mkdtemp(join(tmpdir(), 'hrl-bench-rebuild-'));
  of.defer(() => rm(folder, { recursive: true, force: true }));
  const { files } = await madeBundles(join(folder, 'bundles'), 'bench', of.quick ? 12 : 100);
  const { environment } = await server.newDatabase();
  const child = startChild(of, new URL('./rebuild/rebuild-child.ts', import.meta.url), environment);
  const events = await child.ask('fill', { ...filling, files } satisfies Filling);
  of.talk(`${events} events`);
  const round = (name: 'rebuild' | 'insert' | 'copy') => async () => (await child.ask(name)) as Round;
  const contest = { callers: 1, subject: round('rebuild'), baseline: round('insert'), ceiling: round('copy') };
  const row = await runContest(contest, of.rounds, of.talk);
  const differing = await child.ask('differing');
  if (differing !== 0) throw new Error(`${differing} tables differ from what the ledger says`);
  of.talk('the live tables equal a rebuild, row by row');
  return { rows: [row], postgres: server.version };
}

await bench({
  name: 'rebuild',
  description: 'Events a second of a rebuild of all read tables, against their rows inserted plainly and by COPY.',
  run,
});
