import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
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

/** What a worker says of its share. */
type Said =
  | { readonly kind: 'at'; readonly events: number; readonly of: number | undefined }
  | { readonly kind: 'done'; readonly replayed: Replayed }
  | { readonly kind: 'fault'; readonly code: string; readonly message: string; readonly next: string | undefined };

/** A fault of a worker's, as it told it. */
class ShareFailed extends Fault {
  readonly code: string;

  constructor({ code, message, next }: Extract<Said, { kind: 'fault' }>) {
    super(message, next === undefined ? {} : { next });
    this.code = code;
  }
}

const open = (config: Config): Promise<Node> =>
  openNode({ config, log: logger({ level: config.logLevel }), audit: true });
const count = (events: bigint): number => parseInt(`${events}`, 10);

/** One share, in a thread of its own with connections and keys of its own. */
async function work(share: Share, say: (said: Said) => void): Promise<void> {
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
}

function inThread(share: Share, onProgress: (events: number, of: number | undefined) => void): Promise<Replayed> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: share });
    worker.on('message', (said: Said) => {
      if (said.kind === 'at') onProgress(said.events, said.of);
      else if (said.kind === 'done') resolve(said.replayed);
      else reject(new ShareFailed(said));
    });
    worker.on('error', reject);
    worker.on('exit', () => reject(new Error('a share of the replay ended without a word')));
  });
}

async function replay(threads: number): Promise<ReplayReport> {
  const config = readConfig();
  // Holds the database for all of them, and finds what is wrong with settings or keyring before they are started.
  const node = await open(config);
  let bar: ReturnType<typeof progress> | undefined;
  const at: number[] = Array.from({ length: threads }, () => 0);
  const shown = (share: number, events: number, of: number | undefined): void => {
    at[share] = events;
    bar ??= progress('events', of);
    bar.at(at.reduce((sum, one) => sum + one, 0));
  };
  try {
    const began = performance.now();
    const shares = Array.from({ length: threads }, (_, i) => i);
    const replayed =
      threads === 1
        ? await replayLedger(node.audit, {
            onProgress: (events, of) => shown(0, count(events), of === undefined ? of : count(of)),
          })
        : mergeReplayed(
            await Promise.all(
              shares.map((i) => inThread({ at: i, of: threads }, (events, of) => shown(i, events, of))),
            ),
            (a, b) => node.app.ledger.compare(node.app.ledger.parsePosition(a), node.app.ledger.parsePosition(b)),
          );
    return { ...replayed, threads, seconds: (performance.now() - began) / 1000 };
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
    threads: {
      type: 'string',
      description: 'Between how many threads the residents are shared; as many as there are processors unless told',
      valueHint: 'N',
    },
  },
  run: async ({ args }) => {
    try {
      const { threads = String(Math.min(8, availableParallelism())) } = args;
      if (!/^(?:[1-9]|[1-5]\d|6[0-4])$/.test(threads)) throw new BadOption('--threads', 'is not a number from 1 to 64');
      const report = await replay(Number(threads));
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

if (isMainThread) await program(command);
else {
  const say = (said: Said): void => parentPort?.postMessage(said);
  await work(workerData as Share, say).catch((error: unknown) => {
    if (!isFault(error)) throw error;
    say({ kind: 'fault', code: error.code, message: error.message, next: error.next });
  });
}
