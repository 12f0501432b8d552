import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../kernel/base64.ts';
import { nodeSuite } from '../suite-node/suite.ts';
import { merkleAccumulator, merkleRoot, merkleRootOfHashes } from './merkle-root.ts';

/** RFC 6962 §2.1 word for word: recursive, k the largest power of two below n. */
function mth(entries: readonly Uint8Array[]): Uint8Array {
  const [first] = entries;
  if (first === undefined) return nodeSuite.hash();
  if (entries.length === 1) return nodeSuite.hash(Uint8Array.of(0), first);
  let k = 1;
  while (k * 2 < entries.length) k *= 2;
  return nodeSuite.hash(Uint8Array.of(1), mth(entries.slice(0, k)), mth(entries.slice(k)));
}

const entries = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 70 });

describe('a Merkle root', () => {
  it('equals that of a naive recursive tree', () => {
    fc.assert(
      fc.property(entries, (given) => {
        expect(merkleRoot(nodeSuite, given)).toEqual(mth(given));
      }),
    );
  });

  it('grows leaf by leaf: at every size up to 300 it is that of the leaves so far', () => {
    const given = Array.from({ length: 300 }, (_, i) => Uint8Array.of(i >>> 8, i & 255));
    const growing = merkleAccumulator(nodeSuite);
    for (let size = 0; size <= given.length; size++) {
      expect(growing.size).toBe(BigInt(size));
      expect(toHex(growing.root())).toBe(toHex(mth(given.slice(0, size))));
      if (size < given.length) growing.push(nodeSuite.hash(Uint8Array.of(0), given[size] as Uint8Array));
    }
  });

  it('of one leaf hash is a copy: changing it changes no leaf', () => {
    const leaf = nodeSuite.hash(Uint8Array.of(0));
    const before = toHex(leaf);
    merkleRootOfHashes(nodeSuite, [leaf]).fill(0);
    expect(toHex(leaf)).toBe(before);
  });
});
