import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isMissing, syncFolder } from '../../postgres/embedded/files.ts';
import { HeadsUnreadable, HeadsUnwritable } from './faults.ts';
import { parseSeen, printSeen, type Seen } from './seen.ts';

/** One file a ledger, so that one data folder may serve several. */
export const seenPath = (dataDir: string, origin: string): string =>
  join(dataDir, 'heads', `${encodeURIComponent(origin)}.seen`);

/** What was seen from this folder; undefined when nothing was. Throws `HeadsUnreadable`. */
export async function readSeen(path: string, origin: string): Promise<Seen | undefined> {
  try {
    const seen = parseSeen(await readFile(path, 'utf8'));
    if (seen.origin !== origin) throw new HeadsUnreadable(path, undefined);
    return seen;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error instanceof HeadsUnreadable ? error : new HeadsUnreadable(path, error);
  }
}

let written = 0;

/**
 * Whole and synced, file and folder, when it resolves. Stopped before the rename: what stood at the path stands, beside it at most a
 * stray `.new-…`. After it, before the folder is synced: one of the two stands after a power cut, both of them true of the ledger.
 * Throws `HeadsUnwritable`.
 */
export async function writeSeen(path: string, seen: Seen): Promise<void> {
  const fresh = `${path}.new-${process.pid}-${written++}`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    try {
      const file = await open(fresh, 'wx', 0o600);
      try {
        await file.writeFile(printSeen(seen));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(fresh, path);
    } finally {
      await rm(fresh, { force: true });
    }
    await syncFolder(dirname(path));
  } catch (error) {
    throw new HeadsUnwritable(path, error);
  }
}

const STRAY_MS = 60_000;

/** Takes away what processes that were stopped while they wrote have left. */
export async function sweepStrays(path: string): Promise<void> {
  const folder = dirname(path);
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((one) => one.startsWith(`${basename(path)}.new-`))) {
    const stray = join(folder, name);
    const { mtimeMs } = await stat(stray).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
    if (Date.now() - mtimeMs > STRAY_MS) await rm(stray, { force: true });
  }
}
