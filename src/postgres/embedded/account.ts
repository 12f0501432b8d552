import { lchown, readdir, readFile, stat } from 'node:fs/promises';
import { type DataFolder, exists, isRoot } from './data-folder.ts';
import type { Account } from './files.ts';

/**
 * Whom the server runs as when root starts it (PostgreSQL refuses root); undefined when we are an ordinary user and it runs as us.
 * The owner of an existing cluster; else the owner of DATA_DIR; else `nobody`, the one account without rights that every system
 * has. `initdb` insists on an account with a name, so a uid of our own choosing would not do. What `nobody` owns is the cluster
 * and its socket, both 0700; passwords, keyring, lock and leases stay root's.
 */
export async function serverAccount(folder: DataFolder): Promise<Account | undefined> {
  if (!isRoot()) return undefined;
  const fresh = folder.owner ?? (await nobody());
  if (!(await exists(folder.cluster))) return fresh;
  const { uid, gid } = await stat(folder.cluster);
  if (uid !== 0) return { uid, gid };
  // Root put a backup back. Nobody else could write in there so far, so the walk cannot be led astray.
  await giveAway(folder.cluster, fresh);
  return fresh;
}

async function nobody(): Promise<Account> {
  const users = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const [, , uid, gid] =
    users
      .split('\n')
      .map((line) => line.split(':'))
      .find(([name]) => name === 'nobody') ?? [];
  return { uid: Number(uid ?? 65534), gid: Number(gid ?? 65534) };
}

async function giveAway(path: string, account: Account): Promise<void> {
  for (const entry of await readdir(path, { withFileTypes: true })) {
    const child = `${path}/${entry.name}`;
    await (entry.isDirectory() ? giveAway(child, account) : lchown(child, account.uid, account.gid));
  }
  await lchown(path, account.uid, account.gid);
}
