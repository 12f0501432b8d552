import { statfs } from 'node:fs/promises';
import { Counter, Gauge, type Registry } from 'prom-client';

/** What is counted elsewhere anyway. It is read when somebody scrapes, and costs nothing else. */
export interface Sources {
  readonly queue: { readonly limit: number; waiting(): number };
  readonly projector: {
    /** `absent` in a process that keeps no read tables. */
    state(): string;
    /** Age of the oldest event that the read tables do not show, 0 when they show all. Throws when nobody can tell. */
    lagMs(): Promise<number>;
  };
  vault(): {
    readonly streamKeys: CacheCounts;
    readonly periodKeys: CacheCounts;
    readonly snapshots: { readonly used: number; readonly otherFold: number; readonly refused: number };
  };
  /** How many faults of each code were told since the start. */
  faults(): Readonly<Record<string, number>>;
  /** The folder of the embedded database and the keyring. */
  readonly dataDir: string;
}

interface CacheCounts {
  readonly hits: number;
  readonly misses: number;
  readonly entries: number;
}

const PROJECTOR_STATES = ['standby', 'projecting', 'stopped', 'absent'];
/** A scrape waits no longer than this for the database; a gauge that was not answered is left out of it. */
const PATIENCE_MS = 2_000;

export function addGauges(registry: Registry, sources: Sources): void {
  const { queue, projector } = sources;
  const registers = [registry];
  const gauge = (name: string, help: string, read: () => Promise<number | undefined> | number): void => {
    new Gauge({
      name,
      help,
      registers,
      async collect() {
        const value = await read();
        if (value === undefined) this.remove();
        else this.set(value);
      },
    });
  };
  /** A count that is kept elsewhere and only grows. */
  const counted = (name: string, help: string, label: string, read: () => Readonly<Record<string, number>>): void => {
    new Counter({
      name,
      help,
      registers,
      labelNames: [label],
      collect() {
        this.reset();
        for (const [value, count] of Object.entries(read())) this.inc({ [label]: value }, count);
      },
    });
  };
  const caches = (of: keyof CacheCounts): Record<string, number> => {
    const { streamKeys, periodKeys } = sources.vault();
    return { stream: streamKeys[of], period: periodKeys[of] };
  };

  gauge('hrl_ledger_queue_appends', 'Appends that wait or run.', queue.waiting);
  gauge('hrl_ledger_queue_limit_appends', 'MAX_QUEUE: appends that may wait before BUSY.', () => queue.limit);
  gauge(
    'hrl_projector_lag_seconds',
    'Age of the oldest event that the read tables do not show; 0 when they show all. Absent while nobody can tell.',
    () => inTime(projector.lagMs().then((ms) => ms / 1000)),
  );
  new Gauge({
    name: 'hrl_projector_state',
    help: '1 for the state that the projector of this process is in. One process of all projects, the others stand by.',
    labelNames: ['state'],
    registers,
    collect() {
      for (const state of PROJECTOR_STATES) this.set({ state }, state === projector.state() ? 1 : 0);
    },
  });
  counted('hrl_faults_total', 'Faults told to callers, by code.', 'code', sources.faults);
  counted('hrl_key_cache_hits_total', 'Keys found in memory.', 'cache', () => caches('hits'));
  counted('hrl_key_cache_misses_total', 'Keys read from the database.', 'cache', () => caches('misses'));
  new Gauge({
    name: 'hrl_key_cache_entries',
    help: 'Streams or periods whose keys are in memory; none for longer than 60 s.',
    labelNames: ['cache'],
    registers,
    collect() {
      for (const [cache, count] of Object.entries(caches('entries'))) this.set({ cache }, count);
    },
  });
  counted(
    'hrl_snapshots_total',
    'Snapshots of folded states that were read: used, of another fold, or refused because they did not open.',
    'outcome',
    () => {
      const { used, otherFold, refused } = sources.vault().snapshots;
      return { used, 'other-fold': otherFold, refused };
    },
  );
  gauge('hrl_data_dir_free_bytes', 'Free space where DATA_DIR lies.', async () => (await disk(sources.dataDir))?.free);
  gauge('hrl_data_dir_size_bytes', 'All space where DATA_DIR lies.', async () => (await disk(sources.dataDir))?.size);
}

async function disk(folder: string): Promise<{ readonly free: number; readonly size: number } | undefined> {
  try {
    const { bavail, blocks, bsize } = await statfs(folder);
    return { free: bavail * bsize, size: blocks * bsize };
  } catch {
    return undefined;
  }
}

async function inTime(value: Promise<number>): Promise<number | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), PATIENCE_MS);
  });
  try {
    return await Promise.race([value, late]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
