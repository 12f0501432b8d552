import { importBundles } from '../../src/app/import/bundles.ts';
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
      const count = async () => (await node.sql<{ n: number }[]>`select count(*)::integer as n from events`)[0]?.n ?? 0;
      const before = await count();
      const began = performance.now();
      const report = await importBundles(node.app, node.local('import'), { files, parallel });
      const seconds = (performance.now() - began) / 1000;
      const failures = report.failures().map(({ code }) => code);
      if (report.totals().left > 0 || !report.addsUp()) failures.push('entries were left');
      return { done: (await count()) - before, seconds, latenciesMs: [], failures };
    } finally {
      await node.close();
    }
  },
  end: async () => {},
});
