import { chown, lstat, mkdir, readdir, realpath, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { PostgresFolderForeign, PostgresFolderUnusable } from './faults.ts';
import { type Account, hasCode, isMissing } from './files.ts';
import { prepareLock } from './token-lock.ts';

/** Where the embedded server keeps what it has: `<DATA_DIR>/postgres`. Everything durable is `cluster` and `passwords`. */
export interface DataFolder {
  readonly root: string;
  /** PGDATA; belongs to the account that the server runs as, mode 0700. */
  readonly cluster: string;
  /** The server's and the watchdog's lines; no statement and no value stands in them. */
  readonly log: string;
  readonly leases: string;
  readonly lock: string;
  /** Random passwords of the three roles, mode 0600. */
  readonly passwords: string;
  /** What must be the same after a restart (port, socket folder), and who watches. Its mtime is the watchdog's heartbeat. */
  readonly instance: string;
  /** A copy of npm's binaries, when the server cannot use them where they lie. */
  readonly runtime: string;
  /** Whom new files are given to: the owner of DATA_DIR when root works in another user's folder. */
  readonly owner: Account | undefined;
}

/** Names the parts of a data folder that need not exist; touches nothing. */
export function dataFolder(dataDir: string, owner?: Account): DataFolder {
  const root = `${resolve(dataDir)}/postgres`;
  return {
    root,
    cluster: `${root}/cluster`,
    log: `${root}/server.log`,
    leases: `${root}/leases`,
    lock: `${root}/lock`,
    passwords: `${root}/passwords.json`,
    instance: `${root}/instance.json`,
    runtime: `${root}/runtime`,
    owner,
  };
}

/**
 * Makes what a data folder needs around the cluster.
 * @throws PostgresFolderForeign when this user may not write there, PostgresFolderUnusable when nobody may or it is no folder.
 */
export async function prepareDataFolder(dataDir: string): Promise<DataFolder> {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    const owner = await ownerFor(dataDir);
    const folder = dataFolder(await realpath(dataDir), owner);
    // The server's account has no business in here but to pass through, where the binaries are copied to `runtime`.
    await mkdir(folder.root, { recursive: true, mode: isRoot() ? 0o711 : 0o700 });
    await mkdir(folder.leases, { recursive: true, mode: 0o700 });
    await prepareLock(folder.lock);
    if (owner !== undefined) {
      for (const path of [folder.root, folder.leases, folder.lock]) await chown(path, owner.uid, owner.gid);
    }
    await refuseForeignCluster(folder);
    return folder;
  } catch (error) {
    if (hasCode(error, 'EACCES', 'EPERM')) throw new PostgresFolderForeign(resolve(dataDir), error);
    if (hasCode(error, 'EEXIST', 'ENOTDIR', 'EROFS', 'ENOSPC'))
      throw new PostgresFolderUnusable(resolve(dataDir), error);
    throw error;
  }
}

export function isRoot(): boolean {
  return process.geteuid?.() === 0;
}

/** Whether a path is there; a link that leads nowhere counts. */
export async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

async function ownerFor(dataDir: string): Promise<Account | undefined> {
  if (!isRoot()) return undefined;
  const { uid, gid } = await stat(dataDir);
  return uid === 0 ? undefined : { uid, gid };
}

async function refuseForeignCluster(folder: DataFolder): Promise<void> {
  if (isRoot() || !(await exists(folder.cluster))) return;
  if ((await stat(folder.cluster)).uid !== process.geteuid?.()) throw new PostgresFolderForeign(folder.cluster);
  await readdir(folder.cluster);
}
