import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BareRound } from './import/bare-child.ts';
import type { ImportRound } from './import/import-child.ts';
import { madeBundles } from './import/made-bundles.ts';
import { startChild } from './support/child.ts';
import { type BenchEventStore, openBenchEventStore } from './support/eventstore-server.ts';
import { type Bench, bench } from './support/program.ts';
import { type Round, type Row, runContest, type VoidRow } from './support/rounds.ts';
import { openBenchNode, openBenchServer } from './support/server.ts';
import { verifyEveryLeaf } from './support/verify.ts';

/**
 * How many events a second an import brings in. Every contender has an empty database in every round, and a process of its own; time counts from the
 * first file that is opened until the last event is durable. Read tables are not part of an import: `npm run import` keeps none.
 * `callers` are residents under way at once. Where Synthea's bundles lie beside the repository, the full run's last row is theirs.
 *
 * subject   `importBundles`: bundles of made-up people, some 200 events and 0.8 MB each, into one atomic append a person
 * baseline  the same rows (events, contents, claims, keys), made beforehand, inserted in batches of 500: no parsing, hash, seal,
 *           claim or condition
 * ceiling   the same rows by COPY
 *
 * With `--engine eventstore`, on the server that EVENTSTORE_URL names:
 * subject   the same import
 * baseline  the same events by the bare client, in large appends (import/bare-child.ts)
 */
const PARALLEL = [1, 8];
const WARM_UP = 4;
const SYNTHEA = fileURLToPath(new URL('../../shared/data/synthea/', import.meta.url));

/** None where the folder is not there. */
async function syntheaFiles(): Promise<readonly string[]> {
  const names = await readdir(SYNTHEA).catch(() => []);
  return names
    .filter((name) => name.endsWith('.json.gz'))
    .sort()
    .map((name) => join(SYNTHEA, name));
}

function bareRound(eventStore: BenchEventStore, parallel: number): BareRound {
  const { EVENTSTORE_URL: url, EVENTSTORE_PREFIX: prefix } = eventStore.newLedger();
  return { url, prefix, parallel };
}

async function run(of: Bench) {
  const people = of.quick ? 24 : 60;
  const eventStore = of.engine === 'eventstore' ? await openBenchEventStore() : undefined;
  const server = await openBenchServer(of);
  const folder = await mkdtemp(join(tmpdir(), 'hrl-bench-import-'));
  of.defer(() => rm(folder, { recursive: true, force: true }));
  const { files, bytes } = await madeBundles(join(folder, 'bundles'), 'bench', people);
  of.talk(`${people} bundles, ${(bytes / 1e6).toFixed(0)} MB`);

  const importing = startChild(of, new URL('./import/import-child.ts', import.meta.url), {});
  const plain = startChild(of, new URL('./import/plain-child.ts', import.meta.url), {});
  const bare = startChild(of, new URL('./import/bare-child.ts', import.meta.url), {});
  const importInto = async (round: Omit<ImportRound, 'environment'>) => {
    const made = await server.newDatabase();
    const database = { ...made, environment: { ...made.environment, ...eventStore?.newLedger() } };
    return { database, round: (await importing.ask('import', { ...round, ...database })) as Round };
  };
  await importInto({ files: files.slice(0, WARM_UP), parallel: 8 });

  const synthea = of.quick ? [] : await syntheaFiles();
  const contests = [
    ...(of.quick ? PARALLEL.slice(-1) : PARALLEL).map((parallel) => ({ files, parallel })),
    ...(synthea.length === 0 ? [] : [{ files: synthea, parallel: 8 }]),
  ];
  const rows: (Row | VoidRow)[] = [];
  let loaded: readonly string[] | undefined;
  let last: Awaited<ReturnType<typeof importInto>>['database'] | undefined;
  for (const { files: wanted, parallel } of contests) {
    if (loaded !== wanted) {
      of.talk(wanted === files ? 'made bundles' : `${wanted.length} bundles of Synthea`);
      const { database } = await importInto({ files: wanted, parallel: 8 });
      await (eventStore === undefined ? plain.ask('load', database.url) : bare.ask('load', database.environment));
      loaded = wanted;
    }
    const contest = {
      callers: parallel,
      subject: async () => {
        const { database, round } = await importInto({ files: wanted, parallel });
        last = database;
        return round;
      },
      ...(eventStore === undefined
        ? {
            baseline: async () => (await plain.ask('insert', (await server.newDatabase()).url)) as Round,
            ceiling: async () => (await plain.ask('copy', (await server.newDatabase()).url)) as Round,
          }
        : { baseline: async () => (await bare.ask('append', bareRound(eventStore, parallel))) as Round }),
    };
    rows.push(await runContest(contest, of.rounds, of.talk));
  }
  if (last === undefined) throw new Error('nothing was imported');
  const node = await openBenchNode(last.environment, { project: false });
  of.defer(() => node.close());
  await verifyEveryLeaf(node, of.talk);
  return {
    rows,
    postgres: server.version,
    ...(eventStore === undefined ? {} : { eventStore: eventStore.version }),
  };
}

await bench({
  name: 'import',
  engines: true,
  description:
    'Events a second of an import of bundles, against the same rows inserted plainly and by COPY, or the bare client.',
  run,
});
