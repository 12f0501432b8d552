import { randomBytes } from 'node:crypto';
import { chown, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { type Account, isMissing } from './files.ts';
import { isAlive, ownIdentity } from './process-identity.ts';

/** "This process uses the server." The file's name is the process; it holds good exactly as long as that process lives. */
export interface Lease {
  /** Gives it back. Calling it twice does nothing more. */
  release(): Promise<void>;
}

/** Who holds a lease: for a person to read. */
export interface Holder {
  readonly pid: number;
  /** The script that was started, without its folder and arguments. */
  readonly command: string;
}

/** Writes a lease of this process. Call it under the lock: whoever stops the server looks for leases under the same lock. */
export async function takeLease(folder: string, owner?: Account): Promise<Lease> {
  const path = `${folder}/${ownIdentity().text}.${randomBytes(6).toString('hex')}`;
  await writeFile(path, basename(process.argv[1] ?? 'node'), { mode: 0o600, flag: 'wx' });
  if (owner !== undefined) await chown(path, owner.uid, owner.gid);
  return { release: () => rm(path, { force: true }) };
}

/** File names of the leases whose process lives. None when the folder is gone. */
export async function liveLeases(folder: string): Promise<readonly string[]> {
  return (await namesIn(folder)).filter(isLive);
}

/** Removes the leases that dead processes left. Call it under the lock. */
export async function sweepLeases(folder: string): Promise<void> {
  const dead = (await namesIn(folder)).filter((name) => !isLive(name));
  await Promise.all(dead.map((name) => rm(`${folder}/${name}`, { force: true })));
}

export async function holders(folder: string): Promise<readonly Holder[]> {
  const names = await liveLeases(folder);
  return Promise.all(
    names.map(async (name) => {
      const command = await readFile(`${folder}/${name}`, 'utf8').catch(() => '');
      return { pid: Number(name.slice(0, name.indexOf('.'))), command };
    }),
  );
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function isLive(name: string): boolean {
  return isAlive(name.slice(0, name.lastIndexOf('.')));
}
