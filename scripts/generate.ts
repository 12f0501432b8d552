import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineCommand } from 'citty';
import { printCatalogue } from '../src/domain/print-catalogue.ts';
import { program, talk } from './cli.ts';

/** Every file that is printed from the sources, committed, and reviewed in the diff. */
const PRINTED: readonly { readonly path: string; readonly print: () => string }[] = [
  { path: 'schema/events.json', print: printCatalogue },
];

const PROJECT = fileURLToPath(new URL('..', import.meta.url));

const command = defineCommand({
  meta: {
    name: 'npm run generate --',
    description:
      'Prints what follows from the sources (the event catalogue) into the files that are committed beside them.',
  },
  args: {
    check: {
      type: 'boolean',
      description: 'Write nothing; exit 1 naming each file that is not as it would be printed.',
    },
    into: {
      type: 'string',
      description: 'The folder to write to or compare with, instead of the project.',
      valueHint: 'FOLDER',
    },
  },
  async run({ args }) {
    let stale = 0;
    for (const { path, print } of PRINTED) {
      const file = join(args.into ?? PROJECT, path);
      const text = print();
      if (existsSync(file) && (await readFile(file, 'utf8')) === text) continue;
      if (args.check) {
        stale += 1;
        talk(`${path} is not what the sources print: run npm run generate, look at the diff, and commit it.`);
      } else {
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, text);
        talk(`wrote ${path}`);
      }
    }
    if (stale > 0) process.exitCode = 1;
  },
});

await program(command);
