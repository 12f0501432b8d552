import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { type Config, readConfig } from '../../src/config.ts';
import { logger } from '../../src/log.ts';
import { type Node, openNode } from '../../src/main.ts';

/** Another process of ours over a test node's database and keyring: what it is told, it hears as JSON lines, and so it answers. */
export interface NodeProcess {
  readonly child: ChildProcess;
  /** The lines that it prints, as they come, until it has ended. */
  readonly lines: AsyncIterable<unknown>;
  /** Its exit code; null when it was killed. */
  readonly ended: Promise<number | null>;
  tell(what: unknown): void;
}

/**
 * Starts a program of test/ under tsx. `config` names database, server of the ledger and keyring; migrations are the first node's. Its log
 * goes to `log.file` if that is given, a file descriptor, and is as talkative as `log.level` says. `more`: settings beside these.
 */
export function startNodeProcess(
  script: string,
  config: Config,
  task: unknown,
  log: { readonly file: number | 'inherit'; readonly level: string } = { file: 'inherit', level: 'silent' },
  more: Readonly<Record<string, string>> = {},
): NodeProcess {
  const settings = {
    NODE_ENV: 'test',
    LOG_LEVEL: log.level,
    DATA_DIR: config.dataDir,
    KEYRING_FILE: config.keyringFile,
    POOL_MAX: '8',
    ...(config.databaseUrl === undefined ? {} : { DATABASE_URL: config.databaseUrl }),
    ...eventStoreSettings(config),
    ...more,
  };
  const path = fileURLToPath(new URL(`../${script}`, import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', path], {
    cwd: fileURLToPath(new URL('../../', import.meta.url)),
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...settings },
    stdio: ['pipe', 'pipe', log.file],
  });
  // Both are pipes; with a third that may be a file, the types do not say so.
  const { stdin, stdout } = child as typeof child & { readonly stdin: Writable; readonly stdout: Readable };
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  // A test that is given up leaves nothing running.
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  ended.then(() => process.off('exit', kill));
  const tell = (what: unknown): void => void stdin.write(`${JSON.stringify(what)}\n`);
  // A process that was killed takes no more words.
  stdin.on('error', () => {});
  tell(task);
  return { child, lines: parsed(stdout), ended, tell };
}

function eventStoreSettings({ eventStore }: Config): Readonly<Record<string, string>> {
  if (eventStore === undefined) return {};
  return { LEDGER_ENGINE: 'eventstore', EVENTSTORE_URL: eventStore.url, EVENTSTORE_PREFIX: eventStore.prefix };
}

/** Everything that a process prints; throws when it does not end well. */
export async function answersOf<T>({ lines, ended }: NodeProcess): Promise<T[]> {
  const found: T[] = [];
  for await (const line of lines) found.push(line as T);
  const code = await ended;
  if (code !== 0) throw new Error(`the process ended with ${code}`);
  return found;
}

/** The other side: opens the node that the environment names and works on what is told, with the next lines at hand. */
export async function asNodeProcess<T>(
  work: (node: Node, task: T, next: () => Promise<unknown>) => Promise<void>,
  options: { readonly project: boolean } = { project: false },
): Promise<void> {
  const config = readConfig();
  const input = parsed(process.stdin);
  const next = async (): Promise<unknown> => (await input.next()).value;
  const task = (await next()) as T;
  const node = await openNode({ config, log: logger({ level: config.logLevel }), ...options });
  await work(node, task, next);
  await node.close();
  process.stdin.destroy();
}

export const answer = (what: unknown): void => void process.stdout.write(`${JSON.stringify(what)}\n`);

/** True in the process that was started with this module as its program. */
export const isProgram = (url: string): boolean => process.argv[1] === fileURLToPath(url);

/** Each line as what it says. Listening begins at once: readline drops lines that nobody listens to yet. */
function parsed(input: Readable): AsyncGenerator<unknown> {
  const lines = createInterface({ input })[Symbol.asyncIterator]();
  return (async function* () {
    for await (const line of lines) yield JSON.parse(line);
  })();
}
