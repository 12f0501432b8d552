import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { defineCommand } from 'citty';
import { importBundles } from '../src/app/import/bundles.ts';
import { readConfig } from '../src/config.ts';
import { resourceTableText } from '../src/fhir/resource-table.ts';
import { logger } from '../src/log.ts';
import { openNode } from '../src/main.ts';
import { BadOption } from './bad-option.ts';
import { program, talk } from './cli.ts';
import { progress } from './progress.ts';

async function filesOf(paths: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const path of paths) {
    const found = await stat(path).catch(() => undefined);
    if (found === undefined) throw new BadOption(path, 'is no file or folder', 'name files or folders that are there');
    if (!found.isDirectory()) files.push(path);
    else {
      const names = (await readdir(path)).filter((name) => /\.json(?:\.gz)?$/.test(name)).sort();
      files.push(...names.map((name) => join(path, name)));
    }
  }
  if (files.length === 0)
    throw new BadOption('no file', 'was named', 'name at least one .json or .json.gz file, or a folder of them');
  return files;
}

function partyKey(text: string | undefined) {
  if (text === undefined) return undefined;
  const cut = text.lastIndexOf('|');
  if (cut < 1 || cut === text.length - 1)
    throw new BadOption('--custodian', 'is not system|number', 'give --custodian as system|number');
  return { system: text.slice(0, cut), number: text.slice(cut + 1) };
}

await program(
  defineCommand({
    meta: {
      name: 'npm run import --',
      description:
        'Import FHIR R4 transaction bundles (.json, .json.gz; files or folders). Prints a report per resource type: ' +
        'entries = taken + already known + merged + left. Again, it adds only what is new. Exits 1 when a file could not be read.',
    },
    args: {
      files: { type: 'positional', required: false, description: 'Bundles, or folders of them', valueHint: '…' },
      source: { type: 'string', description: 'Source system of resources whose patient names none', valueHint: 'URI' },
      custodian: {
        type: 'string',
        description: 'Custodian of records that name no provider; a registered organisation',
        valueHint: 'system|number',
      },
      json: { type: 'boolean', description: 'Print the report as JSON' },
      table: { type: 'boolean', description: 'Print which resource type becomes which category and index, and stop' },
    },
    run: async ({ args }) => {
      if (args.table) {
        console.log(resourceTableText());
        return;
      }
      const files = await filesOf(args._);
      const config = readConfig();
      const node = await openNode({ config, log: logger({ level: config.logLevel }), project: false });
      try {
        const custodian = partyKey(args.custodian);
        let phase = '';
        let bar: ReturnType<typeof progress> | undefined;
        const report = await importBundles(node.app, node.local('import'), {
          files,
          ...(args.source === undefined ? {} : { source: args.source }),
          ...(custodian === undefined ? {} : { custodian }),
          onProgress: (done) => {
            if (done.phase !== phase) {
              bar?.end();
              phase = done.phase;
              bar = progress(phase === 'parties' ? 'reading   ' : 'importing ', files.length);
            }
            bar?.at(done.files);
          },
        });
        bar?.end();
        console.log(args.json ? JSON.stringify(report.json()) : report.text());
        // The message begins with the file's name and place.
        for (const { code, file, message } of report.failures()) talk(`${code}: ${dirname(file)}/${message}`);
        if (report.failures().length > 0) talk('Next: mend these files and import them again; what was taken is known');
        if (!report.addsUp())
          talk('report-wrong: the entries of a type are not all told\nNext: report this as a fault');
        if (report.failures().length > 0 || !report.addsUp()) process.exitCode = 1;
      } finally {
        await node.close();
      }
    },
  }),
);
