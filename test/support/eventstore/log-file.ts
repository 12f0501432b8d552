import { type FileHandle, mkdir, open, readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeRecords, type LogRecord } from './record.ts';

/** The log in a folder: one file, only ever appended to. */
export interface LogFile {
  /** On disk when it resolves. */
  write(bytes: Buffer): Promise<void>;
  close(): Promise<void>;
}

/** Opens the folder's log, makes it if there is none, and cuts off the append that a crash left half written. */
export async function openLogFile(
  folder: string,
): Promise<{ readonly file: LogFile; readonly stored: readonly LogRecord[] }> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, 'log');
  const handle = await open(path, 'a');
  const stored = decodeRecords(await readFile(path));
  await truncate(path, Number(stored.at(-1)?.next ?? 0n));
  return { file: onHandle(handle), stored };
}

function onHandle(handle: FileHandle): LogFile {
  return {
    write: async (bytes) => {
      await handle.appendFile(bytes);
      await handle.datasync();
    },
    close: () => handle.close(),
  };
}
