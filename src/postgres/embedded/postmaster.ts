import { spawnSync } from 'node:child_process';
import { constants, readFileSync } from 'node:fs';
import { open, readFile, stat } from 'node:fs/promises';
import type { DataFolder } from './data-folder.ts';
import { isMissing } from './files.ts';
import { readInstance } from './instance.ts';
import { identityOf } from './process-identity.ts';

/** The living server of a data folder. */
export interface Postmaster {
  readonly pid: number;
  /** The process identity, to tell it from a later one with its pid. */
  readonly text: string;
  /** As the server itself says in `postmaster.pid`. */
  readonly status: 'starting' | 'ready' | 'stopping';
}

/** Above every pid that a system gives. */
const NO_PID = 2_147_483_646;

/**
 * The server that runs on this folder, whoever started it; undefined when there is none, also when `postmaster.pid` was left by
 * a dead one or its pid now belongs to something else.
 */
export async function findPostmaster(folder: DataFolder): Promise<Postmaster | undefined> {
  const lines = await readPidFile(folder);
  const pid = Number(lines?.[0]);
  const identity = Number.isSafeInteger(pid) && pid > 0 ? identityOf(pid) : undefined;
  if (lines === undefined || identity === undefined || !(await isOurs(pid, folder))) return undefined;
  const status = lines[7]?.trim();
  return { ...identity, status: status === 'ready' || status === 'stopping' ? status : 'starting' };
}

/**
 * Repairs a `postmaster.pid` whose pid went to some other program: the server would take that program for its twin and refuse.
 * Only the pid is replaced. The rest stays, by which the server finds out itself whether children of the dead one still run.
 * Resolves to whether there was something to repair.
 */
export async function repairPidFile(folder: DataFolder): Promise<boolean> {
  const lines = await readPidFile(folder);
  const pid = Number(lines?.[0]);
  if (lines === undefined || !(pid > 0) || identityOf(pid) === undefined || (await isOurs(pid, folder))) return false;
  // The folder is the account's, and root may be writing: no link is followed.
  const flags = constants.O_WRONLY | constants.O_TRUNC | constants.O_NOFOLLOW;
  const file = await open(`${folder.cluster}/postmaster.pid`, flags);
  try {
    await file.writeFile([NO_PID, ...lines.slice(1)].join('\n'));
  } finally {
    await file.close();
  }
  return true;
}

async function readPidFile(folder: DataFolder): Promise<readonly string[] | undefined> {
  try {
    return (await readFile(`${folder.cluster}/postmaster.pid`, 'utf8')).split('\n');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/**
 * Whether a process is this folder's server: it belongs to the cluster's owner and its command line names our socket folder.
 * `postmaster.pid` alone must not tell root whom to signal, since the server's account can write it; and where a process stands
 * (`/proc/<pid>/cwd`) root cannot see in a container without SYS_PTRACE.
 */
async function isOurs(pid: number, folder: DataFolder): Promise<boolean> {
  const instance = await readInstance(folder);
  const process = look(pid);
  if (instance === undefined || process === undefined) return false;
  const { uid } = await stat(folder.cluster);
  return process.uid === uid && process.command.includes(`unix_socket_directories=${instance.socketFolder}`);
}

function look(pid: number): { uid: number; command: string } | undefined {
  if (process.platform !== 'linux') {
    const ps = spawnSync('ps', ['-ww', '-o', 'uid=,command=', '-p', `${pid}`], { encoding: 'utf8' });
    const [, uid, command] = /^\s*(\d+)\s+(.*)$/s.exec(ps.stdout ?? '') ?? [];
    return uid === undefined || command === undefined ? undefined : { uid: Number(uid), command };
  }
  try {
    const uid = /^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return { uid: Number(uid), command: readFileSync(`/proc/${pid}/cmdline`, 'utf8') };
  } catch {
    return undefined;
  }
}
