import { constants } from 'node:fs';
import { link, mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Malformed } from '../kernel/fault.ts';
import type { Entropy } from '../kernel/ports.ts';
import { KeyringExists, KeyringMissing, KeyringUnreadable, KeyringUnwritable } from './faults.ts';
import { createKeyring, type Keyring, parseKeyring, printKeyring } from './keyring.ts';

const MAX_FILE_BYTES = 1024 * 1024;
/** Windows has no group and other bits, and cannot sync a folder. */
const POSIX = process.platform !== 'win32';

const codeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;

async function syncFolder(folder: string): Promise<void> {
  if (!POSIX) return;
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Writes a new keyring file of mode 0600. Whole and synced when it resolves; a file that is there already is never touched.
 * Stopped anywhere before the `link`: no keyring stands at the path (at most a stray folder `.new-…` beside it). After it: the whole one does.
 * @throws KeyringExists, KeyringUnwritable
 */
export async function writeKeyring(path: string, keyring: Keyring): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const folder = await mkdtemp(`${path}.new-`);
    try {
      const fresh = join(folder, 'keyring');
      const handle = await open(fresh, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
      try {
        await handle.writeFile(printKeyring(keyring));
        await handle.sync();
      } finally {
        await handle.close();
      }
      await link(fresh, path).catch((error: unknown) => {
        // Unlike a rename, a link fails when the name is taken.
        throw codeOf(error) === 'EEXIST' ? new KeyringExists(path) : error;
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    await syncFolder(dirname(path));
  } catch (error) {
    if (error instanceof KeyringExists) throw error;
    throw new KeyringUnwritable(path, error);
  }
}

/**
 * Reads a keyring that nobody but its owner can read. The rights are those of the file that is then read, not of a path looked at before.
 * @throws KeyringMissing, KeyringUnreadable
 */
export async function readKeyring(path: string): Promise<Keyring> {
  let text: string;
  try {
    const handle = await open(path, constants.O_RDONLY);
    try {
      const { mode, size } = await handle.stat();
      if ((mode & constants.S_IFMT) !== constants.S_IFREG) {
        throw new KeyringUnreadable(path, 'it is not a file', { next: 'name the keyring file itself' });
      }
      if (POSIX && (mode & 0o077) !== 0) {
        const shown = (mode & 0o777).toString(8).padStart(4, '0');
        throw new KeyringUnreadable(path, `its mode is ${shown}: others than its owner may use it`, {
          next: `chmod 600 ${path}, and think of who may have read it`,
        });
      }
      if (size > MAX_FILE_BYTES) {
        throw new KeyringUnreadable(path, 'it is larger than 1 MiB', { next: 'name the keyring file itself' });
      }
      text = await handle.readFile('utf8');
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof KeyringUnreadable) throw error;
    if (codeOf(error) === 'ENOENT') throw new KeyringMissing(path);
    throw new KeyringUnreadable(path, 'the system refuses to read it', {
      cause: error,
      next: 'run as the user that owns it',
    });
  }
  try {
    return parseKeyring(text);
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    throw new KeyringUnreadable(path, error.message, { next: 'bring it back from its backup; do not edit it by hand' });
  }
}

/**
 * The keyring at a path. `mayCreate`, which is asked only when there is none, says yes only for an embedded database that holds nothing yet:
 * then one is made, once, also when several processes start at the same moment. A keyring is never made for a database that somebody else
 * brought.
 * @throws KeyringMissing, KeyringUnreadable, KeyringUnwritable
 */
export async function keyringFor(options: {
  readonly path: string;
  readonly mayCreate: () => Promise<boolean>;
  readonly entropy: Entropy;
}): Promise<{ readonly keyring: Keyring; readonly created: boolean }> {
  const { path, mayCreate, entropy } = options;
  try {
    return { keyring: await readKeyring(path), created: false };
  } catch (error) {
    if (!(error instanceof KeyringMissing) || !(await mayCreate())) throw error;
  }
  const keyring = createKeyring(entropy);
  try {
    await writeKeyring(path, keyring);
    return { keyring, created: true };
  } catch (error) {
    if (!(error instanceof KeyringExists)) throw error;
    return { keyring: await readKeyring(path), created: false };
  }
}
