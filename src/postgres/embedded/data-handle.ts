import { open } from 'node:fs/promises';
import type { Account } from './files.ts';

/** How a program is told which data folder it works on. */
export interface DataHandle {
  /** For `-D`. */
  readonly argument: string;
  /** File descriptors that the program inherits, from 3 on. */
  readonly inherit: readonly number[];
  /** Closes this process's own. The program keeps what it inherited. */
  close(): Promise<void>;
}

/**
 * As root the server runs as an account that may be unable to reach the folder by its path: a checkout in root's 0700 home. It
 * inherits the folder as descriptor 3, opened by root, and is told `/proc/self/fd/3`: a link that the kernel follows without
 * walking the path. Only the folder's own mode counts then, and that is the account's. All processes of the server inherit it.
 * Nobody's permission bits are changed, and the data stays where DATA_DIR says.
 * The working folder would not do: before version 16 PostgreSQL leaves it and comes back by its path, and `-D .` is made absolute.
 */
export async function openData(cluster: string, account: Account | undefined): Promise<DataHandle> {
  if (account === undefined || process.platform !== 'linux') {
    return { argument: cluster, inherit: [], close: async () => {} };
  }
  const folder = await open(cluster, 'r');
  return { argument: '/proc/self/fd/3', inherit: [folder.fd], close: () => folder.close() };
}
