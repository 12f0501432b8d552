import { fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineCommand } from 'citty';
import { mergeReplayed } from '../src/audit/replay/merge.ts';
import { type Replayed, replayLedger } from '../src/audit/replay/replay.ts';
import { type ReplayReport, replayJson, replayText } from '../src/audit/replay/report.ts';
import { type Config, readConfig } from '../src/config.ts';
import { Fault, isFault } from '../src/kernel/fault.ts';
import type { Share } from '../src/ledger/stored.ts';
import { logger } from '../src/log.ts';
import { type Node, openNode } from '../src/main.ts';
import { BadOption } from './bad-option.ts';
import { program, talk } from './cli.ts';
import { progress } from './progress.ts';

/** What a process says of its share. */
type Said =
  | { readonly kind: 'at'; readonly events: number; readonly of: number | undefined }
  | { readonly kind: 'done'; readonly replayed: Replayed }
  | { readonly kind: 'fault'; readonly code: string; readonly message: string; readonly next: string | undefined };

/** A fault of a share's process, as it told it. */
class ShareFailed extends Fault {
  readonly code: string;

  constructor({ code, message, next }: Extract<Said, { kind: 'fault' }>) {
    super(message, next === undefined ? {} : { next });
    this.code = code;
  }
}

/** The argument under which this program is a share's process; nobody types it. */
const SHARE = 'as-a-share';
/** Half of what deciding allocates is gone after a page: with more room it dies young, and is not copied twice. */
const YOUNG = '--max-semi-space-size=64';

const open = (config: Config): Promise<Node> =>
  openNode({ config, log: logger({ level: config.logLevel }), audit: true });
const count = (events: bigint): number => parseInt(`${events}`, 10);

/** One share, in a process with connections and keys of its own, which ends with its parent. */
async function workAsShare(): Promise<void> {
  const say = (said: Said): void => void process.send?.(said);
  process.once('disconnect', () => process.exit(1));
  const [share] = (await once(process, 'message')) as [Share];
  try {
    const node = await open(readConfig());
    try {
      const replayed = await replayLedger(node.audit, {
        share,
        onProgress: (events, of) => say({ kind: 'at', events: count(events), of: of === undefined ? of : count(of) }),
      });
      say({ kind: 'done', replayed });
    } finally {
      await node.close();
    }
  } catch (error) {
    if (!isFault(error)) throw error;
    say({ kind: 'fault', code: error.code, message: error.message, next: error.next });
  } finally {
    process.removeAllListeners('disconnect');
    process.disconnect();
  }
}

function inProcess(share: Share, onProgress: (events: number, of: number | undefined) => void): Promise<Replayed> {
  const child = fork(fileURLToPath(import.meta.url), [SHARE], {
    execArgv: [...process.execArgv, YOUNG],
    serialization: 'advanced',
  });
  child.send(share);
  return new Promise((resolve, reject) => {
    child.on('message', (said: Said) => {
      if (said.kind === 'at') onProgress(said.events, said.of);
      else if (said.kind === 'done') resolve(said.replayed);
      else reject(new ShareFailed(said));
    });
    child.on('error', reject);
    child.on('exit', () => reject(new Error('a share of the replay ended without a word')));
  });
}

/** Starting a process takes as long as deciding some ten thousand times. */
const WORTH_SHARING = 100_000;

async function processesFor(node: Node): Promise<number> {
  const { size = 0n } = await node.audit.stored.asOfNow(async ({ end }) => ({ ...end }));
  return size < WORTH_SHARING ? 1 : Math.min(8, availableParallelism());
}

async function replay(asked: number | undefined): Promise<ReplayReport> {
  const config = readConfig();
  // Holds the database for all of them, and finds what is wrong with settings or keyring before they are started.
  const node = await open(config);
  let bar: ReturnType<typeof progress> | undefined;
  const at: number[] = [];
  const shown = (share: number, events: number, of: number | undefined): void => {
    at[share] = events;
    bar ??= progress('events', of);
    bar.at(at.reduce((sum, one = 0) => sum + one, 0));
  };
  try {
    const began = performance.now();
    const processes = asked ?? (await processesFor(node));
    const shares = Array.from({ length: processes }, (_, i) => i);
    const replayed =
      processes === 1
        ? await replayLedger(node.audit, {
            onProgress: (events, of) => shown(0, count(events), of === undefined ? of : count(of)),
          })
        : mergeReplayed(
            await Promise.all(
              shares.map((i) => inProcess({ at: i, of: processes }, (events, of) => shown(i, events, of))),
            ),
            (a, b) => node.app.ledger.compare(node.app.ledger.parsePosition(a), node.app.ledger.parsePosition(b)),
          );
    return { ...replayed, processes, seconds: (performance.now() - began) / 1000 };
  } finally {
    bar?.end();
    await node.close();
  }
}

const command = defineCommand({
  meta: {
    name: 'npm run replay --',
    description:
      'Decide everything again from the events: each access, consent, code, record, registration and policy, on the states that it saw. ' +
      'Names every recorded decision that does not follow, in codes only. Changes nothing. Exits 0 only when all follow.',
  },
  args: {
    json: { type: 'boolean', description: 'Print one JSON document: what was replayed, or why nothing was' },
    processes: {
      type: 'string',
      description:
        'Between how many processes the residents are shared; unless told, as many as there are processors (one, for a small ledger)',
      valueHint: 'N',
    },
  },
  run: async ({ args }) => {
    try {
      const { processes } = args;
      if (processes !== undefined && !/^(?:[1-9]|[1-5]\d|6[0-4])$/.test(processes))
        throw new BadOption('--processes', 'is not a number from 1 to 64');
      const report = await replay(processes === undefined ? undefined : Number(processes));
      console.log(args.json === true ? JSON.stringify(replayJson(report)) : replayText(report));
      if (report.found === 0) return;
      process.exitCode = 1;
      talk('Next: keep the database as it is, and run npm run fsck');
    } catch (error) {
      if (args.json === true && isFault(error))
        console.log(JSON.stringify({ verdict: 'not replayed', fault: { code: error.code, message: error.message } }));
      throw error;
    }
  },
});

if (process.argv[2] === SHARE && process.send !== undefined) await workAsShare();
else await program(command);
