import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededEntropy } from '../../test/support/seeded.ts';
import { keyring } from '../../test/support/vaults.ts';
import { KeyringExists, KeyringMissing, KeyringUnreadable, KeyringUnwritable } from './faults.ts';
import { printKeyring } from './keyring.ts';
import { keyringFor, readKeyring, writeKeyring } from './keyring-file.ts';

let folder: string;
let count = 0;
const fresh = () => join(folder, `keyring-${count++}.json`);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hrl-keyring-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const posix = process.platform !== 'win32';
const isRoot = process.geteuid?.() === 0;

describe('a keyring file', () => {
  it('is written whole with mode 0600, and nothing is left beside it', async () => {
    const path = join(folder, 'deep', 'folder', 'keyring.json');
    await writeKeyring(path, keyring);
    expect(await readKeyring(path)).toEqual(keyring);
    expect(await readFile(path, 'utf8')).toBe(printKeyring(keyring));
    if (posix) expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(folder, 'deep', 'folder'))).toEqual(['keyring.json']);
  });

  it('is never overwritten, whatever stands there', async () => {
    const path = fresh();
    await writeFile(path, 'mine');
    await expect(writeKeyring(path, keyring)).rejects.toThrow(KeyringExists);
    expect(await readFile(path, 'utf8')).toBe('mine');
    const dangling = fresh();
    await symlink(join(folder, 'nowhere'), dangling);
    await expect(writeKeyring(dangling, keyring)).rejects.toThrow(KeyringExists);
  });

  it('below a file is a fault that says what to do', async () => {
    const file = fresh();
    await writeFile(file, '');
    const failed = writeKeyring(join(file, 'keyring.json'), keyring);
    await expect(failed).rejects.toThrow(KeyringUnwritable);
    await expect(failed).rejects.toMatchObject({ code: 'keyring-unwritable', next: expect.stringContaining('folder') });
  });

  it.skipIf(!posix).each([0o640, 0o604, 0o660, 0o644, 0o610, 0o777])('of mode %o is not read', async (mode) => {
    const path = fresh();
    await writeKeyring(path, keyring);
    await chmod(path, mode);
    const read = readKeyring(path);
    await expect(read).rejects.toThrow(KeyringUnreadable);
    await expect(read).rejects.toMatchObject({
      code: 'keyring-unreadable',
      next: expect.stringContaining('chmod 600'),
    });
  });

  it.skipIf(!posix)('of mode 0400 is read, also through a link', async () => {
    const path = fresh();
    const link = fresh();
    await writeKeyring(path, keyring);
    await chmod(path, 0o400);
    await symlink(path, link);
    expect(await readKeyring(link)).toEqual(keyring);
  });

  it.skipIf(!posix || isRoot)(
    'that the system refuses to read is unreadable (skipped as root, who reads everything)',
    async () => {
      const path = fresh();
      await writeKeyring(path, keyring);
      await chmod(path, 0);
      await expect(readKeyring(path)).rejects.toThrow(KeyringUnreadable);
    },
  );

  it('that is a folder, too large, or not a keyring is unreadable, and its text is not told', async () => {
    const dir = fresh();
    await mkdir(dir, { mode: 0o700 });
    await expect(readKeyring(dir)).rejects.toMatchObject({ code: 'keyring-unreadable' });
    const large = fresh();
    await writeFile(large, ' '.repeat(1024 * 1024 + 1), { mode: 0o600 });
    await expect(readKeyring(large)).rejects.toThrow('larger than 1 MiB');
    const broken = fresh();
    await writeFile(broken, '{"secret":"abc"}', { mode: 0o600 });
    const read = readKeyring(broken);
    await expect(read).rejects.toThrow(KeyringUnreadable);
    await expect(read).rejects.toThrow(/^(?!.*(secret|abc))/);
  });
});

describe('the keyring of a start', () => {
  it('that is missing is missing, and is not made for a database that somebody else brought', async () => {
    const path = fresh();
    const start = keyringFor({ path, mayCreate: async () => false, entropy: seededEntropy('start') });
    await expect(start).rejects.toThrow(KeyringMissing);
    await expect(start).rejects.toMatchObject({
      code: 'keyring-missing',
      next: expect.stringContaining(`npm run keyring -- create --file ${path}`),
    });
    await expect(stat(path)).rejects.toThrow('ENOENT');
  });

  it('is made once, and found by the next start', async () => {
    const path = fresh();
    const first = await keyringFor({ path, mayCreate: async () => true, entropy: seededEntropy('first') });
    expect(first.created).toBe(true);
    const second = await keyringFor({ path, mayCreate: async () => true, entropy: seededEntropy('second') });
    expect(second).toEqual({ keyring: first.keyring, created: false });
  });

  it('is one and the same for processes that start at one moment', async () => {
    const path = fresh();
    const starts = Array.from({ length: 12 }, (_, i) =>
      keyringFor({ path, mayCreate: async () => true, entropy: seededEntropy(`${i}`) }),
    );
    const found = await Promise.all(starts);
    expect(found.filter((one) => one.created)).toHaveLength(1);
    expect(new Set(found.map((one) => printKeyring(one.keyring))).size).toBe(1);
  });

  it('that is unreadable is never replaced by a new one', async () => {
    const path = fresh();
    await writeFile(path, 'not a keyring', { mode: 0o600 });
    await expect(keyringFor({ path, mayCreate: async () => true, entropy: seededEntropy('x') })).rejects.toThrow(
      KeyringUnreadable,
    );
    expect(await readFile(path, 'utf8')).toBe('not a keyring');
  });
});
