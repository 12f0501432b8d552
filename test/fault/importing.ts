import { importBundles } from '../../src/app/import/bundles.ts';
import { answer, asNodeProcess, isProgram } from '../support/node-process.ts';

/** A process of its own that imports bundles, and says after each file how far it is (the tests of imports start several). */
export interface Importing {
  readonly files: readonly string[];
  readonly parallel?: number;
}
export type Imported =
  | { readonly files: number; readonly phase: 'parties' | 'residents' }
  | { readonly total: { readonly entries: number; readonly left: number }; readonly addsUp: boolean };

if (isProgram(import.meta.url)) {
  await asNodeProcess<Importing>(async (node, { files, parallel }) => {
    const report = await importBundles(node.app, node.local('import'), {
      files,
      onProgress: answer,
      ...(parallel === undefined ? {} : { parallel }),
    });
    answer({ total: report.totals(), addsUp: report.addsUp() } satisfies Imported);
  });
}
