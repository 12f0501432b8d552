import { realpath } from 'node:fs/promises';
import { dataFolder } from './data-folder.ts';
import { readInstance } from './instance.ts';
import { type Holder, holders } from './leases.ts';
import { findPostmaster, type Postmaster } from './postmaster.ts';
import { isAlive } from './process-identity.ts';

/** What goes on in a data folder, for a person or a test. */
export interface EmbeddedStatus {
  /** Undefined when no server runs. */
  readonly server: Postmaster | undefined;
  /** On 127.0.0.1; of the running server, or the one that the next start tries first. Undefined before the first start. */
  readonly port: number | undefined;
  /** Living processes that hold a lease. */
  readonly holders: readonly Holder[];
  /** The watchdog's pid; undefined when none lives. */
  readonly watchdog: number | undefined;
}

/** Looks without taking a lease, starting, waiting or writing anything. A folder that is not there is an idle one. */
export async function embeddedStatus(dataDir: string): Promise<EmbeddedStatus> {
  const folder = dataFolder(await realpath(dataDir).catch(() => dataDir));
  const instance = await readInstance(folder);
  const watchdog = instance?.watchdog ?? undefined;
  return {
    server: await findPostmaster(folder),
    port: instance?.port,
    holders: await holders(folder.leases),
    watchdog: watchdog !== undefined && isAlive(watchdog) ? Number.parseInt(watchdog, 10) : undefined,
  };
}
