import { readFile, stat, utimes } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DataFolder } from './data-folder.ts';
import { PostgresInUseElsewhere } from './faults.ts';
import { isMissing, writePrivately } from './files.ts';
import { pidNamespace } from './process-identity.ts';

/** What is remembered of a server from one start to the next. Written before the server is started. */
export interface Instance {
  /** The same after a restart, so that the URLs which running processes hold stay good. */
  readonly port: number;
  /** A folder of our own under the system's temporary one. Its random name on a command line proves a server to be ours. */
  readonly socketFolder: string;
  /** The watchdog's process identity; null when none was started. */
  readonly watchdog: string | null;
  /** Where the pids of this instance mean something. */
  readonly namespace: string;
}

export const HEARTBEAT = 1_000;

/** Undefined when there is none (or it is not ours to read as one: it only saves a look for a port). */
export async function readInstance(folder: DataFolder): Promise<Instance | undefined> {
  try {
    const read: unknown = JSON.parse(await readFile(folder.instance, 'utf8'));
    return isInstance(read) ? read : undefined;
  } catch (error) {
    if (isMissing(error) || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

export async function writeInstance(folder: DataFolder, instance: Instance): Promise<void> {
  await writePrivately(folder.instance, `${JSON.stringify(instance, null, 2)}\n`, folder.owner);
}

/** Tells those who cannot see our processes (another container on the same volume) that somebody is here. */
export async function beat(folder: DataFolder): Promise<void> {
  const now = new Date();
  await utimes(folder.instance, now, now);
}

/**
 * Refuses a folder in which a watchdog of another machine or container is at work: its leases would look dead from here, and two
 * servers on one cluster destroy it. An instance that merely stopped there without order costs a wait of `patience` milliseconds.
 * @throws PostgresInUseElsewhere
 */
export async function refuseElsewhere(folder: DataFolder, patience = 3 * HEARTBEAT): Promise<void> {
  const instance = await readInstance(folder);
  if (instance === undefined || instance.watchdog === null || instance.namespace === pidNamespace()) return;
  const { mtimeMs } = await stat(folder.instance);
  await sleep(patience);
  const later = await stat(folder.instance);
  if (later.mtimeMs !== mtimeMs) throw new PostgresInUseElsewhere(folder.root);
}

function isInstance(value: unknown): value is Instance {
  if (typeof value !== 'object' || value === null) return false;
  const { port, socketFolder, watchdog, namespace } = value as Record<string, unknown>;
  return (
    Number.isInteger(port) &&
    typeof socketFolder === 'string' &&
    (watchdog === null || typeof watchdog === 'string') &&
    typeof namespace === 'string'
  );
}
