import { type SpawnOptions, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { DataHandle } from './data-handle.ts';
import { PostgresCannotDropRoot } from './faults.ts';
import { type Account, hasCode } from './files.ts';

export interface ToolRun {
  /** The exit code; null when a signal ended it or it could not be run at all. */
  readonly code: number | null;
  /** What it printed on both channels, the last 4,000 characters. */
  readonly output: string;
}

export interface ToolOptions {
  readonly account: Account | undefined;
  /** The cluster that it works on, where it works on one. */
  readonly data?: DataHandle;
  readonly input?: string;
}

/**
 * Runs one of PostgreSQL's programs to its end. A program that cannot be executed is a run with code null, not an error.
 * @throws PostgresCannotDropRoot when the account cannot be taken.
 */
export async function runTool(file: string, args: readonly string[], options: ToolOptions): Promise<ToolRun> {
  const { account } = options;
  let output = '';
  try {
    const stdio: StdioOptions = ['pipe', 'pipe', 'pipe', ...(options.data?.inherit ?? [])];
    const child = spawn(file, args, { ...spawnAs(account), stdio });
    const keep = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-4_000);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    // It may end before it has read everything; its exit code tells.
    child.stdin?.on('error', () => {});
    child.stdin?.end(options.input ?? '');
    const [code] = await once(child, 'close');
    return { code, output: output.trim() };
  } catch (error) {
    // `spawn` throws for some reasons and emits the others.
    if (isRefusedAccount(error, account)) throw new PostgresCannotDropRoot(account.uid, error);
    return { code: null, output: error instanceof Error ? error.message : String(error) };
  }
}

/** The account, and an environment in which no PG* or LD_* variable of the caller changes what the program does. */
export function spawnAs(account: Account | undefined): SpawnOptions {
  return {
    ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
    cwd: '/',
    env: { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
  };
}

export function isRefusedAccount(error: unknown, account: Account | undefined): account is Account {
  return account !== undefined && hasCode(error, 'EPERM', 'EINVAL');
}
