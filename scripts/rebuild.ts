import { defineCommand } from 'citty';
import { readConfig } from '../src/config.ts';
import { toBase64Url } from '../src/kernel/base64.ts';
import { logger } from '../src/log.ts';
import { openNode } from '../src/main.ts';
import { openSql } from '../src/postgres/pools.ts';
import { READ_MODELS } from '../src/projector/read-models.ts';
import { rebuild } from '../src/projector/rebuild.ts';
import { SettingInvalid } from '../src/settings.ts';
import { BadOption } from './bad-option.ts';
import { program } from './cli.ts';
import { progress } from './progress.ts';

await program(
  defineCommand({
    meta: {
      name: 'npm run rebuild --',
      description:
        'Make read tables anew from the events, beside the live ones, and swap them in. Nothing stops meanwhile. Prints what was rebuilt as JSON.',
    },
    args: {
      projection: { type: 'string', description: `Only this one: ${READ_MODELS.map(({ name }) => name).join(', ')}` },
    },
    run: async ({ args }) => {
      const projections = READ_MODELS.filter(({ name }) => args.projection === undefined || name === args.projection);
      if (projections.length === 0)
        throw new BadOption(
          '--projection',
          'is no read table',
          `name one of ${READ_MODELS.map(({ name }) => name).join(', ')}`,
        );
      const config = readConfig();
      const node = await openNode({ config, log: logger({ level: config.logLevel }), project: false });
      const count = (events: bigint): number => parseInt(events.toString(), 10);
      let bar: ReturnType<typeof progress> | undefined;
      try {
        if (node.ownerUrl === undefined) {
          throw new SettingInvalid(
            'DATABASE_OWNER_URL',
            'is needed: only the owner of the tables may swap them',
            'set it to the database’s URL as its owner',
          );
        }
        const ownerSql = openSql(node.ownerUrl, { max: 2, applicationName: 'hrl rebuild', statementTimeout: 0 });
        try {
          const { projections: done, events } = await rebuild({
            ownerSql,
            ledger: node.app.ledger,
            openRetained: node.app.openRetained,
            projections,
            owner: toBase64Url(node.app.entropy.bytes(16)),
            progress: (done, of) => {
              bar ??= progress('events', count(of));
              bar.at(count(done));
            },
          });
          bar?.end();
          bar = undefined;
          console.log(JSON.stringify({ rebuilt: done, events: events.toString() }));
        } finally {
          await ownerSql.end({ timeout: 5 });
        }
      } finally {
        bar?.end();
        await node.close();
      }
    },
  }),
);
