import { chmod, mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { copyRuntime, linkLibraries } from './runtime-copy.ts';

let home: string;
let native: string;
beforeEach(async () => {
  home = await mkdtemp(`${tmpdir()}/hrl-runtime-`);
  native = `${home}/package/native`;
  await mkdir(`${native}/bin`, { recursive: true });
  await mkdir(`${native}/lib/pgxs`, { recursive: true });
  await writeFile(`${home}/package/package.json`, '{"version": "18.4.0"}');
  await writeFile(`${native}/bin/postgres`, 'program', { mode: 0o700 });
  await writeFile(`${native}/lib/libpq.so.5.18`, 'library', { mode: 0o600 });
  await writeFile(`${native}/lib/libpq.a`, 'static');
  await writeFile(`${native}/lib/pgxs/Makefile`, 'build');
  const links = [{ source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' }];
  await writeFile(`${native}/pg-symlinks.json`, JSON.stringify(links));
});
afterEach(() => rm(home, { recursive: true }));

const copy = () => copyRuntime(native, `${home}/copies`, () => {});

describe('the links between libraries', () => {
  it('are made from the package’s list, relative, and made once', async () => {
    await linkLibraries(native);
    await linkLibraries(native);
    expect(await readlink(`${native}/lib/libpq.so.5`)).toBe('libpq.so.5.18');
  });

  it('are none where the package has no list', async () => {
    await rm(`${native}/pg-symlinks.json`);
    await expect(linkLibraries(native)).resolves.toBeUndefined();
  });
});

describe('a copy of the programs', () => {
  it('is readable for all, has its links, and leaves out what the server never opens', async () => {
    const made = await copy();
    expect(made).toBe(`${home}/copies/package-18.4.0/native`);
    expect((await readdir(`${made}/lib`)).sort()).toEqual(['libpq.so.5', 'libpq.so.5.18']);
    expect(await readFile(`${made}/lib/libpq.so.5`, 'utf8')).toBe('library');
    const mode = async (path: string) => (await stat(path)).mode & 0o777;
    expect(await mode(`${made}/bin/postgres`)).toBe(0o755);
    expect(await mode(`${made}/lib/libpq.so.5.18`)).toBe(0o644);
    for (const folder of [`${home}/copies`, `${home}/copies/package-18.4.0`, `${made}`, `${made}/lib`]) {
      expect(await mode(folder), folder).toBe(0o755);
    }
  });

  it('is made once, by whoever is first, and nothing half made is left', async () => {
    const made = await Promise.all([copy(), copy(), copy()]);
    expect(new Set(made).size).toBe(1);
    await rm(native, { recursive: true });
    expect(await copy()).toBe(made[0]);
    expect(await readdir(`${home}/copies`)).toEqual(['package-18.4.0']);
  });

  it('is not taken from a place that others can write to, or that is a link', async () => {
    await mkdir(`${home}/copies`);
    await chmod(`${home}/copies`, 0o777);
    expect(await copy()).toBeUndefined();
    await rm(`${home}/copies`, { recursive: true });
    await mkdir(`${home}/theirs`);
    await symlink(`${home}/theirs`, `${home}/copies`);
    expect(await copy()).toBeUndefined();
    expect(await readdir(`${home}/theirs`)).toEqual([]);
  });
});
