import { Malformed } from '../kernel/fault.ts';

/** Sizes and indexes are unsigned integers of 64 bits, always as bigint: a double loses the last bits of a large one without a word. */
const MAX_SIZE = 2n ** 64n - 1n;

const DECIMAL = /^(?:0|[1-9][0-9]{0,19})$/;

export function checkSize(size: bigint, path: string): void {
  // The type says bigint, but a caller of the package need not be TypeScript.
  if (typeof size !== 'bigint' || size < 0n || size > MAX_SIZE) {
    throw new Malformed(path, 'not an unsigned integer of 64 bits');
  }
}

/** ASCII decimal without leading zeros, as every text format here writes sizes. */
export function parseSize(text: string, path: string): bigint {
  const size = DECIMAL.test(text) ? BigInt(text) : -1n;
  checkSize(size, path);
  return size;
}
