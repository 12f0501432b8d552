import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** Why no file-size limit can be set here; undefined when one can. */
export function whyNoLimit(): string | undefined {
  if (process.platform !== 'linux') return 'needs prlimit, which Linux has';
  return spawnSync('prlimit', ['--version']).status === 0 ? undefined : 'there is no prlimit';
}

/**
 * Lets no file of a process and its children grow beyond so many bytes, as a full disk does: a write past it fails with EFBIG. Their later
 * children inherit it. `undefined` lifts it. A process that has ended meanwhile needs none.
 */
export function limitFileSize(pid: number, bytes: number | undefined): void {
  for (const one of [pid, ...childrenOf(pid)]) {
    const user = userOf(one);
    if (user === undefined) continue;
    // As the user whose process it is: root in a container may not do it to others.
    const as = process.geteuid?.() === 0 ? user : {};
    const set = spawnSync('prlimit', ['--pid', `${one}`, `--fsize=${bytes ?? 'unlimited'}:`], {
      encoding: 'utf8',
      ...as,
    });
    if (set.status !== 0 && userOf(one) !== undefined) throw new Error(`no limit for ${one}: ${set.stderr}`);
  }
}

/** Whose process it is; undefined when it has ended. */
function userOf(pid: number): { uid: number; gid: number } | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const id = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
    return /^State:\s+Z/m.test(status) ? undefined : { uid: id('Uid'), gid: id('Gid') };
  } catch {
    return undefined;
  }
}

function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((one) => {
      try {
        // pid (comm) state ppid: what stands behind the last bracket has no spaces of its own.
        const fields = readFileSync(`/proc/${one}/stat`, 'utf8').split(') ').at(-1)?.split(' ');
        return Number(fields?.[1]) === pid;
      } catch {
        return false;
      }
    });
}
