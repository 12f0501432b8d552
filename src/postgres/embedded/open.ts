import { setTimeout as sleep } from 'node:timers/promises';
import { type DataFolder, prepareDataFolder } from './data-folder.ts';
import { PostgresPlatformUnsupported } from './faults.ts';
import { readInstance, refuseElsewhere } from './instance.ts';
import { type Lease, liveLeases, sweepLeases, takeLease } from './leases.ts';
import { findPostmaster } from './postmaster.ts';
import { isAlive } from './process-identity.ts';
import { ensureServer, type Log, stopServer } from './server.ts';
import { dismissWatchdog, ensureWatchdog } from './start-watchdog.ts';
import { withLock } from './token-lock.ts';
import { type EmbeddedUrls, embeddedUrls } from './urls.ts';

export interface EmbeddedOptions {
  /** The folder that the server belongs to; made when absent. */
  readonly dataDir: string;
  /** Told, in a line each, what takes time or went wrong. No personal data. */
  readonly log?: Log;
}

/** A lease on the embedded server of a data folder. While it is held (and this process lives) the server is kept running. */
export interface EmbeddedPostgres extends EmbeddedUrls {
  /** On 127.0.0.1. */
  readonly port: number;
  /** Where the server's Unix socket lies. */
  readonly socketFolder: string;
  /** The server's process now; another one after a restart. */
  readonly pid: number;
  /**
   * Resolves when the server takes connections, starting it again if it died. Nobody has to call this: the watchdog does it
   * within half a second. It is for those who would rather wait than retry.
   */
  ensureRunning(): Promise<void>;
  /**
   * Gives the lease back; whoever is last stops the server in good order, and then this resolves when it is gone. End pools
   * first: their open transactions are rolled back. Calling it twice does nothing more.
   */
  close(): Promise<void>;
}

const LOOK = 1_000;

/**
 * Starts the embedded PostgreSQL of a data folder, or adopts the one that runs; resolves when it takes connections. Any number
 * of processes may do so at once. If this process dies at any point, the watchdog stops the server when nobody else uses it.
 * @throws PostgresBinariesMissing, PostgresFolderForeign, PostgresFolderUnusable, PostgresCannotDropRoot, PostgresInUseElsewhere,
 *   PostgresPasswordsMissing, PostgresInitFailed, PostgresStartFailed, PostgresLockTimeout, PostgresPlatformUnsupported
 */
export async function openEmbedded(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  if (process.platform === 'win32') throw new PostgresPlatformUnsupported('Windows');
  const log = options.log ?? (() => {});
  const folder = await prepareDataFolder(options.dataDir);
  await refuseElsewhere(folder);
  const { lease, pid } = await withLock(folder.lock, () => enter(folder, log));
  try {
    return await handle(folder, lease, pid, log);
  } catch (error) {
    await leave(folder, lease, log);
    throw error;
  }
}

async function enter(folder: DataFolder, log: Log): Promise<{ lease: Lease; pid: number }> {
  await sweepLeases(folder.leases);
  // The lease comes first: from here on nobody stops the server, and if we die the watchdog finds a dead lease.
  const lease = await takeLease(folder.leases, folder.owner);
  try {
    return { lease, pid: await ensureWatched(folder, log) };
  } catch (error) {
    await lease.release();
    throw error;
  }
}

async function ensureWatched(folder: DataFolder, log: Log): Promise<number> {
  const { pid } = await ensureServer(folder, log);
  await ensureWatchdog(folder);
  return pid;
}

async function handle(folder: DataFolder, lease: Lease, first: number, log: Log): Promise<EmbeddedPostgres> {
  const instance = await readInstance(folder);
  if (instance === undefined) throw new Error('the instance is written before the server is started');
  const { port, socketFolder } = instance;
  const urls = await embeddedUrls(folder, port);

  let pid = first;
  const ensureRunning = () =>
    withLock(folder.lock, async () => {
      pid = await ensureWatched(folder, log);
    });
  const look = async () => {
    const instance = await readInstance(folder);
    if (instance?.watchdog == null || !isAlive(instance.watchdog)) await ensureRunning();
    else pid = (await findPostmaster(folder))?.pid ?? pid;
    return instance?.port ?? port;
  };
  const guard = watchWatchdog(look, port, log);
  let closing: Promise<void> | undefined;
  return {
    ...urls,
    port,
    socketFolder,
    get pid() {
      return pid;
    },
    ensureRunning,
    close() {
      closing ??= guard.stop().then(() => leave(folder, lease, log));
      return closing;
    },
  };
}

/** The watchdog watches the server; every holder of a lease watches the watchdog. */
function watchWatchdog(look: () => Promise<number>, port: number, log: Log) {
  const stopped = new AbortController();
  const loop = async () => {
    let told = false;
    for (;;) {
      await sleep(LOOK, undefined, { signal: stopped.signal, ref: false }).catch(() => {});
      if (stopped.signal.aborted) return;
      try {
        const now = await look();
        if (now !== port && !told) {
          told = true;
          log(`port ${port} went to another program and the database is on ${now}: start this process again`);
        }
      } catch (error) {
        log(`the database's watchdog could not be started again: ${String(error)}`);
      }
    }
  };
  const done = loop();
  return {
    async stop() {
      stopped.abort();
      await done;
    },
  };
}

async function leave(folder: DataFolder, lease: Lease, log: Log): Promise<void> {
  await withLock(folder.lock, async () => {
    await lease.release();
    if ((await liveLeases(folder.leases)).length > 0) return;
    if ((await findPostmaster(folder)) === undefined) return;
    await stopServer(folder, log);
    await dismissWatchdog(folder);
  });
}
