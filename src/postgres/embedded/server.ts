import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, lstat, mkdtemp, open, rename, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { serverAccount } from './account.ts';
import { type Binaries, findBinaries } from './binaries.ts';
import { clusterMajor, ensureCluster } from './cluster.ts';
import type { DataFolder } from './data-folder.ts';
import { openData } from './data-handle.ts';
import { PostgresCannotDropRoot, PostgresStartFailed } from './faults.ts';
import type { Account } from './files.ts';
import { type Instance, readInstance, writeInstance } from './instance.ts';
import { findPostmaster, type Postmaster, repairPidFile } from './postmaster.ts';
import { isAlive, pidNamespace } from './process-identity.ts';
import { serverSettings } from './settings.ts';
import { isRefusedAccount, spawnAs } from './tool.ts';

export type Log = (line: string) => void;

/** Recovery after a crash reads the write-ahead log since the last checkpoint, a gigabyte at most. */
const START_PATIENCE = 600_000;
/** A fast shutdown writes a checkpoint; after this it is told to leave without one, which the next start makes good. */
const STOP_PATIENCE = 120_000;
const LOG_LIMIT = 4 << 20;

/**
 * Makes the server run and resolves when it takes connections: adopts one that runs, waits for one that is coming or going,
 * else starts one, creating the cluster when there is none. Call it under the lock. If the process stops in the middle, what
 * runs is adopted by the next call and what is half made is made again.
 * @throws the faults of this folder
 */
export async function ensureServer(folder: DataFolder, log: Log): Promise<Postmaster> {
  for (let running = await findPostmaster(folder); running !== undefined; running = await findPostmaster(folder)) {
    if (running.status === 'stopping') await untilGone(running, STOP_PATIENCE);
    else {
      const ready = await untilReady(folder, running, log);
      if (ready !== undefined) return ready;
    }
  }
  const account = await serverAccount(folder);
  const major = await clusterMajor(folder);
  const binaries = await findBinaries({ account, major, runtime: folder.runtime, log });
  await ensureCluster(folder, binaries, account, log);
  if (await repairPidFile(folder)) log('a lock file left by a dead server was cleared');
  return start(folder, binaries, account, log);
}

/**
 * Stops the server in good order (running transactions are rolled back, a checkpoint is written) and resolves when it is gone.
 * Call it under the lock. Does nothing when none runs.
 */
export async function stopServer(folder: DataFolder, log: Log): Promise<void> {
  const running = await findPostmaster(folder);
  if (running !== undefined) {
    signal(running, 'SIGINT');
    if (!(await untilGone(running, STOP_PATIENCE))) {
      log('the database server did not stop in two minutes; it is told to leave at once');
      signal(running, 'SIGQUIT');
      await untilGone(running, STOP_PATIENCE);
    }
  }
  const instance = await readInstance(folder);
  if (instance !== undefined) await rm(instance.socketFolder, { recursive: true, force: true });
}

/** Signals a server, if it is still that one. */
export function signal(server: Postmaster, name: 'SIGINT' | 'SIGQUIT'): void {
  if (isAlive(server.text)) process.kill(server.pid, name);
}

async function start(
  folder: DataFolder,
  binaries: Binaries,
  account: Account | undefined,
  log: Log,
): Promise<Postmaster> {
  const before = await readInstance(folder);
  const socketFolder = await ensureSocketFolder(before?.socketFolder, account);
  try {
    let port = before?.port ?? (await freePort());
    for (let attempt = 1; ; attempt++) {
      const instance: Instance = { port, socketFolder, watchdog: before?.watchdog ?? null, namespace: pidNamespace() };
      await writeInstance(folder, instance);
      const failure = await startOnce(folder, binaries, account, instance, log);
      if (typeof failure !== 'string') return failure;
      const portTaken = /could not create any TCP\/IP sockets|could not bind/.test(failure);
      // Children of a killed server notice within moments that it is gone.
      const notYetGone = /shared memory block|lock file .* already exists/.test(failure);
      if (attempt === 20 || !(portTaken || notYetGone)) throw new PostgresStartFailed(failure, folder.log);
      // Running processes hold this port in their URLs: it is given up only when its new owner stays.
      if (portTaken && (before === undefined || attempt > 4)) {
        port = await freePort();
        log(`port ${instance.port} is taken by another program; trying ${port}`);
      }
      await sleep(250);
    }
  } catch (error) {
    await rm(socketFolder, { recursive: true, force: true });
    throw error;
  }
}

