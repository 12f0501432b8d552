import { resolve } from 'node:path';
import { defineCommand } from 'citty';
import { assertReplaceable, readAnchor, writeAnchor } from '../src/audit/anchor-file.ts';
import { type CheckOptions, checkLedger } from '../src/audit/check-ledger.ts';
import { readSeen, seenPath } from '../src/audit/heads/seen-file.ts';
import { type Checked, verdictJson, verdictText } from '../src/audit/verdict.ts';
import { type Config, readConfig } from '../src/config.ts';
import { isFault } from '../src/kernel/fault.ts';
import { logger } from '../src/log.ts';
import { openNode } from '../src/main.ts';
import { tellFsck } from '../src/telemetry/program-metrics.ts';
import { program, talk } from './cli.ts';
import { progress } from './progress.ts';

async function check(config: Config, options: CheckOptions): Promise<Checked> {
  const node = await openNode({ config, log: logger({ level: config.logLevel }), audit: true });
  let bar: ReturnType<typeof progress> | undefined;
  const count = (events: bigint): number => parseInt(`${events}`, 10);
  try {
    return await checkLedger(node.audit, {
      ...options,
      onProgress: (events, of) => {
        bar ??= progress('events', of === undefined ? undefined : count(of));
        bar.at(count(events));
      },
    });
  } finally {
    bar?.end();
    await node.close();
  }
}

const pathOf = (given: string | undefined): string | undefined => (given === undefined ? undefined : resolve(given));

await program(
  defineCommand({
    meta: {
      name: 'npm run fsck --',
      description:
        'Re-read every event: formats, commitments, chains, order, sealed parts, conditions, heads, claims, contents; compare read tables with a rebuild, and the ledger with what was seen of it from DATA_DIR. ' +
        'Names the first wrong event and the kind of fault. Exits 0 only when all is well.',
    },
    args: {
      anchor: { type: 'string', description: 'Compare with an anchor kept outside the database', valueHint: 'FILE' },
      'write-anchor': {
        type: 'string',
        description: 'Write an anchor (size, root, head of every stream) when all is well',
        valueHint: 'FILE',
      },
      json: { type: 'boolean', description: 'Print one JSON document: the verdict, or why there is none' },
    },
    run: async ({ args }) => {
      const anchorPath = pathOf(args.anchor);
      const newPath = pathOf(args['write-anchor']);
      let metricsDir: string | undefined;
      try {
        const config = readConfig();
        metricsDir = config.metricsDir;
        // Before the ledger is read: what is seen of it meanwhile is none of what is compared.
        const here = await readSeen(seenPath(config.dataDir, config.origin), config.origin);
        const seen = here === undefined ? {} : { seen: here };
        const anchor = anchorPath === undefined ? {} : { anchor: await readAnchor(anchorPath) };
        if (newPath !== undefined) await assertReplaceable(newPath, anchorPath);
        const { anchor: now, ...verdict } = await check(config, { ...anchor, ...seen });
        await tellFsck(metricsDir, { broken: verdict.verdict === 'broken', events: verdict.events });
        if (newPath !== undefined && verdict.verdict !== 'broken') {
          await writeAnchor(newPath, now, anchorPath);
          talk("anchor written; keep it where the database's superuser cannot write");
        }
        console.log(args.json === true ? JSON.stringify(verdictJson(verdict)) : verdictText(verdict));
        if (verdict.verdict !== 'broken') return;
        process.exitCode = 1;
        talk('Next: keep the database as it is, and compare it with a backup');
      } catch (error) {
        await tellFsck(metricsDir, { error });
        if (args.json === true && isFault(error))
          console.log(JSON.stringify({ verdict: 'not checked', fault: { code: error.code, message: error.message } }));
        throw error;
      }
    },
  }),
);
