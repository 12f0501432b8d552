import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, copyFile, lstat, mkdir, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, relative } from 'node:path';
import { type Account, hasCode } from './files.ts';

/** What the server never opens: static libraries, build files, translations of messages. */
const LEFT_OUT = /\.a$|\/(?:pkgconfig|pgxs|locale|doc|man)$/;

/**
 * Makes the library links that the package's postinstall script would have made (npm may block it). Where the folder cannot be
 * written nothing happens, and the binaries then say themselves that a library is missing.
 */
export async function linkLibraries(native: string): Promise<void> {
  const text = await readFile(`${native}/pg-symlinks.json`, 'utf8').catch(() => '[]');
  const links = JSON.parse(text) as readonly { source: string; target: string }[];
  const root = dirname(native);
  for (const { source, target } of links) {
    const path = `${root}/${target}`;
    try {
      await symlink(relative(dirname(path), `${root}/${source}`), path);
    } catch (error) {
      if (!hasCode(error, 'EEXIST', 'EACCES', 'EPERM', 'EROFS')) throw error;
    }
  }
}

/**
 * Where a copy of the binaries may go, best first: beside the data if the account gets there, else a place that every account
 * can reach. Only the copy lies there, never data: it can be deleted at any time while the server is stopped.
 */
export async function runtimeHomes(beside: string, account: Account | undefined): Promise<readonly string[]> {
  if (account === undefined) return [beside];
  const shared = ['/var/cache', '/var/tmp', tmpdir()].map((home) => `${home}/health-record-ledger`);
  return (await canReach(dirname(beside), account)) ? [beside, ...shared] : shared;
}

/**
 * Copies the package's `native` folder, readable for all, and resolves to the copy; undefined where that cannot be done or the
 * place is not safely ours. A copy is complete or absent: it is made under another name and renamed.
 */
export async function copyRuntime(
  native: string,
  home: string,
  log: (line: string) => void,
): Promise<string | undefined> {
  try {
    const name = await nameOf(native);
    await mkdir(home, { recursive: true, mode: 0o755 });
    if (!(await isOurs(home))) return undefined;
    await chmod(home, 0o755);
    const copy = `${home}/${name}/native`;
    if (await isOurs(dirname(copy))) return copy;
    log(`copying the database's programs to ${home}`);
    const fresh = `${home}/.${name}.${randomBytes(6).toString('hex')}`;
    try {
      await copyReadable(native, `${fresh}/native`);
      await linkLibraries(`${fresh}/native`);
      await chmod(fresh, 0o755);
      await rename(fresh, dirname(copy)).catch((error: unknown) => {
        // Another process brought the same copy first.
        if (!hasCode(error, 'ENOTEMPTY', 'EEXIST')) throw error;
      });
    } finally {
      await rm(fresh, { recursive: true, force: true });
    }
    return copy;
  } catch (error) {
    if (!hasCode(error, 'EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'ENOENT', 'ENOTDIR', 'EEXIST')) throw error;
    log(`no copy of the database's programs in ${home}: ${String(error)}`);
    return undefined;
  }
}

async function nameOf(native: string): Promise<string> {
  const text = await readFile(`${dirname(native)}/package.json`, 'utf8');
  const { version } = JSON.parse(text) as { version: string };
  return `${basename(dirname(native))}-${version}`;
}

/** A folder (no link) of our own that nobody else may write: in a folder for all, anybody could have put one there before us. */
async function isOurs(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  return found?.isDirectory() === true && found.uid === process.geteuid?.() && (found.mode & 0o022) === 0;
}

async function copyReadable(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  await chmod(to, 0o755);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = `${from}/${entry.name}`;
    const target = `${to}/${entry.name}`;
    if (LEFT_OUT.test(source)) continue;
    if (entry.isDirectory()) await copyReadable(source, target);
    else if (entry.isFile()) {
      await copyFile(source, target, constants.COPYFILE_FICLONE);
      await chmod(target, ((await stat(source)).mode & 0o100) === 0 ? 0o644 : 0o755);
    }
  }
}

/** Whether an account may pass through every folder down to this one. Lists of rights are not asked: the copy is tried out anyway. */
async function canReach(path: string, account: Account): Promise<boolean> {
  const found = await stat(path);
  const bit = found.uid === account.uid ? 0o100 : found.gid === account.gid ? 0o010 : 0o001;
  return (found.mode & bit) !== 0 && (path === '/' || (await canReach(dirname(path), account)));
}
