import { realpath } from 'node:fs/promises';
import { type DataFolder, dataFolder, exists } from './data-folder.ts';
import { PostgresInUse, PostgresNotRunning } from './faults.ts';
import { readInstance } from './instance.ts';
import { holders } from './leases.ts';
import { findPostmaster } from './postmaster.ts';
import { type Log, stopServer } from './server.ts';
import { dismissWatchdog } from './start-watchdog.ts';
import { withLock } from './token-lock.ts';
import { type EmbeddedUrls, embeddedUrls } from './urls.ts';

/**
 * The addresses of the server that runs in a data folder, for a person with a tool of their own. Takes no lease.
 * @throws PostgresNotRunning, PostgresPasswordsMissing
 */
export async function runningUrls(dataDir: string): Promise<EmbeddedUrls> {
  const folder = await locate(dataDir);
  const instance = await readInstance(folder);
  if (instance === undefined || (await findPostmaster(folder)) === undefined) throw new PostgresNotRunning(folder.root);
  return embeddedUrls(folder, instance.port);
}

/**
 * Stops a server that nobody uses; the one way it can be left over is that all its processes and its watchdog were killed.
 * Resolves to whether one ran.
 * @throws PostgresInUse naming the processes that hold a lease: those are to be ended, and the last one stops the server.
 */
export async function stopEmbedded(dataDir: string, log: Log): Promise<boolean> {
  const folder = await locate(dataDir);
  if (!(await exists(folder.root))) return false;
  return withLock(folder.lock, async () => {
    const users = await holders(folder.leases);
    if (users.length > 0) throw new PostgresInUse(users.map((user) => `${user.command} (${user.pid})`));
    const ran = (await findPostmaster(folder)) !== undefined;
    await stopServer(folder, log);
    await dismissWatchdog(folder);
    return ran;
  });
}

async function locate(dataDir: string): Promise<DataFolder> {
  return dataFolder(await realpath(dataDir).catch(() => dataDir));
}
