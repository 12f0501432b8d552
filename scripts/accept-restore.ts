import { defineCommand } from 'citty';
import { readConfig } from '../src/config.ts';
import { logger } from '../src/log.ts';
import { openNode } from '../src/main.ts';
import { BadOption } from './bad-option.ts';
import { program, talk } from './cli.ts';

await program(
  defineCommand({
    meta: {
      name: 'npm run accept-restore --',
      description:
        'Go on with a database that lacks what was seen of its ledger from DATA_DIR, such as one restored from a backup. What was expected, what was ' +
        'found and the reason are recorded in the ledger. Does nothing where nothing is lacking. Prints what was accepted as JSON.',
    },
    args: {
      reason: {
        type: 'string',
        required: true,
        description: 'Why, 1 to 500 letters. It stays in the ledger and may be published: name no person',
        valueHint: 'TEXT',
      },
    },
    run: async ({ args }) => {
      const { reason } = args;
      if (reason.length < 1 || reason.length > 500 || !reason.isWellFormed() || reason.includes('\0')) {
        throw new BadOption('--reason', 'is not 1 to 500 letters');
      }
      const config = readConfig();
      const log = logger({ level: config.logLevel });
      const node = await openNode({ config, log, project: false, acceptRestored: { reason } });
      try {
        const { accepted } = node;
        if (accepted === undefined) talk('nothing is lacking: the database has all that was seen of it from here');
        const { expected, found } = accepted ?? {};
        console.log(
          JSON.stringify({
            accepted: accepted !== undefined,
            ...(expected === undefined ? {} : { expected: expected.size.toString() }),
            ...(accepted === undefined ? {} : { found: (found?.size ?? 0n).toString() }),
          }),
        );
      } finally {
        await node.close();
      }
    },
  }),
);
