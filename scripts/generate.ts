import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineCommand } from 'citty';
import { printCatalogue } from '../src/domain/print-catalogue.ts';
import { API_TABLES } from '../src/graphql/api-tables.ts';
import { printSdl } from '../src/graphql/schema.ts';
import { settingsTable } from '../src/settings.ts';
import { program, talk } from './cli.ts';

/** What is printed from the sources, committed, and reviewed in the diff: a whole file, or one marked section of a page. */
const PRINTED: readonly { readonly path: string; readonly section?: string; readonly print: () => string }[] = [
  { path: 'schema/events.json', print: printCatalogue },
  { path: 'schema/schema.graphql', print: printSdl },
  { path: 'README.md', section: 'settings', print: settingsTable },
  ...Object.entries(API_TABLES).map(([section, print]) => ({ path: 'docs/api.md', section, print })),
];

const PROJECT = fileURLToPath(new URL('..', import.meta.url));

/** The page with what stands between `<!-- name -->` and `<!-- /name -->` replaced. */
function withSection(page: string, name: string, text: string): string {
  const [open, close] = [`<!-- ${name} -->\n`, `<!-- /${name} -->`];
  const [from, to] = [page.indexOf(open), page.indexOf(close)];
  if (from < 0 || to < from) throw new Error(`a page has no section ${name}`);
  return `${page.slice(0, from + open.length)}${text}${page.slice(to)}`;
}

async function textOf(file: string): Promise<string | undefined> {
  return existsSync(file) ? readFile(file, 'utf8') : undefined;
}

/** Every printed file as it should be in that folder; a page that is not there yet begins as the project's. */
async function printedFiles(folder: string): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for (const { path, section, print } of PRINTED) {
    if (section === undefined) files.set(path, print());
    else {
      const page = files.get(path) ?? (await textOf(join(folder, path))) ?? (await textOf(join(PROJECT, path))) ?? '';
      files.set(path, withSection(page, section, print()));
    }
  }
  return files;
}

const command = defineCommand({
  meta: {
    name: 'npm run generate --',
    description:
      'Print what follows from the sources (event catalogue, GraphQL schema, tables of settings) into the files that are committed.',
  },
  args: {
    check: {
      type: 'boolean',
      description: 'Write nothing; exit 1 naming each file that is not as it would be printed',
    },
    into: {
      type: 'string',
      description: 'The folder to write to or compare with, instead of the project',
      valueHint: 'FOLDER',
    },
  },
  async run({ args }) {
    const folder = args.into ?? PROJECT;
    const stale: string[] = [];
    for (const [path, text] of await printedFiles(folder)) {
      const file = join(folder, path);
      if ((await textOf(file)) === text) continue;
      if (args.check) {
        stale.push(path);
      } else {
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, text);
        talk(`wrote ${path}`);
      }
    }
    if (stale.length === 0) return;
    process.exitCode = 1;
    for (const path of stale) talk(`stale: ${path} is not what the sources print`);
    talk('Next: npm run generate, read the diff, commit it');
  },
});

await program(command);
