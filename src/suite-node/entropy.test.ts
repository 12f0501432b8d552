import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodeEntropy, pooled } from './entropy.ts';

describe('entropy', () => {
  it('gives each byte of the source once, in any sizes, and never a byte of its own', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 600 }), { maxLength: 60 }), (sizes) => {
        // The source numbers its bytes, four bytes a number; a number seen twice was given twice.
        let next = 1;
        const entropy = pooled((bytes) => {
          const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
          for (let i = 0; i + 4 <= bytes.length; i += 4) view.setUint32(i, next++);
        });
        const given: number[] = [];
        for (const size of sizes) {
          const bytes = entropy.bytes(4 * size);
          expect(bytes).toHaveLength(4 * size);
          const view = new DataView(bytes.buffer);
          for (let i = 0; i < bytes.length; i += 4) given.push(view.getUint32(i));
        }
        expect(given).not.toContain(0);
        expect(new Set(given).size).toBe(given.length);
      }),
    );
  });

  it('gives bytes that own their memory: nobody who holds them sees what others were given', () => {
    for (const length of [0, 12, 32, 256, 257, 5_000]) {
      expect(nodeEntropy.bytes(length).buffer.byteLength).toBe(length);
    }
    const first = nodeEntropy.bytes(32);
    expect(nodeEntropy.bytes(32)).not.toEqual(first);
    first.fill(0);
    expect(nodeEntropy.bytes(32).some((byte) => byte !== 0)).toBe(true);
  });
});
