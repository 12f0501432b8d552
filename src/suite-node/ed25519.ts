import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { parseHex } from '../kernel/base64.ts';
import { type Bytes, concat } from '../kernel/bytes.ts';
import type { VerifyEd25519 } from '../log/ed25519.ts';

/** DER headers of RFC 8410: an Ed25519 key is 32 bytes behind them. */
const PUBLIC = parseHex('302a300506032b6570032100') as Bytes;
const PRIVATE = parseHex('302e020100300506032b657004220420') as Bytes;

/** OpenSSL's verification, which is cofactorless; `verifiesEd25519` of src/log/ed25519.ts decides what it is asked. */
export const nodeEd25519: VerifyEd25519 = (publicKey, message, signature) => {
  if (publicKey.length !== 32) return false;
  const der = Buffer.from(concat(PUBLIC, publicKey));
  let key: KeyObject;
  try {
    key = createPublicKey({ key: der, format: 'der', type: 'spki' });
  } catch {
    return false;
  }
  return verify(null, message, key, signature);
};

/** A private key of RFC 8032: 32 secret bytes. */
export function nodeEd25519Key(seed: Uint8Array): {
  readonly publicKey: Bytes;
  sign(message: Uint8Array): Bytes;
} {
  if (seed.length !== 32) throw new RangeError('an Ed25519 seed is 32 bytes');
  const key = createPrivateKey({ key: Buffer.from(concat(PRIVATE, seed)), format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return {
    publicKey: new Uint8Array(spki.subarray(PUBLIC.length)),
    sign: (message) => new Uint8Array(sign(null, message, key)),
  };
}
