import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Anchor } from './anchor.ts';
import { assertReplaceable, readAnchor, writeAnchor } from './anchor-file.ts';

const anchor = (size: bigint): Anchor => ({
  origin: 'health.example/110000',
  size,
  root: new Uint8Array(32),
  heads: new Map(),
});

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hrl-anchor-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("an anchor's file", () => {
  it('is read as it was written, and nothing else is left in its folder', async () => {
    const path = join(folder, 'anchor');
    await writeAnchor(path, anchor(3n), undefined);
    expect(await readAnchor(path)).toEqual(anchor(3n));
    expect(await readdir(folder)).toEqual(['anchor']);
  });

  it('is replaced only by who has compared the ledger with it', async () => {
    const path = join(folder, 'anchor');
    await writeAnchor(path, anchor(3n), undefined);
    const there = { code: 'anchor-file', message: expect.stringContaining('is there already') };
    await expect(assertReplaceable(path, undefined)).rejects.toMatchObject(there);
    await expect(writeAnchor(path, anchor(4n), join(folder, 'other'))).rejects.toMatchObject(there);
    expect(await readAnchor(path)).toEqual(anchor(3n));
    await assertReplaceable(path, path);
    await writeAnchor(path, anchor(4n), path);
    expect(await readAnchor(path)).toEqual(anchor(4n));
    expect(await readdir(folder)).toEqual(['anchor']);
  });

  it('that is not there, or is none, is told apart', async () => {
    await expect(readAnchor(join(folder, 'none'))).rejects.toMatchObject({ code: 'anchor-file' });
    await mkdir(join(folder, 'folder'));
    await expect(readAnchor(join(folder, 'folder'))).rejects.toMatchObject({ code: 'anchor-file' });
    await writeFile(join(folder, 'text'), 'hello\n');
    await expect(readAnchor(join(folder, 'text'))).rejects.toMatchObject({ code: 'malformed' });
  });

  it('is not written where there is no folder', async () => {
    const path = join(folder, 'no', 'anchor');
    await expect(writeAnchor(path, anchor(1n), undefined)).rejects.toMatchObject({ code: 'anchor-file' });
    await expect(readFile(path)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
