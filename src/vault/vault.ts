import { CATALOGUE } from '../domain/catalogue.ts';
import { toBase64Url } from '../kernel/base64.ts';
import { RETENTION_YEARS } from '../kernel/event.ts';
import { yearOf } from '../kernel/instant.ts';
import type { Entropy } from '../kernel/ports.ts';
import type { Suite } from '../kernel/suite.ts';
import { commandEventId, intentOf } from '../ledger/event-id.ts';
import type { Sql } from '../postgres/pools.ts';
import { postgresClaims } from './claims.ts';
import { postgresContents } from './contents.ts';
import { actorIdOf, derivedIdOf } from './derived-id.ts';
import { allOrFirstError, setInternals } from './internals.ts';
import type { CacheCounts } from './key-cache.ts';
import type { Keyring } from './keyring.ts';
import { openPersonal } from './open-personal.ts';
import { openRetainedEach } from './open-retained.ts';
import { periodKeyStore } from './period-key-store.ts';
import type { Claims, Contents, Snapshots, StreamKeys, Tokens, Vault } from './port.ts';
import { postgresSnapshots, type SnapshotCounts } from './snapshots.ts';
import { liveKeys, streamKeyStore } from './stream-key-store.ts';
import { streamKeys } from './stream-keys.ts';
import { sealedTokens } from './tokens.ts';

/** What `openVault` gives; each part goes to those who need it, and no further. */
export interface OpenVault {
  readonly vault: Vault;
  readonly claims: Claims;
  readonly contents: Contents;
  readonly snapshots: Snapshots;
  readonly tokens: Tokens;
  /** For the operator; tells of no subject. */
  counts(): { readonly streamKeys: CacheCounts; readonly periodKeys: CacheCounts; readonly snapshots: SnapshotCounts };
}

const CLASSES = Object.keys(RETENTION_YEARS);

/**
 * The vault of one ledger in Postgres. Opens nothing and asks nothing yet: compare the keyring with the ledger's check values first.
 * @param options.now milliseconds of a clock that never goes back, by which keys leave the memory
 */
export function openVault(options: {
  readonly sql: Sql;
  readonly keyring: Keyring;
  readonly suite: Suite;
  readonly entropy: Entropy;
  readonly origin: string;
  readonly now: () => number;
}): OpenVault {
  const { sql, keyring, suite, entropy, origin } = options;
  const streams = streamKeyStore(options);
  const periods = periodKeyStore(options);
  const internals = { sql, suite, origin, entropy, catalogue: CATALOGUE, streams, periods };

  const keysOfMany: Vault['keysOfMany'] = async (names, decided) => {
    const year = yearOf(decided);
    const [sets, periodKeys] = await Promise.all([streams.loadOrCreate(names), periods.loadOrCreate(CLASSES, year)]);
    return names.map((stream): StreamKeys => {
      const set = sets.get(stream);
      if (set === undefined) throw new Error('a stream whose keys were just made has none');
      return streamKeys({ suite, entropy, origin, stream, year, live: liveKeys(stream, set), periods: periodKeys });
    });
  };

  const vault: Vault = {
    keysOf: async (stream, decided) => {
      const [keys] = await keysOfMany([stream], decided);
      if (keys === undefined) throw new Error('no keys for one stream');
      return keys;
    },
    keysOfMany,
    openRetained: async (refs) => allOrFirstError(await openRetainedEach(vault, refs)),
    openIntent: async (ref) => {
      const [personal] = await openPersonal(vault, [ref]);
      if (personal === undefined || personal === 'erased') return 'erased';
      return typeof personal.intent === 'string' ? personal.intent : 'none';
    },
    commandId: (key, ordinal) => commandEventId(suite, keyring.request, key, ordinal),
    intent: (first, input) => toBase64Url(intentOf(suite, keyring.request, first, input)),
    derivedId: (event, what) => derivedIdOf(suite, keyring.request, event, what),
    actorId: (issuer, subject) => actorIdOf(suite, keyring.actor, issuer, subject),
  };
  setInternals(vault, internals);
  const snapshots = postgresSnapshots(internals);
  return {
    vault,
    claims: postgresClaims(options),
    contents: postgresContents(internals),
    snapshots,
    tokens: sealedTokens(suite, keyring.cursor),
    counts: () => ({ streamKeys: streams.counts(), periodKeys: periods.counts(), snapshots: snapshots.counts() }),
  };
}
