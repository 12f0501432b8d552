import { gcm } from '@noble/ciphers/aes.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { type Bytes, concat } from './bytes.ts';
import { AeadRefused, checkAeadSizes, type Suite } from './suite.ts';

/** The reference suite: audited JavaScript, the same in a browser. `src/suite-node` must agree with it byte for byte. */
export const nobleSuite: Suite = {
  name: 'international',
  hash: (...parts) => {
    const h = sha256.create();
    for (const part of parts) h.update(part);
    return h.digest() as Bytes;
  },
  hmac: (key, ...parts) => {
    const h = hmac.create(sha256, key);
    for (const part of parts) h.update(part);
    return h.digest() as Bytes;
  },
  seal: (key, nonce, aad, plaintext) => {
    checkAeadSizes(key, nonce);
    return gcm(key, nonce, aad).encrypt(plaintext) as Bytes;
  },
  open: (key, nonce, aad, sealed) => {
    checkAeadSizes(key, nonce);
    try {
      return concat(gcm(key, nonce, aad).decrypt(sealed));
    } catch {
      throw new AeadRefused();
    }
  },
};
