import { parseBase64Url, toBase64Url } from '../kernel/base64.ts';
import type { Bytes } from '../kernel/bytes.ts';
import { Malformed } from '../kernel/fault.ts';
import * as f from '../kernel/field.ts';
import type { Entropy } from '../kernel/ports.ts';

/** Keys of one kind by epoch or version; the greatest is the one in use, older ones still open what they sealed. */
export type KeySeries = ReadonlyMap<number, Bytes>;

/** Everything secret that does not live in the database. 32 bytes each. */
export interface Keyring {
  /** Wrap stream keys. An epoch ends by leaving the keyring, which ends every backup of what it wrapped. */
  readonly kek: KeySeries;
  /** Wrap the keys of retention classes and years. */
  readonly retention: KeySeries;
  /** Make blind indexes of claims. While two versions live, claims are written under both. */
  readonly index: KeySeries;
  /** Makes command ids and intents. Never changes: a retry would no longer be known as one. */
  readonly request: Bytes;
  /** Makes pseudonyms of officers and systems. Never changes. */
  readonly actor: Bytes;
  /** Seals cursors and node ids. May be replaced; those given out then end. */
  readonly cursor: Bytes;
  /** Signs development tokens (HS256). */
  readonly developmentToken: Bytes;
}

const SERIES = ['kek', 'retention', 'index'] as const;
const SINGLE = ['request', 'actor', 'cursor', 'developmentToken'] as const;
const FIRST_EPOCH = 1;
const MAX_EPOCHS = 256;

/** A new keyring with the first epoch of every series. */
export function createKeyring(entropy: Entropy): Keyring {
  const first = (): KeySeries => new Map([[FIRST_EPOCH, entropy.bytes(32)]]);
  return {
    kek: first(),
    retention: first(),
    index: first(),
    request: entropy.bytes(32),
    actor: entropy.bytes(32),
    cursor: entropy.bytes(32),
    developmentToken: entropy.bytes(32),
  };
}

/** The newest key of a series: new wraps and indexes are made under it. */
export function newest(series: KeySeries): { readonly epoch: number; readonly key: Bytes } {
  const epoch = Math.max(...series.keys());
  const key = series.get(epoch);
  if (key === undefined) throw new Error('a series without keys');
  return { epoch, key };
}

/** Names of all keys by series and epoch, in a fixed order: `kek/1`, …, `request`. For people; tells no secret. */
export function keyIds(keyring: Keyring): readonly string[] {
  return [...SERIES.flatMap((name) => [...keyring[name].keys()].map((epoch) => `${name}/${epoch}`)), ...SINGLE];
}

/** The key that a name of `keyIds` stands for; `undefined` when the keyring has none. */
export function keyNamed(keyring: Keyring, id: string): Bytes | undefined {
  const single = SINGLE.find((name) => name === id);
  if (single !== undefined) return keyring[single];
  const [name, epoch, ...rest] = id.split('/');
  const series = SERIES.find((candidate) => candidate === name);
  if (series === undefined || epoch === undefined || rest.length > 0 || !/^\d{1,10}$/.test(epoch)) return undefined;
  return keyring[series].get(Number(epoch));
}

const series = () =>
  f.refined(
    f.list(f.object({ epoch: f.integer(1, 0xffffffff), key: f.bytes32() }), MAX_EPOCHS, 1),
    (keys) => keys.every((entry, i) => i === 0 || entry.epoch > (keys[i - 1]?.epoch ?? 0)),
    'epochs are not ascending',
  );

const FILE = f.object({
  format: f.oneOf('hrl/keyring/v1'),
  kek: series(),
  retention: series(),
  index: series(),
  request: f.bytes32(),
  actor: f.bytes32(),
  cursor: f.bytes32(),
  developmentToken: f.bytes32(),
});
type KeyringFile = f.Infer<typeof FILE>;

export function printKeyring(keyring: Keyring): string {
  const list = (keys: KeySeries) =>
    [...keys].sort(([a], [b]) => a - b).map(([epoch, key]) => ({ epoch, key: toBase64Url(key) }));
  const file: KeyringFile = {
    format: 'hrl/keyring/v1',
    kek: list(keyring.kek),
    retention: list(keyring.retention),
    index: list(keyring.index),
    request: toBase64Url(keyring.request),
    actor: toBase64Url(keyring.actor),
    cursor: toBase64Url(keyring.cursor),
    developmentToken: toBase64Url(keyring.developmentToken),
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/**
 * Reads what `printKeyring` writes; spaces and line ends may differ, nothing else. Exactly the known fields, ascending epochs, no key
 * twice (a copied key would make two purposes one). Throws `Malformed`, which names the place and never a value.
 */
export function parseKeyring(text: string): Keyring {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Malformed('keyring', 'not JSON');
  }
  const file = FILE.check(value, 'keyring');
  // JSON.parse keeps the last of two fields of one name; printing again shows what it dropped.
  if (JSON.stringify(value) !== text.replace(/\s/g, '')) {
    throw new Malformed('keyring', 'has a field twice, or is not spelt as it was written');
  }
  const lists = SERIES.flatMap((name) => file[name].map((entry) => entry.key));
  const all = [...lists, ...SINGLE.map((name) => file[name])];
  if (new Set(all).size !== all.length) throw new Malformed('keyring', 'has one key in two places');
  const bytes = (key: string): Bytes => {
    const parsed = parseBase64Url(key);
    if (parsed === undefined) throw new Malformed('keyring', 'a key is not 32 bytes in base64url');
    return parsed;
  };
  const map = (keys: KeyringFile['kek']): KeySeries => new Map(keys.map(({ epoch, key }) => [epoch, bytes(key)]));
  return {
    kek: map(file.kek),
    retention: map(file.retention),
    index: map(file.index),
    request: bytes(file.request),
    actor: bytes(file.actor),
    cursor: bytes(file.cursor),
    developmentToken: bytes(file.developmentToken),
  };
}
