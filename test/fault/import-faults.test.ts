import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { importBundles } from '../../src/app/import/bundles.ts';
import { answersOf, startNodeProcess } from '../support/node-process.ts';
import { CLEAN, verdictOn } from '../support/people.ts';
import { SIZES } from '../support/sizes.ts';
import { openTestNode, type TestNode } from '../support/test-node.ts';
import type { Imported, Importing } from './importing.ts';
import { bundleFiles, leavesOf, PRESENT, titled } from './synthea.ts';

/** On fresh ledgers, whatever happens to the import, residents' streams end with the same number of leaves. */
describe.skipIf(!PRESENT)(titled('the Synthea bundles, imported under difficulties', SIZES.disturbedBundles), () => {
  const nodes: TestNode[] = [];
  let files: string[];
  /** Of a ledger into which they were imported undisturbed. */
  let leaves: { readonly all: number; readonly residents: number };
  const fresh = async (): Promise<TestNode> => {
    const node = await openTestNode({ project: false });
    nodes.push(node);
    return node;
  };
  const load = (node: TestNode) => importBundles(node.app, node.local('import'), { files });
  const start = (node: TestNode, task: Importing) => startNodeProcess('fault/importing.ts', node.config, task);

  beforeAll(async () => {
    files = bundleFiles(SIZES.disturbedBundles);
    const node = await fresh();
    await load(node);
    leaves = await leavesOf(node);
    await node.close();
    nodes.length = 0;
  }, 600_000);
  afterEach(async () => {
    for (const node of nodes.splice(0)) await node.close();
  });

  it('by two importers at once, in opposite orders: nobody stands twice and both account for every entry', async () => {
    const node = await fresh();
    const orders = [files, [...files].reverse()];
    const reports = await Promise.all(orders.map((order) => answersOf<Imported>(start(node, { files: order }))));
    for (const report of reports) expect(report.at(-1)).toMatchObject({ addsUp: true, total: { left: 0 } });
    expect((await leavesOf(node)).residents).toBe(leaves.residents);
    await load(node);
    expect((await leavesOf(node)).residents).toBe(leaves.residents);
    expect(await verdictOn(node)).toMatchObject(CLEAN);
  }, 600_000);

  it('killed half-way, and then again: what was there stays, what lacked comes, and nothing twice', async () => {
    const node = await fresh();
    for (const stopAt of [1, Math.ceil(files.length / 2)]) {
      const importing = start(node, { files, parallel: 1 });
      for await (const line of importing.lines) {
        const said = line as Imported;
        // In the middle of the next file.
        if ('phase' in said && said.phase === 'residents' && said.files === stopAt + 1) {
          setTimeout(() => importing.child.kill('SIGKILL'), 20);
        }
      }
      expect(await importing.ended).toBeNull();
    }
    const { residents } = await leavesOf(node);
    expect(residents).toBeGreaterThan(0);
    expect(residents).toBeLessThan(leaves.residents);
    expect((await verdictOn(node)).verdict).toBe(CLEAN.verdict);

    // And once with many residents under way, at any moment: some of them in whole, the others not at all.
    const importing = start(node, { files });
    for await (const line of importing.lines) {
      const said = line as Imported;
      if ('phase' in said && said.phase === 'parties' && said.files === files.length) {
        setTimeout(() => importing.child.kill('SIGKILL'), 150);
      }
    }
    await importing.ended;
    expect((await verdictOn(node)).verdict).toBe(CLEAN.verdict);

    const report = await load(node);
    expect(report.addsUp()).toBe(true);
    expect((await leavesOf(node)).residents).toBe(leaves.residents);
    expect(await verdictOn(node)).toMatchObject(CLEAN);
  }, 600_000);
});
