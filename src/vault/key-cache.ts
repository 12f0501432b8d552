/** Keys stay in memory no longer than this; a key destroyed by another process is used no longer than this either. */
export const MAX_AGE_MS = 60_000;

/** How often a cache answered, for the operator. */
export interface CacheCounts {
  readonly hits: number;
  readonly misses: number;
  readonly entries: number;
}

export interface KeyCache<V> {
  get(name: string): V | undefined;
  set(name: string, value: V): void;
  drop(name: string): void;
  counts(): CacheCounts;
}

/**
 * A bounded cache in which nothing is older than 60 s. Entries stand in the order in which they were loaded, which is the order in
 * which they end: each call drops those at the front that have ended, and a full cache gives up the oldest.
 * @param now a clock in milliseconds that never goes back
 */
export function keyCache<V>(limit: number, now: () => number): KeyCache<V> {
  const entries = new Map<string, { readonly value: V; readonly ends: number }>();
  let hits = 0;
  let misses = 0;

  const dropEnded = (): void => {
    const instant = now();
    for (const [name, entry] of entries) {
      if (entry.ends > instant) return;
      entries.delete(name);
    }
  };

  return {
    get: (name) => {
      dropEnded();
      const entry = entries.get(name);
      if (entry === undefined) misses++;
      else hits++;
      return entry?.value;
    },
    set: (name, value) => {
      dropEnded();
      entries.delete(name);
      for (const [oldest] of entries) {
        if (entries.size < limit) break;
        entries.delete(oldest);
      }
      entries.set(name, { value, ends: now() + MAX_AGE_MS });
    },
    drop: (name) => {
      entries.delete(name);
    },
    counts: () => ({ hits, misses, entries: entries.size }),
  };
}
