import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { defineCommand } from 'citty';
import { program, talk } from '../scripts/cli.ts';
import { type BenchLine, barsOf } from './support/bars.ts';

/** Pictures of what benches said with `--json`, for docs/performance. */
await program(
  defineCommand({
    meta: {
      name: 'npm run bench:plot --',
      description: 'Draw what benches said with --json: FOLDER/append.svg and so on',
    },
    args: {
      to: { type: 'string', description: 'The folder to draw into', valueHint: 'FOLDER', default: 'docs/performance' },
      files: { type: 'positional', description: 'Files with one line of a bench each', required: true },
    },
    run: async ({ args }) => {
      for (const file of args._) {
        const line = JSON.parse(await readFile(file, 'utf8')) as BenchLine;
        const target = join(args.to, `${line.bench}.svg`);
        await writeFile(target, barsOf(line));
        talk(`${basename(file)} → ${target}`);
      }
    },
  }),
);
