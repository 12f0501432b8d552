import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleShelf } from './bundle-shelf.ts';

let folder: string;
let files: string[];
const json = (id: string) =>
  JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry: [{ resource: { resourceType: 'Basic', id } }] });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hrl-shelf-'));
  files = ['a', 'b', 'c'].map((name) => join(folder, name));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('bundles that are gone through twice', () => {
  const write = (suffix: string) => Promise.all(files.map((file, n) => writeFile(file, json(`${n}${suffix}`))));
  const idsOf = async (shelf: ReturnType<typeof bundleShelf>, without?: ReadonlySet<string>) => {
    const ids: unknown[] = [];
    for await (const [file, bundle] of shelf.all(files, without)) {
      const [entry] = (await bundle).entries;
      ids.push([file, typeof entry?.resource === 'object' ? entry.resource.value.id : undefined]);
    }
    return ids;
  };
  const told = (ids: readonly string[]) => ids.map((id, n) => [files[n], id]);

  it('come from memory the second time where they fit, and from the disk where they do not', async () => {
    await write('x');
    const two = 2 * Buffer.byteLength(json('0x'));
    const shelf = bundleShelf(two);
    expect(await idsOf(shelf)).toEqual(told(['0x', '1x', '2x']));
    await write('y');
    expect(await idsOf(shelf)).toEqual(told(['0x', '1x', '2y']));
    expect(await idsOf(shelf, new Set(files.slice(0, 2)))).toEqual([[files[2], '2y']]);
  });

  it('one that cannot be taken is its own fault, and is not kept', async () => {
    await write('x');
    await writeFile(files[1] as string, 'no bundle');
    const shelf = bundleShelf();
    const found: string[] = [];
    for await (const [, bundle] of shelf.all(files)) {
      found.push(
        await bundle.then(
          () => 'taken',
          (error: { code: string }) => error.code,
        ),
      );
    }
    expect(found).toEqual(['taken', 'bundle-not-json', 'taken']);
    await writeFile(files[1] as string, json('1z'));
    expect(await idsOf(shelf)).toEqual(told(['0x', '1z', '2x']));
  });
});
