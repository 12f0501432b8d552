import { parseBase64Url, toBase64Url } from '../kernel/base64.ts';
import { type Bytes, concat, lp, utf8 } from '../kernel/bytes.ts';
import { canonicalBytes, parseCanonical } from '../kernel/canonical.ts';
import { Malformed } from '../kernel/fault.ts';
import { AeadRefused, type Suite } from '../kernel/suite.ts';
import type { Tokens } from './port.ts';

const NONCE_BYTES = 12;
const BLOCK = 32;
/** Longer texts are none of ours; refused before they are decoded. */
const MAX_TOKEN_LETTERS = 4096;
const MAX_PAYLOAD_BYTES = 2048;

/** Keys of so many pairs of kind and binding stay in memory: those of the answers that are being made, mostly. */
const CACHED_KEYS = 1_000;

interface TokenKeys {
  readonly seal: Bytes;
  readonly nonce: Bytes;
}

/**
 * Sealed texts under the cursor key: base64url(nonce ‖ AES-GCM(canonical(payload) ‖ zeros to a multiple of 32)). Kind and binding (who,
 * which query) make the key, so a token is noise to anybody else. The nonce is an HMAC of the payload: one payload has one text for one
 * binding, as clients that compare node ids need, and no number of tokens wears a key out.
 */
export function sealedTokens(suite: Suite, cursorKey: Uint8Array): Tokens {
  const cache = new Map<string, TokenKeys>();

  /** A page seals ten ids for one actor: their keys are derived once. */
  function keysFor(kind: string, binding: readonly string[]): TokenKeys {
    const name = JSON.stringify([kind, binding]);
    const known = cache.get(name);
    if (known !== undefined) return known;
    if (cache.size >= CACHED_KEYS) cache.clear();
    const keys = derive(kind, binding);
    cache.set(name, keys);
    return keys;
  }

  function derive(kind: string, binding: readonly string[]): TokenKeys {
    const bound = suite.hmac(
      cursorKey,
      concat(utf8('hrl/token/v1\n'), lp(suite.name), lp(kind)),
      // A list of any length and texts of any length have one spelling each.
      suite.hash(canonicalBytes(binding, 'token binding')),
    );
    return { seal: suite.hmac(bound, utf8('seal')), nonce: suite.hmac(bound, utf8('nonce')) };
  }
  const aad = utf8('hrl/token/v1\n');

  return {
    seal: (kind, binding, payload) => {
      const keys = keysFor(kind, binding);
      const bytes = canonicalBytes(payload, 'token payload');
      if (bytes.length > MAX_PAYLOAD_BYTES) throw new RangeError('a token carries at most 2,048 bytes');
      const plaintext = new Uint8Array(Math.ceil(bytes.length / BLOCK) * BLOCK);
      plaintext.set(bytes);
      const nonce = suite.hmac(keys.nonce, plaintext).subarray(0, NONCE_BYTES);
      return toBase64Url(concat(nonce, suite.seal(keys.seal, nonce, aad, plaintext)));
    },
    open: (kind, binding, token) => {
      if (token.length > MAX_TOKEN_LETTERS) return undefined;
      const bytes = parseBase64Url(token);
      if (bytes === undefined || bytes.length < NONCE_BYTES) return undefined;
      try {
        const nonce = bytes.subarray(0, NONCE_BYTES);
        const plaintext = suite.open(keysFor(kind, binding).seal, nonce, aad, bytes.subarray(NONCE_BYTES));
        // JSON never ends in a zero byte.
        const end = plaintext.findLastIndex((byte) => byte !== 0) + 1;
        return parseCanonical(plaintext.subarray(0, end), 'token payload');
      } catch (error) {
        if (error instanceof AeadRefused || error instanceof Malformed) return undefined;
        throw error;
      }
    },
  };
}
