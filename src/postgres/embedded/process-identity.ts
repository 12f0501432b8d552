import { spawnSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** A process as no other one ever was: its pid with the instant it started. `text` is fit for a file name. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly text: string;
}

let own: ProcessIdentity | undefined;

export function ownIdentity(): ProcessIdentity {
  own ??= identityOf(process.pid) ?? { pid: process.pid, text: `${process.pid}.0` };
  return own;
}

/** The process that bears this pid now; undefined when there is none, or only its zombie. */
export function identityOf(pid: number): ProcessIdentity | undefined {
  const start = process.platform === 'linux' ? startOnLinux(pid) : startByPs(pid);
  return start === undefined ? undefined : { pid, text: `${pid}.${start}` };
}

/**
 * Whether the process that wrote this text still lives. A process that we may not look at (another user's, with /proc hidden)
 * counts as alive as long as its pid is taken: a late stop does no harm, an early one does.
 */
export function isAlive(text: string): boolean {
  const pid = Number(text.slice(0, text.indexOf('.')));
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  const now = identityOf(pid);
  return now === undefined ? false : now.text === text || now.text === `${pid}.hidden`;
}

/** Where pids mean something: this boot of this machine, this container. Two processes with other texts cannot see each other. */
export function pidNamespace(): string {
  return process.platform === 'linux' ? `${bootId()} ${readlinkSync('/proc/self/ns/pid')}` : hostname();
}

/** `<boot>-<clock ticks after boot>`: the ticks alone could come again after a reboot. */
function startOnLinux(pid: number): string | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return isTakenByAnother(pid) ? 'hidden' : undefined;
  }
  // The second field is the command in brackets and may hold anything, brackets and spaces too.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
  return `${bootId().slice(0, 8)}-${fields[19] ?? ''}`;
}

function startByPs(pid: number): string | undefined {
  const ps = spawnSync('ps', ['-o', 'stat=,lstart=', '-p', `${pid}`], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  });
  const [stat, ...start] = (ps.stdout ?? '').trim().split(/\s+/);
  return !stat || stat.startsWith('Z') ? undefined : start.join('-').replaceAll(':', '-');
}

function isTakenByAnother(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

let boot: string | undefined;

function bootId(): string {
  boot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return boot;
}
