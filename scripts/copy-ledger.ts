import { defineCommand } from 'citty';
import { readBothEngines, readNoEngine } from '../src/config.ts';
import { abortCopy, copyLedger, type Stage } from '../src/copy-ledger.ts';
import { toBase64Url } from '../src/kernel/base64.ts';
import { logger } from '../src/log.ts';
import { BadOption } from './bad-option.ts';
import { program, talk } from './cli.ts';
import { progress } from './progress.ts';

const ENGINES = ['postgres', 'eventstore'] as const;
const engineOf = (name: string, given: string | undefined): (typeof ENGINES)[number] => {
  const engine = ENGINES.find((known) => known === given);
  if (engine === undefined) throw new BadOption(name, `is not one of ${ENGINES.join(', ')}`);
  return engine;
};

/** A bar for each stage that comes to something. */
function bars() {
  let bar: (ReturnType<typeof progress> & { readonly stage: Stage }) | undefined;
  const count = (events: bigint): number => parseInt(`${events}`, 10);
  return {
    at: (stage: Stage, events: bigint, of: bigint): void => {
      if (bar?.stage !== stage) {
        bar?.end();
        bar = { ...progress(`events ${stage}`, count(of)), stage };
      }
      bar.at(count(events));
    },
    end: (): void => bar?.end(),
  };
}

await program(
  defineCommand({
    meta: {
      name: 'npm run copy-ledger --',
      description:
        'Move the ledger of the database to the other engine: the same events in the same order, so the same tree root. Nobody can append meanwhile. ' +
        'Stopped at any moment, it goes on when called again. At the end every byte is compared, and from then on the ledger is where it was copied to. ' +
        'Needs EVENTSTORE_URL, and DATABASE_OWNER_URL beside DATABASE_URL; LEDGER_ENGINE is not looked at. Prints how many events there are, and the root.',
    },
    args: {
      from: { type: 'string', description: `Where the ledger is: ${ENGINES.join(' or ')}` },
      to: { type: 'string', description: 'Where it is to be: the other one' },
      abort: {
        type: 'boolean',
        description: 'Give a move up that was not finished: the ledger is used again where it was',
      },
      json: { type: 'boolean', description: 'Print one JSON document' },
    },
    run: async ({ args }) => {
      const print = (document: object, text: string): void =>
        console.log(args.json === true ? JSON.stringify(document) : text);
      if (args.abort === true) {
        if (args.from !== undefined || args.to !== undefined)
          throw new BadOption('--abort', 'was given with --from or --to', 'give one or the other');
        const config = readNoEngine();
        const home = await abortCopy(config, logger({ level: config.logLevel }));
        print({ aborted: true, engine: home }, `given up; the ledger is on ${home}, as before`);
        return;
      }
      const [from, to] = [engineOf('--from', args.from), engineOf('--to', args.to)];
      if (from === to) throw new BadOption('--to', 'is the same engine as --from');
      const config = readBothEngines();
      const bar = bars();
      try {
        const { events, copied, root, already } = await copyLedger({
          from,
          to,
          config,
          log: logger({ level: config.logLevel }),
          onProgress: bar.at,
        });
        bar.end();
        const printed = { from, to, events: events.toString(), copied: copied.toString(), root: toBase64Url(root) };
        print(
          { ...printed, ...(already ? { already } : {}) },
          `${already ? 'was moved before' : 'moved'} from ${from} to ${to}: ${events} events, root ${printed.root}`,
        );
        talk(
          `Next: start with LEDGER_ENGINE=${to}${to === 'eventstore' ? ' and EVENTSTORE_URL' : ', without EVENTSTORE_URL'}`,
        );
      } finally {
        bar.end();
      }
    },
  }),
);
