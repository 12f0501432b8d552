import type { Bytes } from '../kernel/bytes.ts';
import type { StreamName } from '../kernel/id.ts';
import type { Entropy } from '../kernel/ports.ts';
import type { Suite } from '../kernel/suite.ts';
import type { Sql } from '../postgres/pools.ts';
import { KeyDestroyed, KeyMissing } from './faults.ts';
import { type HeldKey, heldKey, newWrappedKey } from './held-key.ts';
import { type CacheCounts, keyCache } from './key-cache.ts';
import { personalKeyId, tagKeyId } from './key-id.ts';
import type { Keyring } from './keyring.ts';
import { durably, reach } from './reach.ts';

/** All keys of a stream. Personal keys by number; the greatest number is the one in use. */
export interface StreamKeySet {
  readonly personal: ReadonlyMap<number, HeldKey>;
  readonly tag: HeldKey;
}

/** The keys that a stream seals with now. */
export interface LiveKeys {
  readonly number: number;
  readonly personal: Bytes;
  readonly tag: Bytes;
}

export interface StreamKeyStore {
  /** The streams' keys, created where there are none; those created are committed and synced when it resolves. One round trip when all exist. */
  loadOrCreate(streams: readonly StreamName[]): Promise<ReadonlyMap<StreamName, StreamKeySet>>;
  /** The keys of those streams that have any, from memory or in one round trip. */
  load(streams: readonly StreamName[]): Promise<ReadonlyMap<StreamName, StreamKeySet>>;
  /** Forgets what is in memory, so that the next use reads the database. */
  forget(stream: StreamName): void;
  counts(): CacheCounts;
}

/** The stream's keys in use. Throws `key-destroyed` for an erased subject. */
export function liveKeys(stream: StreamName, keys: StreamKeySet): LiveKeys {
  const number = Math.max(...keys.personal.keys());
  const personal = keys.personal.get(number);
  if (personal === undefined || personal === 'destroyed') throw new KeyDestroyed(personalKeyId(stream, number));
  if (keys.tag === 'destroyed') throw new KeyDestroyed(tagKeyId(stream, 0));
  return { number, personal, tag: keys.tag };
}

interface Row {
  readonly stream: StreamName;
  readonly kind: 'personal' | 'tag';
  readonly number: number;
  readonly wrapped: Buffer | null;
}

interface Draft {
  readonly personal: Map<number, HeldKey>;
  tag?: HeldKey;
}

const CACHED_STREAMS = 20_000;

/** Keys of streams in `vault.stream_keys`, each wrapped under the KEK of its epoch. */
export function streamKeyStore(options: {
  readonly sql: Sql;
  readonly keyring: Keyring;
  readonly suite: Suite;
  readonly entropy: Entropy;
  readonly now: () => number;
}): StreamKeyStore {
  const { sql, now } = options;
  const cache = keyCache<StreamKeySet>(CACHED_STREAMS, now);

  const keyIdOf = (row: Pick<Row, 'stream' | 'kind' | 'number'>): string =>
    row.kind === 'tag' ? tagKeyId(row.stream, row.number) : personalKeyId(row.stream, row.number);

  async function read(streams: readonly StreamName[]): Promise<Map<StreamName, StreamKeySet>> {
    const found = new Map<StreamName, StreamKeySet>();
    if (streams.length === 0) return found;
    const rows = await reach(
      () => sql<Row[]>`
        select stream, kind, number, wrapped from vault.stream_keys where stream = any(${[...streams]}::text[])`,
    );
    const drafts = new Map<StreamName, Draft>();
    for (const row of rows) {
      const draft: Draft = drafts.get(row.stream) ?? { personal: new Map() };
      drafts.set(row.stream, draft);
      const key = heldKey(options, 'kek', keyIdOf(row), row.wrapped);
      if (row.kind === 'tag') draft.tag = key;
      else draft.personal.set(row.number, key);
    }
    for (const [stream, { personal, tag }] of drafts) {
      // Both are written by one statement: one without the other is somebody's hand.
      if (tag === undefined || personal.size === 0) throw new KeyMissing(`${stream}#${tag ? 'personal' : 'tag'}#-#0`);
      const keys = { personal, tag };
      found.set(stream, keys);
      cache.set(stream, keys);
    }
    return found;
  }

  async function create(streams: readonly StreamName[]): Promise<void> {
    // In one order everywhere, so that two processes that make the same keys wait for each other and never deadlock.
    const rows = [...streams].sort().flatMap((stream) =>
      (['personal', 'tag'] as const).map((kind) => {
        const wrapped = newWrappedKey(options, 'kek', keyIdOf({ stream, kind, number: 0 }));
        return { stream: stream as string, kind, number: 0, wrapped };
      }),
    );
    await durably(sql, async (tx) => {
      for (let at = 0; at < rows.length; at += 1000) {
        await tx`insert into vault.stream_keys ${tx(rows.slice(at, at + 1000))} on conflict do nothing`;
      }
    });
  }

  async function load(streams: readonly StreamName[]): Promise<Map<StreamName, StreamKeySet>> {
    const found = new Map<StreamName, StreamKeySet>();
    const missing: StreamName[] = [];
    for (const stream of new Set(streams)) {
      const keys = cache.get(stream);
      if (keys === undefined) missing.push(stream);
      else found.set(stream, keys);
    }
    for (const [stream, keys] of await read(missing)) found.set(stream, keys);
    return found;
  }

  return {
    load,
    loadOrCreate: async (streams) => {
      const found = await load(streams);
      const without = [...new Set(streams)].filter((stream) => !found.has(stream));
      if (without.length === 0) return found;
      await create(without);
      // Whoever inserted first made the key; this reads the one that stands.
      for (const [stream, keys] of await read(without)) found.set(stream, keys);
      return found;
    },
    forget: (stream) => cache.drop(stream),
    counts: () => cache.counts(),
  };
}
