import { type Bytes, lp, utf8 } from '../kernel/bytes.ts';
import type { StreamName } from '../kernel/id.ts';
import type { Entropy } from '../kernel/ports.ts';
import type { Suite } from '../kernel/suite.ts';
import type { Sql } from '../postgres/pools.ts';
import { type HeldKey, heldKey, newWrappedKey } from './held-key.ts';
import { type CacheCounts, keyCache } from './key-cache.ts';
import { type Period, periodKeyId } from './key-id.ts';
import type { Keyring } from './keyring.ts';
import { durably, reach } from './reach.ts';

/** K[class, year]: one key for all streams' retained parts of a class decided in a year. Its end is the end of them all. */
export interface PeriodKeyStore {
  /** The keys of these classes in that year, created where there are none; committed and synced when it resolves. */
  loadOrCreate(classes: readonly string[], year: number): Promise<ReadonlyMap<string, PeriodKey>>;
  /** The keys that exist of these periods, by `periodName`, from memory or in one round trip. */
  load(periods: readonly Period[]): Promise<ReadonlyMap<string, HeldKey>>;
  forget(retention: string, year: number): void;
  counts(): CacheCounts;
}

export interface PeriodKey {
  readonly period: Period;
  readonly key: HeldKey;
}

export const periodName = (period: Period): string => `${period.retention}#${period.year}#${period.number}`;

const DERIVE_TAG = utf8('hrl/derive/v1\n');

/** HMAC(K[class, year], "hrl/derive/v1\n" ‖ lp(stream)): what seals one stream's retained parts of that period. */
export function retainedKey(suite: Suite, periodKey: Uint8Array, stream: StreamName): Bytes {
  return suite.hmac(periodKey, DERIVE_TAG, lp(stream));
}

interface Row {
  readonly retention: string;
  readonly year: number;
  readonly number: number;
  readonly wrapped: Buffer | null;
}

const CACHED_PERIODS = 1_000;

const cacheName = (retention: string, year: number): string => `${retention}#${year}`;

function newestOf(
  found: ReadonlyMap<string, ReadonlyMap<number, HeldKey>>,
  retention: string,
  year: number,
): PeriodKey {
  const keys = found.get(cacheName(retention, year));
  const number = Math.max(...(keys?.keys() ?? []));
  const key = keys?.get(number);
  if (key === undefined) throw new Error('a period key was inserted and is not there');
  return { period: { retention, year, number }, key };
}

/** Keys of periods in `vault.period_keys`, each wrapped under the retention key of its epoch. */
export function periodKeyStore(options: {
  readonly sql: Sql;
  readonly keyring: Keyring;
  readonly suite: Suite;
  readonly entropy: Entropy;
  readonly origin: string;
  readonly now: () => number;
}): PeriodKeyStore {
  const { sql, origin, now } = options;
  /** By class and year: every key of that period by number. */
  const cache = keyCache<ReadonlyMap<number, HeldKey>>(CACHED_PERIODS, now);

  async function read(
    wanted: readonly { retention: string; year: number }[],
  ): Promise<Map<string, Map<number, HeldKey>>> {
    const found = new Map<string, Map<number, HeldKey>>();
    if (wanted.length === 0) return found;
    const classes = wanted.map((period) => period.retention);
    const years = wanted.map((period) => period.year);
    const rows = await reach(
      () => sql<Row[]>`
        select retention, year, number, wrapped
        from unnest(${classes}::text[], ${years}::int[]) as wanted (retention, year)
        join vault.period_keys using (retention, year)`,
    );
    for (const row of rows) {
      const name = cacheName(row.retention, row.year);
      const keys = found.get(name) ?? new Map<number, HeldKey>();
      found.set(name, keys.set(row.number, heldKey(options, 'retention', periodKeyId(origin, row), row.wrapped)));
    }
    for (const [name, keys] of found) cache.set(name, keys);
    return found;
  }

  async function loadAll(wanted: readonly { retention: string; year: number }[]) {
    const found = new Map<string, ReadonlyMap<number, HeldKey>>();
    const missing = new Map<string, { retention: string; year: number }>();
    for (const { retention, year } of wanted) {
      const name = cacheName(retention, year);
      if (found.has(name) || missing.has(name)) continue;
      const keys = cache.get(name);
      if (keys === undefined) missing.set(name, { retention, year });
      else found.set(name, keys);
    }
    for (const [name, keys] of await read([...missing.values()])) found.set(name, keys);
    return found;
  }

  async function create(classes: readonly string[], year: number): Promise<void> {
    const rows = [...classes].sort().map((retention) => {
      const wrapped = newWrappedKey(options, 'retention', periodKeyId(origin, { retention, year, number: 0 }));
      return { retention, year, number: 0, wrapped };
    });
    await durably(sql, (tx) => tx`insert into vault.period_keys ${tx(rows)} on conflict do nothing`);
  }

  return {
    loadOrCreate: async (classes, year) => {
      const found = await loadAll(classes.map((retention) => ({ retention, year })));
      const without = classes.filter((retention) => !found.has(cacheName(retention, year)));
      if (without.length > 0) {
        await create(without, year);
        for (const [name, keys] of await read(without.map((retention) => ({ retention, year })))) found.set(name, keys);
      }
      return new Map(classes.map((retention) => [retention, newestOf(found, retention, year)]));
    },
    load: async (periods) => {
      const found = await loadAll(periods);
      const keys = new Map<string, HeldKey>();
      for (const period of periods) {
        const key = found.get(cacheName(period.retention, period.year))?.get(period.number);
        if (key !== undefined) keys.set(periodName(period), key);
      }
      return keys;
    },
    forget: (retention, year) => cache.drop(cacheName(retention, year)),
    counts: () => cache.counts(),
  };
}
