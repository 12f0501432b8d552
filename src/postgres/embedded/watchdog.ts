import { rm, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DataFolder, dataFolder, isRoot } from './data-folder.ts';
import { beat, HEARTBEAT, readInstance, writeInstance } from './instance.ts';
import { liveLeases, sweepLeases } from './leases.ts';
import { findPostmaster, type Postmaster } from './postmaster.ts';
import { isAlive, ownIdentity, pidNamespace } from './process-identity.ts';
import { ensureServer, signal, stopServer } from './server.ts';
import { withLock } from './token-lock.ts';

/**
 * A process of its own beside every embedded server, started by whoever starts the server. It stops the server when no living
 * process holds a lease (their last one was killed, or forgot), starts it again when it died under living ones, and leaves when
 * there is nothing to watch. Killing the watchdog does no harm: a process with a lease starts another.
 */

/** Milliseconds between two looks; a look is a folder listing and two or three small reads. */
const PERIOD = process.platform === 'linux' ? 250 : 1_000;

async function watch(folder: DataFolder): Promise<void> {
  let known: Postmaster | undefined;
  const socketFolder = (await readInstance(folder))?.socketFolder;
  let lastBeat = 0;
  let pause = PERIOD;
  while (await isNamed(folder)) {
    try {
      known = (await findPostmaster(folder)) ?? known;
      const leases = await liveLeases(folder.leases);
      if (leases.length === 0 && (await leave(folder))) return;
      if (leases.length > 0) known = await restore(folder);
      if (performance.now() - lastBeat > HEARTBEAT) {
        lastBeat = performance.now();
        await beat(folder);
      }
      pause = PERIOD;
    } catch (error) {
      log(`could not do its work and tries again: ${String(error)}`);
      pause = Math.min(pause * 2, 30_000);
    }
    await sleep(pause);
  }
  // The folder was removed, or another one stands in its place. A server without its files is of no use to anybody.
  const current = await findPostmaster(folder).catch(() => undefined);
  if (known !== undefined && current?.text !== known.text) signal(known, 'SIGQUIT');
  if (socketFolder !== undefined && (await readInstance(folder))?.socketFolder !== socketFolder) {
    await rm(socketFolder, { recursive: true, force: true });
  }
}

/** Stops the server and strikes this watchdog out, if under the lock there is still no lease. Resolves to whether it did. */
async function leave(folder: DataFolder): Promise<boolean> {
  return withLock(folder.lock, async () => {
    if ((await liveLeases(folder.leases)).length > 0 || !(await isNamed(folder))) return false;
    await sweepLeases(folder.leases);
    await stopServer(folder, log);
    const instance = await readInstance(folder);
    if (instance !== undefined) await writeInstance(folder, { ...instance, watchdog: null });
    return true;
  });
}

async function restore(folder: DataFolder): Promise<Postmaster | undefined> {
  const server = await findPostmaster(folder);
  if (server !== undefined) return server;
  return withLock(folder.lock, async () => {
    if ((await liveLeases(folder.leases)).length === 0 || !(await isNamed(folder))) return undefined;
    const known = await findPostmaster(folder);
    if (known === undefined) log('the server is gone while processes use it; starting it again');
    return ensureServer(folder, log);
  });
}

/** Whoever started us writes our name under the lock that we wait for; should it die before that, we write it. */
async function claim(folder: DataFolder): Promise<void> {
  const instance = await readInstance(folder);
  if (instance === undefined || (instance.watchdog !== null && isAlive(instance.watchdog))) return;
  await writeInstance(folder, { ...instance, watchdog: ownIdentity().text, namespace: pidNamespace() });
}

async function isNamed(folder: DataFolder): Promise<boolean> {
  return (await readInstance(folder))?.watchdog === ownIdentity().text;
}

function log(line: string): void {
  process.stderr.write(`${new Date().toISOString()} [watchdog ${process.pid}] ${line}\n`);
}

const root = process.argv[2];
if (root === undefined || basename(root) !== 'postgres') throw new Error('usage: watchdog.ts <DATA_DIR>/postgres');
// Meant for the processes with leases; when those have ended it ends too.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => {});
const dataDir = dirname(root);
const found = await stat(dataDir);
const owner = isRoot() && found.uid !== 0 ? { uid: found.uid, gid: found.gid } : undefined;
const folder = dataFolder(dataDir, owner);
await withLock(folder.lock, () => claim(folder));
await watch(folder);
