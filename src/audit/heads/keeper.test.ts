import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Bytes } from '../../kernel/bytes.ts';
import type { LedgerTail } from '../../ledger/tail.ts';
import { findLacking, type HeadsKeeper, keepHeads } from './keeper.ts';
import { seenPath } from './seen-file.ts';

const ORIGIN = 'health.example/110000';
const leaf = (n: number): Bytes => new Uint8Array(32).fill(n);

/** A ledger in memory, of which every event is durable at once, and which may be exchanged for another one. */
let leaves: Bytes[];
const tail: LedgerTail = {
  look: async (size) => {
    const last = leaves.at(-1);
    return {
      last: last && { size: BigInt(leaves.length), leaf: last },
      at: leaves[Number.parseInt(`${size - 1n}`, 10)],
    };
  },
};

let dataDir: string;
let keeper: HeadsKeeper | undefined;
let reports: unknown[];
const path = (): string => seenPath(dataDir, ORIGIN);
const keep = async (everyMs = 5): Promise<void> => {
  keeper = await keepHeads({ dataDir, origin: ORIGIN, tail }, { report: (error) => reports.push(error), everyMs });
};
const lacking = () => findLacking({ dataDir, origin: ORIGIN, tail });
const sizeKept = async (): Promise<string | undefined> => (await readFile(path(), 'utf8')).split('\n')[2];
/** Until it holds: ticks are every 5 ms, and a machine may be slow. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 400 && !(await holds()); i++) await sleep(5);
  expect(await holds()).toBe(true);
}

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'hrl-heads-'));
  leaves = [1, 2, 3].map(leaf);
  reports = [];
});
afterEach(async () => {
  await keeper?.close();
  keeper = undefined;
  await rm(dataDir, { recursive: true, force: true });
});

describe('a data folder', () => {
  it('that has seen nothing lacks nothing, and writes nothing of an empty ledger', async () => {
    leaves = [];
    expect(await lacking()).toBeUndefined();
    await keep();
    await keeper?.close();
    await expect(readFile(path())).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('keeps what stands there at once, while it grows, and at the end', async () => {
    await keep();
    expect(await sizeKept()).toBe('3');
    leaves.push(leaf(4));
    await until(async () => (await sizeKept()) === '4');
    await keeper?.close();
    await keep(60_000);
    leaves.push(leaf(5));
    await keeper?.close();
    expect(await sizeKept()).toBe('5');
    expect((await stat(path())).mode & 0o777).toBe(0o600);
    expect(await lacking()).toBeUndefined();
  });

  it('is not written while nothing grows', async () => {
    await keep();
    await utimes(path(), 1, 1);
    await sleep(50);
    expect((await stat(path())).mtimeMs).toBe(1000);
  });

  it('tells what an older and another database lack', async () => {
    await keep();
    await keeper?.close();
    leaves = leaves.slice(0, 2);
    expect(await lacking()).toMatchObject({ expected: { size: 3n }, found: { size: 2n } });
    leaves = [1, 2, 9, 10].map(leaf);
    expect((await lacking())?.fault).toMatchObject({ code: 'database-restored', seen: 3n, found: 4n });
    leaves = [];
    expect((await lacking())?.fault).toMatchObject({ code: 'database-restored', found: 0n });
  });

  it('does not follow a database that is exchanged under it, so that the next start is refused', async () => {
    await keep();
    leaves = [1, 2, 9, 10].map(leaf);
    await until(async () => reports.length > 0);
    expect(reports).toMatchObject([{ code: 'database-restored' }]);
    leaves.push(leaf(11));
    await sleep(30);
    await keeper?.close();
    expect(await sizeKept()).toBe('3');
    expect((await lacking())?.fault).toMatchObject({ code: 'database-restored' });
    expect(reports).toHaveLength(1);
  });

  it('of which the file says nothing is not believed to have seen nothing', async () => {
    await keep();
    await keeper?.close();
    await writeFile(path(), 'broken');
    expect(await lacking()).toMatchObject({ expected: undefined, fault: { code: 'heads-unreadable' } });
  });

  it('is told of the ledger of another origin apart', async () => {
    await keep();
    leaves = [];
    expect(await findLacking({ dataDir, origin: 'health.example/120000', tail })).toBeUndefined();
    expect(await lacking()).toBeDefined();
  });

  it('takes away what a stopped process has left, and nothing that somebody may still be writing', async () => {
    await keep();
    await keeper?.close();
    const [old, young] = [`${path()}.new-1-0`, `${path()}.new-2-0`];
    await writeFile(old, '');
    await writeFile(young, '');
    await utimes(old, 1, 1);
    await keep();
    expect((await readdir(dirname(path()))).map((name) => name.slice(-4)).sort()).toEqual(['-2-0', 'seen']);
  });

  it('that cannot be written stops a start by name', async () => {
    await writeFile(join(dataDir, 'heads'), 'a file where the folder must be');
    await expect(keep()).rejects.toMatchObject({ code: 'heads-unwritable' });
  });
});
