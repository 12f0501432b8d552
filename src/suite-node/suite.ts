import { createCipheriv, createDecipheriv, createHmac, hash } from 'node:crypto';
import { type Bytes, concat } from '../kernel/bytes.ts';
import { AeadRefused, checkAeadSizes, type Suite } from '../kernel/suite.ts';

const TAG = 16;

/** A copy that owns its memory: Node's small buffers share a pool, which must not travel into caches or workers. */
const own = (buffer: Buffer): Bytes => new Uint8Array(buffer);

/** The suite on Node's OpenSSL: several times faster than the reference, equal byte for byte (suite.test.ts). */
export const nodeSuite: Suite = {
  name: 'international',
  // In one call: what is hashed here is short, and an object for each hash costs several times the hash itself.
  hash: (...parts) => own(hash('sha256', parts.length === 1 ? (parts[0] as Uint8Array) : concat(...parts), 'buffer')),
  hmac: (key, ...parts) => {
    const h = createHmac('sha256', key);
    for (const part of parts) h.update(part);
    return own(h.digest());
  },
  seal: (key, nonce, aad, plaintext) => {
    checkAeadSizes(key, nonce);
    const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG });
    cipher.setAAD(aad);
    const body = cipher.update(plaintext);
    cipher.final();
    const out = new Uint8Array(body.length + TAG);
    out.set(body);
    out.set(cipher.getAuthTag(), body.length);
    return out;
  },
  open: (key, nonce, aad, sealed) => {
    checkAeadSizes(key, nonce);
    if (sealed.length < TAG) throw new AeadRefused();
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG });
    decipher.setAAD(aad);
    decipher.setAuthTag(sealed.subarray(sealed.length - TAG));
    const body = decipher.update(sealed.subarray(0, sealed.length - TAG));
    try {
      decipher.final();
    } catch {
      throw new AeadRefused();
    }
    return own(body);
  },
};