/** The server once it is ready, or what its log says about why it left. */
async function startOnce(
  folder: DataFolder,
  binaries: Binaries,
  account: Account | undefined,
  instance: Instance,
  log: Log,
): Promise<Postmaster | string> {
  const logFile = await openLog(folder);
  const { size } = await logFile.stat();
  const data = await openData(folder.cluster, account);
  let child: ChildProcess;
  try {
    const settings = serverSettings(instance.port, instance.socketFolder);
    // Detached: a Ctrl-C in the terminal is for the processes that hold leases, and the last of them stops the server.
    child = spawn(`${binaries.bin}/postgres`, ['-D', data.argument, ...settings], {
      ...spawnAs(account),
      detached: true,
      stdio: ['ignore', logFile.fd, logFile.fd, ...data.inherit],
    });
    await once(child, 'spawn');
  } catch (error) {
    if (isRefusedAccount(error, account)) throw new PostgresCannotDropRoot(account.uid, error);
    throw new PostgresStartFailed(String(error), folder.log);
  } finally {
    await logFile.close();
    await data.close();
  }
  child.unref();
  const ended = once(child, 'exit').then(() => 'ended' as const);
  const deadline = performance.now() + START_PATIENCE;
  for (;;) {
    const server = await findPostmaster(folder);
    if (server !== undefined && server.pid === child.pid) {
      return (await untilReady(folder, server, log)) ?? linesAfter(folder.log, size);
    }
    if ((await Promise.race([ended, sleep(10)])) === 'ended') return linesAfter(folder.log, size);
    if (performance.now() > deadline) {
      child.kill('SIGQUIT');
      throw new PostgresStartFailed('it did not even begin within ten minutes', folder.log);
    }
  }
}

/** The same server when it takes connections; undefined when it ended before that. */
async function untilReady(folder: DataFolder, server: Postmaster, log: Log): Promise<Postmaster | undefined> {
  const begun = performance.now();
  let told = begun;
  for (;;) {
    const now = await findPostmaster(folder);
    if (now?.text !== server.text) return undefined;
    if (now.status === 'ready') return now;
    if (performance.now() - begun > START_PATIENCE) {
      throw new PostgresStartFailed('it has been recovering for ten minutes and goes on with that', folder.log);
    }
    if (performance.now() - told > 5_000) {
      told = performance.now();
      log('the database is recovering from an unordered stop');
    }
    await sleep(10);
  }
}

async function untilGone(server: Postmaster, patience: number): Promise<boolean> {
  const deadline = performance.now() + patience;
  while (isAlive(server.text)) {
    if (performance.now() > deadline) return false;
    await sleep(10);
  }
  return true;
}

/** A socket's path has at most 107 bytes, and a data folder may lie deeper: it gets a folder under the temporary one. */
async function ensureSocketFolder(before: string | undefined, account: Account | undefined): Promise<string> {
  const uid = account?.uid ?? process.geteuid?.();
  if (before !== undefined) {
    const found = await lstat(before).catch(() => undefined);
    if (found?.isDirectory() === true && found.uid === uid && (found.mode & 0o077) === 0) return before;
  }
  const fresh = await mkdtemp(`${process.platform === 'linux' ? '/tmp' : tmpdir()}/hrl-`);
  if (account !== undefined) await chown(fresh, account.uid, account.gid);
  return fresh;
}

/** PostgreSQL does not take port 0: the system is asked for a free one, and another process may take it before the server does. */
async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return address.port;
}

async function openLog(folder: DataFolder) {
  const size = await stat(folder.log).then(
    (found) => found.size,
    () => 0,
  );
  if (size > LOG_LIMIT) await rename(folder.log, `${folder.log}.1`);
  const file = await open(folder.log, 'a', 0o600);
  if (folder.owner !== undefined) await file.chown(folder.owner.uid, folder.owner.gid);
  return file;
}

async function linesAfter(path: string, from: number): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const start = Math.max(from, size - 2_000);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2_000), 0, 2_000, start);
    const text = buffer.toString('utf8', 0, bytesRead).trim();
    return text === '' ? 'it ended without a word' : text;
  } finally {
    await file.close();
  }
}
