import { type Bytes, concat, lp, readU32, u32, utf8 } from '../kernel/bytes.ts';
import { AeadRefused, type Suite } from '../kernel/suite.ts';

/** u32 e ‖ nonce[12] ‖ GCM(wk, key[32]) with its tag; docs/spec/sealing.md. */
export const WRAPPED_BYTES = 4 + 12 + 32 + 16;
const WRAP_TAG = utf8('hrl/wrap/v1\n');
const NOTHING = new Uint8Array(0);

/** wk = HMAC(KEK_e, "hrl/wrap/v1\n" ‖ lp(keyId)): a wrap opens for its own key id only. */
const wrappingKey = (suite: Suite, kek: Uint8Array, keyId: string): Bytes => suite.hmac(kek, WRAP_TAG, lp(keyId));

/** Wraps a key of 32 bytes under the wrapping key of that epoch. */
export function wrapKey(
  suite: Suite,
  under: { readonly epoch: number; readonly key: Uint8Array },
  nonce: Uint8Array,
  keyId: string,
  key: Uint8Array,
): Bytes {
  if (key.length !== 32) throw new RangeError('a key is 32 bytes');
  if (nonce.length !== 12) throw new RangeError('a nonce is 12 bytes');
  return concat(u32(under.epoch), nonce, suite.seal(wrappingKey(suite, under.key, keyId), nonce, NOTHING, key));
}

/** The epoch that a wrap names; `undefined` when it is no wrap. */
export function wrapEpoch(wrapped: Uint8Array): number | undefined {
  return wrapped.length === WRAPPED_BYTES ? readU32(wrapped, 0) : undefined;
}

/** The key, or `undefined` when the wrap was made under another wrapping key, for another key id, or was changed. */
export function unwrapKey(suite: Suite, kek: Uint8Array, keyId: string, wrapped: Uint8Array): Bytes | undefined {
  if (wrapped.length !== WRAPPED_BYTES) return undefined;
  try {
    return suite.open(wrappingKey(suite, kek, keyId), wrapped.subarray(4, 16), NOTHING, wrapped.subarray(16));
  } catch (error) {
    if (error instanceof AeadRefused) return undefined;
    throw error;
  }
}
