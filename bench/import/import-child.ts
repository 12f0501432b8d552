import { importBundles } from '../../src/app/import/bundles.ts';
import type { Position } from '../../src/ledger/port.ts';
import { answerParent } from '../support/child.ts';
import type { Round } from '../support/rounds.ts';
import { openBenchNode } from '../support/server.ts';

/** The process that imports: a node on the database that each question names, opened before the clock starts and closed behind it. */
export interface ImportRound {
  readonly environment: Readonly<Record<string, string>>;
  readonly files: readonly string[];
  readonly parallel: number;
}

answerParent({
  import: async ({ environment, files, parallel }: ImportRound): Promise<Round> => {
    const node = await openBenchNode(environment, { project: false });
    try {
      // Not by the database: the ledger may be elsewhere.
      const count = async (after?: Position): Promise<number> => {
        let counted = 0;
        for await (const _event of node.app.ledger.readAll(after)) counted += 1;
        return counted;
      };
      const before = await node.app.ledger.end();
      const began = performance.now();
      const report = await importBundles(node.app, node.local('import'), { files, parallel });
      const seconds = (performance.now() - began) / 1000;
      const failures = report.failures().map(({ code }) => code);
      if (report.totals().left > 0 || !report.addsUp()) failures.push('entries were left');
      return { done: await count(before), seconds, latenciesMs: [], failures };
    } finally {
      await node.close();
    }
  },
  end: async () => {},
});
