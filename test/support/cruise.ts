import { cruise, type ICruiseResult } from 'dependency-cruiser';
import { FORBIDDEN } from './import-rules.ts';

export interface Cruised {
  readonly modules: readonly string[];
  /** `<rule>: <from> → <to>`, sorted. */
  readonly violations: readonly string[];
}

/** Reads the imports below the given folders of `root` and judges them by the house's rules. */
export async function cruiseTree(root: string, folders: readonly string[]): Promise<Cruised> {
  const { output } = await cruise(
    [...folders],
    {
      baseDir: root,
      validate: true,
      ruleSet: { forbidden: FORBIDDEN },
      tsPreCompilationDeps: true,
      doNotFollow: { path: 'node_modules' },
    },
    {
      extensions: ['.ts', '.js', '.cjs', '.mjs', '.json'],
      conditionNames: ['import', 'types', 'node', 'default'],
      exportsFields: ['exports'],
    },
  );
  if (typeof output === 'string') throw new Error('dependency-cruiser answered with text');
  return { modules: output.modules.map((module) => module.source), violations: described(output) };
}

function described(result: ICruiseResult): string[] {
  return result.summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`).sort();
}
