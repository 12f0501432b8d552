import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { importPopulation } from '../src/app/import/population.ts';
import type { Config } from '../src/config.ts';
import type { Node } from '../src/main.ts';
import { progress } from './progress.ts';

export const FIRST_SEED = 'first';
/** Stands in `DATA_DIR` while the population is brought in, and says how large it is to become. */
const MARK = 'population-under-way';

/**
 * A ledger in which nobody is registered yet gets a small population, so that there is something to look at. One whose first start was
 * stopped in the middle of it gets the rest: nothing of it is taken twice.
 */
export async function firstPopulation(node: Node, config: Config): Promise<void> {
  const mark = join(config.dataDir, MARK);
  const residents = (await sizeUnderWay(mark)) ?? ((await node.hasResidents()) ? 0 : config.seedResidents);
  if (residents === 0) return;
  await mkdir(config.dataDir, { recursive: true });
  const file = await open(mark, 'w', 0o600);
  await file.writeFile(`${residents}\n`);
  await file.sync();
  await file.close();
  const bar = progress('making up residents', residents);
  try {
    await importPopulation(node.app, node.local('seed'), { seed: FIRST_SEED, residents, onProgress: bar.at });
  } finally {
    bar.end();
  }
  await rm(mark, { force: true });
}

/** Undefined when none is, or when the start was stopped before the size was written, and so before anybody was brought in. */
async function sizeUnderWay(mark: string): Promise<number | undefined> {
  const text = await readFile(mark, 'utf8').catch(() => '');
  return /^\d{1,6}\n$/.test(text) ? Number(text) : undefined;
}
