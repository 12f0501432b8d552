import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { identityOf } from '../../src/postgres/embedded/process-identity.ts';
import { embeddedStatus } from '../../src/postgres/embedded/status.ts';
import { openSql } from '../../src/postgres/pools.ts';

export const CHECKOUT = fileURLToPath(new URL('../../', import.meta.url)).replace(/\/$/, '');

/** What a process that opened the embedded database told of it. */
export interface Opened {
  readonly pid: number;
  readonly port: number;
  readonly socketFolder: string;
  readonly appUrl: string;
  readonly ownerUrl: string;
}

/** Another process with a lease, as a second command of the project is one. */
export interface HolderProcess {
  readonly process: ChildProcess;
  readonly opened: Opened;
  /** Lets it close in good order; resolves when it has ended. */
  close(): Promise<void>;
  /** kill -9. */
  kill(): Promise<void>;
}

export interface HolderOptions {
  /** Whose sources it runs; this checkout's unless told. */
  readonly checkout?: string;
  readonly spawn?: SpawnOptions;
}

const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

const script = (checkout: string, dataDir: string) => `
  import { openEmbedded } from ${JSON.stringify(pathToFileURL(`${checkout}/src/postgres/embedded/open.ts`).href)};
  const say = (word, value) => process.stdout.write(JSON.stringify([word, value]) + '\\n');
  try {
    const server = await openEmbedded({ dataDir: ${JSON.stringify(dataDir)}, log: (line) => say('log', line) });
    say('opened', { ...server, pid: server.pid });
    process.stdin.on('data', async () => { await server.close(); process.exit(0); });
  } catch (error) {
    say('failed', { code: error.code, message: error.message, next: error.next });
    process.exitCode = 1;
  }`;

/** Starts a process that opens the data folder; rejects with the fault's code and text when it cannot. */
export async function startHolder(dataDir: string, options: HolderOptions = {}): Promise<HolderProcess> {
  const source = script(options.checkout ?? CHECKOUT, dataDir);
  const child = spawn(process.execPath, ['--import', loader, '--input-type=module', '--eval', source], {
    cwd: '/',
    stdio: ['pipe', 'pipe', 'pipe'],
    ...options.spawn,
  });
  const ended = once(child, 'exit');
  let words = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    words += chunk.toString();
  });
  const opened = await new Promise<Opened>((resolve, reject) => {
    if (child.stdout === null) throw new Error('stdout is piped');
    createInterface(child.stdout).on('line', (line) => {
      const [word, value] = JSON.parse(line);
      if (word === 'opened') resolve(value);
      if (word === 'failed') reject(Object.assign(new Error(value.message), value));
    });
    ended.then(() => reject(new Error(`the process ended: ${words}`)));
  });
  return {
    process: child,
    opened,
    async close() {
      child.stdin?.write('close\n');
      await ended;
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Runs `action` in a new data folder and removes it, with whatever still runs in it. */
export async function inDataFolder<T>(action: (dataDir: string) => Promise<T>, mode = 0o700): Promise<T> {
  const home = await mkdtemp('/tmp/hrl-e2e-');
  try {
    await chmod(home, mode);
    return await action(`${home}/data`);
  } finally {
    const { server, watchdog } = await embeddedStatus(`${home}/data`);
    await rm(home, { recursive: true, force: true, maxRetries: 10 });
    // The watchdog sees that its folder is gone and takes the server with it.
    await until(async () => [server?.pid, watchdog].every((pid) => pid === undefined || !runs(pid)), 10_000);
  }
}

/** Whether the server at this address answers a query now. */
export async function answers(url: string): Promise<boolean> {
  const sql = openSql(url, { max: 1, applicationName: 'test' });
  try {
    return (await sql<{ n: number }[]>`select 1 as n`)[0]?.n === 1;
  } catch {
    return false;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** Looks every 20 ms until it holds. */
export async function until(holds: () => Promise<boolean> | boolean, patience = 20_000): Promise<void> {
  const deadline = performance.now() + patience;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`not within ${patience} ms: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Whether a process bears this pid; a zombie does not count. */
export function runs(pid: number): boolean {
  return identityOf(pid) !== undefined;
}
