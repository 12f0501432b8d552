import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { PostgresLockTimeout } from './faults.ts';
import { isMissing } from './files.ts';
import { isAlive, ownIdentity } from './process-identity.ts';

/**
 * A lock between processes that outlives none of them. The folder holds exactly one file, the token, and the token's *name* is
 * its holder: `free`, or a process identity. Taking it is a rename from the name that was seen, which the file system does for
 * one of all who try; so a dead holder's token is taken over by one process only, and a late thief finds the name gone.
 */
const FREE = 'free';

/**
 * Runs `action` as the only one among all processes that name this folder (and among callers in this process).
 * If this process dies inside, the token bears a dead name, and the next one takes it: `action` must be safe to repeat.
 * @throws PostgresLockTimeout when a living holder keeps it for longer than `patience` milliseconds (ten minutes).
 */
export async function withLock<T>(folder: string, action: () => Promise<T>, patience = 600_000): Promise<T> {
  await prepareLock(folder);
  const mine = `${ownIdentity().text}.${randomBytes(6).toString('hex')}`;
  await take(folder, mine, patience);
  try {
    return await action();
  } finally {
    // The whole folder may have been removed meanwhile; then there is nothing to give back.
    await rename(`${folder}/${mine}`, `${folder}/${FREE}`).catch(ignoreMissing);
  }
}

async function take(folder: string, mine: string, patience: number): Promise<void> {
  const deadline = performance.now() + patience;
  for (;;) {
    // A scan may miss the token while it is being renamed; then there is nothing to try and we look again.
    const [token] = await readdir(folder);
    if (token !== undefined && (token === FREE || !isAlive(holderOf(token)))) {
      try {
        await rename(`${folder}/${token}`, `${folder}/${mine}`);
        return;
      } catch (error) {
        if (!isMissing(error)) throw error;
        continue;
      }
    }
    if (performance.now() > deadline) throw new PostgresLockTimeout(String(token?.split('.')[0]));
    await sleep(10 + Math.random() * 20);
  }
}

/** The folder comes into being with its token inside: renaming over one that has a token fails, so there is never a second. */
export async function prepareLock(folder: string): Promise<void> {
  const fresh = `${folder}.${randomBytes(6).toString('hex')}`;
  if (await exists(folder)) return;
  await mkdir(fresh, { mode: 0o700 });
  await writeFile(`${fresh}/${FREE}`, '', { mode: 0o600 });
  try {
    await rename(fresh, folder);
  } catch {
    await rm(fresh, { recursive: true, force: true });
  }
}

async function exists(folder: string): Promise<boolean> {
  try {
    await readdir(folder);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

function holderOf(token: string): string {
  return token.slice(0, token.lastIndexOf('.'));
}

function ignoreMissing(error: unknown): void {
  if (!isMissing(error)) throw error;
}
