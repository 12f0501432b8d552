import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Gauge, Registry } from 'prom-client';
import { isFault } from '../kernel/fault.ts';

/**
 * Metrics of programs that end before anybody could scrape them, as text files for the textfile collector of Prometheus's node exporter.
 * Each run replaces the file of the run before.
 */

/** How a start went: `code` is `none` once it serves, else what stopped it. */
export async function tellStart(folder: string | undefined, error?: unknown): Promise<void> {
  await write(folder, 'start', {
    hrl_start_failed: {
      help: '1 when the last start was stopped by the fault of this code, 0 when it came to serve.',
      labels: { code: error === undefined ? 'none' : codeOf(error) },
      value: error === undefined ? 0 : 1,
    },
    ...endTime('hrl_start_end_time_seconds', 'When the last start failed or came to serve, in seconds since 1970.'),
  });
}

/** How a check of the whole ledger went. `broken` undefined: it could not be checked, because of `error`. */
export async function tellFsck(
  folder: string | undefined,
  run: { readonly broken: boolean; readonly events: bigint } | { readonly error: unknown },
): Promise<void> {
  const failed = 'error' in run;
  await write(folder, 'fsck', {
    hrl_fsck_failed: {
      help: '1 when the last fsck could not check, because of the fault of this code; 0 when it did.',
      labels: { code: failed ? codeOf(run.error) : 'none' },
      value: failed ? 1 : 0,
    },
    ...(failed
      ? {}
      : {
          hrl_fsck_broken: {
            help: '1 when the last fsck found the ledger broken, 0 when all was well.',
            value: run.broken ? 1 : 0,
          },
          hrl_fsck_checked_events: { help: 'Events that the last fsck checked.', value: Number(run.events) },
        }),
    ...endTime('hrl_fsck_end_time_seconds', 'When the last fsck ended, in seconds since 1970.'),
  });
}

interface Told {
  readonly help: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

const codeOf = (error: unknown): string => (isFault(error) ? error.code : 'bug');
const endTime = (name: string, help: string) => ({ [name]: { help, value: Math.round(Date.now() / 1000) } });

/** Whole or not at all: the collector reads while we write. A folder that cannot be written to is no reason to fail. */
async function write(
  folder: string | undefined,
  program: string,
  metrics: Readonly<Record<string, Told>>,
): Promise<void> {
  if (folder === undefined) return;
  const registry = new Registry();
  for (const [name, { help, labels = {}, value }] of Object.entries(metrics)) {
    new Gauge({ name, help, labelNames: Object.keys(labels), registers: [registry] }).set(labels, value);
  }
  // The collector reads *.prom only.
  const fresh = join(folder, `hrl-${program}.${process.pid}`);
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(fresh, await registry.metrics(), { mode: 0o644 });
    await rename(fresh, join(folder, `hrl-${program}.prom`));
  } catch {
    await rm(fresh, { force: true }).catch(() => {});
  }
}
