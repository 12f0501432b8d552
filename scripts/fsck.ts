import { readFile, writeFile } from 'node:fs/promises';
import { defineCommand } from 'citty';
import { parseAnchor, printAnchor } from '../src/audit/anchor.ts';
import { ledgerChecker } from '../src/audit/check-ledger.ts';
import { readConfig } from '../src/config.ts';
import { Malformed } from '../src/kernel/fault.ts';
import { logger } from '../src/log.ts';
import { openNode } from '../src/main.ts';
import { program, talk } from './cli.ts';
import { progress } from './progress.ts';

async function anchorOf(path: string) {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) throw new Malformed(path, 'there is no such anchor; write one with --write-anchor FILE');
  return parseAnchor(text);
}

await program(
  defineCommand({
    meta: {
      name: 'npm run fsck --',
      description:
        'Re-read every event: formats, commitments, chains, order, sealed parts, conditions, heads; compare read tables with a rebuild. ' +
        'Names the first wrong event and the kind of fault. Exits 0 only when all is well.',
    },
    args: {
      anchor: { type: 'string', description: 'Compare with an anchor kept outside the database', valueHint: 'FILE' },
      'write-anchor': {
        type: 'string',
        description: 'Write an anchor: size, root, head of every stream',
        valueHint: 'FILE',
      },
      json: { type: 'boolean', description: 'Print the verdict as JSON' },
    },
    run: async ({ args }) => {
      const anchor = args.anchor === undefined ? undefined : await anchorOf(args.anchor);
      const config = readConfig();
      const node = await openNode({ config, log: logger({ level: config.logLevel }), audit: true });
      const bar = progress('events', undefined);
      try {
        const checker = ledgerChecker(node.audit);
        const { anchor: now, ...verdict } = await checker.finish({
          ...(anchor === undefined ? {} : { anchor }),
          onProgress: (events) => bar.at(parseInt(events.toString(), 10)),
        });
        bar.end();
        const { finding } = verdict;
        if (args.json) console.log(JSON.stringify({ ...verdict, events: verdict.events.toString() }));
        else {
          console.log(
            `${verdict.verdict}: ${verdict.events} events in ${verdict.streams} streams, root ${verdict.root}`,
          );
          if (finding !== undefined) {
            const { kind, detail, ...where } = finding;
            console.log(
              `${kind}: ${detail}${Object.entries(where)
                .map(([name, value]) => `\n  ${name} ${value}`)
                .join('')}`,
            );
          }
        }
        if (verdict.verdict === 'broken') {
          process.exitCode = 1;
          talk('Next: keep the database as it is, and compare it with a backup');
        } else if (args['write-anchor'] !== undefined) {
          await writeFile(args['write-anchor'], printAnchor(now), { mode: 0o644 });
          talk(`anchor written; keep it where the database's superuser cannot write`);
        }
      } finally {
        bar.end();
        await node.close();
      }
    },
  }),
);
