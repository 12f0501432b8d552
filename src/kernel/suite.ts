import type { Bytes } from './bytes.ts';

/** What `open` says when a tag does not fit: never why, never a part of the plaintext. */
export class AeadRefused extends Error {
  constructor() {
    super('authentication failed');
    this.name = 'AeadRefused';
  }
}

/** The sizes of AES-256-GCM as we use it. Libraries also take others and then do something else: a caller's mistake, no forgery. */
export function checkAeadSizes(key: Uint8Array, nonce: Uint8Array): void {
  if (key.length !== 32) throw new RangeError('an AEAD key is 32 bytes');
  if (nonce.length !== 12) throw new RangeError('a nonce is 12 bytes');
}

/**
 * The one place where algorithms are named. A ledger's suite is fixed for its life and comes from the verifier's policy, never from data.
 * `international`: SHA-256, HMAC-SHA-256, AES-256-GCM (Ed25519 for notes). All methods are synchronous and pure.
 */
export interface Suite {
  readonly name: 'international';
  /** 32 bytes. */
  hash(...parts: readonly Uint8Array[]): Bytes;
  /** 32 bytes; any key length, in practice 32. */
  hmac(key: Uint8Array, ...parts: readonly Uint8Array[]): Bytes;
  /** ciphertext ‖ 16-byte tag; key 32 bytes, nonce 12 bytes, else a `RangeError` here and in `open`. */
  seal(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Bytes;
  /** Throws `AeadRefused` when the tag does not fit. */
  open(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Bytes;
}
