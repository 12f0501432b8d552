import { link, lstat, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { Fault } from '../kernel/fault.ts';
import { type Anchor, parseAnchor, printAnchor } from './anchor.ts';

/** The anchor's file cannot be read, or was not written. Nothing was changed. */
export class AnchorFileFailed extends Fault {
  readonly code = 'anchor-file';
  readonly path: string;

  constructor(path: string, why: string, options: { next: string; cause?: unknown }) {
    super(`the anchor file ${path} ${why}`, options);
    this.path = path;
  }
}

/** Throws `AnchorFileFailed`, and `Malformed` for a file that is no anchor. */
export async function readAnchor(path: string): Promise<Anchor> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new AnchorFileFailed(path, 'cannot be read', { cause, next: 'name a file made with --write-anchor' });
  });
  return parseAnchor(text);
}

/**
 * An anchor that stands there is evidence: it is replaced only when the ledger is compared with it (`checkedAgainst`). Asked before a
 * long check, and again when the file is written. Throws `AnchorFileFailed`.
 */
export async function assertReplaceable(path: string, checkedAgainst: string | undefined): Promise<void> {
  if (path === checkedAgainst) return;
  const found = await lstat(path).catch(() => undefined);
  if (found !== undefined) throw isThere(path);
}

/**
 * Whole and synced when it resolves. Stopped before the last step: what stood at the path stands, beside it at most a stray `.new-…`.
 * Throws `AnchorFileFailed`.
 */
export async function writeAnchor(path: string, anchor: Anchor, checkedAgainst: string | undefined): Promise<void> {
  const fresh = `${path}.new-${process.pid}`;
  try {
    await writeFile(fresh, printAnchor(anchor), { mode: 0o644, flush: true });
    if (path === checkedAgainst) await rename(fresh, path);
    // Unlike a rename, a link fails when the name is taken.
    else await link(fresh, path);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') throw isThere(path);
    throw new AnchorFileFailed(path, 'was not written', { cause, next: 'choose a folder that this user may write' });
  } finally {
    await rm(fresh, { force: true });
  }
}

const isThere = (path: string): AnchorFileFailed =>
  new AnchorFileFailed(path, 'is there already', {
    next: `compare with it first, --anchor ${path}, or choose another name`,
  });
