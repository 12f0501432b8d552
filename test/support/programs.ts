import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { embeddedStatus } from '../../src/postgres/embedded/status.ts';

/** The project's programs as a person runs them: processes of their own, known by what they print and how they end. */

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));

export interface Ended {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  stdout(): string;
  stderr(): string;
}

export type Settings = Readonly<Record<string, string>>;

/** Starts `scripts/<name>.ts`. Nothing of this process's settings reaches it, only those that are given. */
export function start(name: string, args: readonly string[], settings: Settings): Running {
  const child = spawn(process.execPath, ['--import', 'tsx', `scripts/${name}.ts`, ...args], {
    cwd: CHECKOUT,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, NO_COLOR: '1', LOG_LEVEL: 'info', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })));
  return { child, ended, stdout: () => stdout, stderr: () => stderr };
}

/** Runs a program to its end. */
export function run(name: string, args: readonly string[], settings: Settings): Promise<Ended> {
  return start(name, args, settings).ended;
}

export interface Served extends Running {
  /** Of the endpoint, as `ready <url>` says it. */
  readonly url: string;
  /** The answer of /health/live or /health/ready. */
  health(path: 'live' | 'ready'): Promise<{ readonly status: number; readonly body: unknown }>;
}

/** `npm start`, once its last line stands. Fails with what it said when it ends before. */
export async function serve(settings: Settings): Promise<Served> {
  const running = start('start', [], { PORT: '0', ...settings });
  const url = await new Promise<string>((resolve, reject) => {
    const look = (): void => {
      const ready = /^ready (\S+)\n/m.exec(running.stdout());
      if (ready?.[1] !== undefined) resolve(ready[1]);
    };
    running.child.stdout?.on('data', look);
    running.ended.then(({ code, stderr }) => reject(new Error(`it ended with ${code}: ${stderr}`)));
  });
  const health: Served['health'] = async (path) => {
    const response = await fetch(url.replace('/graphql', `/health/${path}`));
    return { status: response.status, body: await response.json() };
  };
  return { ...running, url, health };
}

/** A data folder of its own; `end` ends what still runs in it and removes it. */
export async function dataFolder(): Promise<{
  readonly dataDir: string;
  end(...left: readonly Running[]): Promise<void>;
}> {
  const home = await mkdtemp('/tmp/hrl-e2e-');
  const dataDir = `${home}/data`;
  return {
    dataDir,
    end: async (...left) => {
      for (const { child, ended } of left) {
        child.kill('SIGKILL');
        await ended;
      }
      // The watchdog sees that its folder is gone and takes the server with it.
      await rm(home, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

/** What runs for a data folder: those who hold its database, the database, its watchdog, and whoever names it (Linux). */
export async function runningIn(dataDir: string): Promise<string[]> {
  const { server, watchdog, holders } = await embeddedStatus(dataDir);
  return [
    ...holders.map(({ pid }) => `holder ${pid}`),
    ...(server === undefined ? [] : [`server ${server.pid}`]),
    ...(watchdog === undefined ? [] : [`watchdog ${watchdog}`]),
    ...commandsNaming(dataDir),
  ];
}

function commandsNaming(text: string): string[] {
  if (!existsSync('/proc')) return [];
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return [];
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      return command.includes(text) ? [`${pid} ${command}`] : [];
    } catch {
      return [];
    }
  });
}
