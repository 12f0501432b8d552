import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** A user of the machine, as the file system knows one. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** Whether an error of the file system says that the path is not there. */
export function isMissing(error: unknown): boolean {
  return hasCode(error, 'ENOENT');
}

export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

/**
 * Writes a file that only its owner reads. When it resolves the content outlives a power cut; at any earlier stop the old
 * content (or absence) stands whole. `owner` is who it is for when root writes it for somebody else.
 */
export async function writePrivately(path: string, text: string, owner?: Account): Promise<void> {
  const fresh = `${path}.${process.pid}`;
  const file = await open(fresh, 'w', 0o600);
  try {
    await file.writeFile(text);
    if (owner !== undefined) await file.chown(owner.uid, owner.gid);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(fresh, path);
  await syncFolder(dirname(path));
}

/** Makes renames and creations in a folder outlive a power cut. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
