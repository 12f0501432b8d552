import { randomFillSync } from 'node:crypto';
import type { Entropy } from '../kernel/ports.ts';

/** A call of the system's generator costs as much as a hash, whatever it brings: small wants share one. */
const POOL_BYTES = 4096;
const LARGEST_SHARE = 256;

/** The operating system's randomness. No byte is given twice, and none stays here once it is given. */
export const nodeEntropy: Entropy = pooled((bytes) => void randomFillSync(bytes));

/** `fill` overwrites all of the bytes with fresh randomness. */
export function pooled(fill: (bytes: Uint8Array) => void): Entropy {
  const pool = new Uint8Array(POOL_BYTES);
  let at = POOL_BYTES;
  return {
    bytes: (length) => {
      if (length > LARGEST_SHARE) {
        const bytes = new Uint8Array(length);
        fill(bytes);
        return bytes;
      }
      if (at + length > POOL_BYTES) {
        fill(pool);
        at = 0;
      }
      const bytes = pool.slice(at, at + length);
      pool.fill(0, at, at + length);
      at += length;
      return bytes;
    },
  };
}
