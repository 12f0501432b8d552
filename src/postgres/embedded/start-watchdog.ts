import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { DataFolder } from './data-folder.ts';
import { readInstance, writeInstance } from './instance.ts';
import { identityOf, isAlive, pidNamespace } from './process-identity.ts';

const WATCHDOG = fileURLToPath(new URL('./watchdog.ts', import.meta.url));

/**
 * Makes sure that a watchdog watches this folder. Call it under the lock, with the server running. If the process stops between
 * the start and the writing, the watchdog writes its name itself.
 */
export async function ensureWatchdog(folder: DataFolder): Promise<void> {
  const instance = await readInstance(folder);
  if (instance === undefined) throw new Error('the instance is written before the server is started');
  if (instance.watchdog !== null && isAlive(instance.watchdog)) return;
  const log = await open(folder.log, 'a', 0o600);
  try {
    const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
    const child = spawn(process.execPath, ['--import', loader, WATCHDOG, folder.root], {
      // It outlives us, and is no child of a test runner or a debugger: no NODE_OPTIONS, nothing of our settings.
      env: { PATH: process.env.PATH ?? '/usr/bin:/bin', ...(process.env.HOME ? { HOME: process.env.HOME } : {}) },
      cwd: '/',
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    });
    await once(child, 'spawn');
    child.unref();
    const watchdog = child.pid === undefined ? undefined : identityOf(child.pid);
    await writeInstance(folder, { ...instance, watchdog: watchdog?.text ?? null, namespace: pidNamespace() });
  } finally {
    await log.close();
  }
}

/**
 * Ends the watchdog when there is nothing left to watch, so that nothing stirs in the folder afterwards. Call it under the lock:
 * what a watchdog does, it does under the same lock, so this one is idle or not yet awake.
 */
export async function dismissWatchdog(folder: DataFolder): Promise<void> {
  const instance = await readInstance(folder);
  if (instance === undefined || instance.watchdog === null) return;
  const { watchdog } = instance;
  if (isAlive(watchdog)) process.kill(Number.parseInt(watchdog, 10), 'SIGKILL');
  await writeInstance(folder, { ...instance, watchdog: null });
  while (isAlive(watchdog)) await sleep(5);
}
