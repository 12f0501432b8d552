import { defineCommand } from 'citty';
import { importPopulation } from '../src/app/import/population.ts';
import { readConfig } from '../src/config.ts';
import { logger } from '../src/log.ts';
import { openNode } from '../src/main.ts';
import { BadOption } from './bad-option.ts';
import { program } from './cli.ts';
import { progress } from './progress.ts';

await program(
  defineCommand({
    meta: {
      name: 'npm run seed --',
      description:
        'Bring a made-up population of a Chinese province into the ledger. The same seed and size give the same people; again, nothing is added, and what a stopped run left out is. Prints a summary as JSON.',
    },
    args: {
      residents: { type: 'string', description: 'How many people', default: '24', valueHint: 'N' },
      seed: { type: 'string', description: 'Which population', default: 'first', valueHint: 'TEXT' },
    },
    run: async ({ args }) => {
      if (!/^\d{1,7}$/.test(args.residents)) throw new BadOption('--residents', 'is not a whole number');
      const residents = Number(args.residents);
      const config = readConfig();
      const node = await openNode({ config, log: logger({ level: config.logLevel }), project: false });
      const bar = progress('residents', residents);
      try {
        const summary = await importPopulation(node.app, node.local('seed'), {
          seed: args.seed,
          residents,
          onProgress: bar.at,
        });
        bar.end();
        console.log(JSON.stringify(summary));
      } finally {
        bar.end();
        await node.close();
      }
    },
  }),
);
