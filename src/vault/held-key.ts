import type { Bytes } from '../kernel/bytes.ts';
import type { Entropy } from '../kernel/ports.ts';
import type { Suite } from '../kernel/suite.ts';
import { WrongKeyring } from './faults.ts';
import { type Keyring, newest } from './keyring.ts';
import { unwrapKey, wrapEpoch, wrapKey } from './wrap.ts';

/** A key, or its tombstone. */
export type HeldKey = Bytes | 'destroyed';

/** Which of the keyring's series wraps: `kek` those of streams, `retention` those of classes and years. */
export type WrappingSeries = 'kek' | 'retention';

/** A new random key of that id, wrapped under the newest key of the series. */
export function newWrappedKey(
  parts: { readonly suite: Suite; readonly keyring: Keyring; readonly entropy: Entropy },
  series: WrappingSeries,
  keyId: string,
): Bytes {
  return wrapKey(parts.suite, newest(parts.keyring[series]), parts.entropy.bytes(12), keyId, parts.entropy.bytes(32));
}

/** The key in a stored wrap; null there is a tombstone. Throws `wrong-keyring` when this keyring has not wrapped it. */
export function heldKey(
  parts: { readonly suite: Suite; readonly keyring: Keyring },
  series: WrappingSeries,
  keyId: string,
  wrapped: Uint8Array | null,
): HeldKey {
  if (wrapped === null) return 'destroyed';
  const epoch = wrapEpoch(wrapped);
  if (epoch === undefined) throw new WrongKeyring('a stored key is no wrap');
  const wrapping = parts.keyring[series].get(epoch);
  if (wrapping === undefined)
    throw new WrongKeyring(`it lacks ${series}/${epoch}, under which a stored key is wrapped`);
  const key = unwrapKey(parts.suite, wrapping, keyId, wrapped);
  if (key === undefined) throw new WrongKeyring(`a stored key does not open under its ${series}/${epoch}`);
  return key;
}
