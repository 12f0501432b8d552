import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { naivePath, naiveProof, naiveRoot, naiveSource, someLeaves } from '../../test/support/naive-tree.ts';
import type { Bytes } from '../kernel/bytes.ts';
import { nodeSuite } from '../suite-node/suite.ts';
import { consistencyRanges } from './consistency.ts';
import { reasonOf } from './faults.ts';
import { inclusionRanges } from './inclusion.ts';
import { proveConsistency, proveInclusion, rootAt } from './prove.ts';
import { verifyConsistency } from './verify/consistency.ts';
import { verifyInclusion } from './verify/inclusion.ts';

const ALL = someLeaves(nodeSuite, 600);
const TOP = 2n ** 64n - 1n;

const reason = (run: () => void): string | undefined => {
  try {
    run();
    return 'verified';
  } catch (error) {
    return reasonOf(error);
  }
};

const flipped = (bytes: Uint8Array, bit: number): Bytes => {
  const out = new Uint8Array(bytes);
  const at = (bit >>> 3) % out.length;
  out[at] = (out[at] ?? 0) ^ (1 << (bit & 7));
  return out;
};

/** A tree of up to 600 leaves and one of its leaves. */
const leafOf = fc
  .integer({ min: 1, max: 600 })
  .chain((size) => fc.record({ size: fc.constant(size), index: fc.nat(size - 1) }));
/** Two trees of which the second begins with the first. */
const grown = fc
  .integer({ min: 1, max: 600 })
  .chain((newSize) => fc.record({ newSize: fc.constant(newSize), oldSize: fc.integer({ min: 1, max: newSize }) }));

async function inclusion(size: number, index: number) {
  const leaves = ALL.slice(0, size);
  const source = naiveSource(nodeSuite, leaves);
  return {
    index: BigInt(index),
    size: BigInt(size),
    leafHash: ALL[index] as Bytes,
    proof: await proveInclusion(nodeSuite, source, BigInt(index), BigInt(size)),
    root: await rootAt(nodeSuite, source, BigInt(size)),
  };
}

async function consistency(oldSize: number, newSize: number) {
  const source = naiveSource(nodeSuite, ALL.slice(0, newSize));
  return {
    oldSize: BigInt(oldSize),
    newSize: BigInt(newSize),
    oldRoot: await rootAt(nodeSuite, source, BigInt(oldSize)),
    newRoot: await rootAt(nodeSuite, source, BigInt(newSize)),
    proof: await proveConsistency(nodeSuite, source, BigInt(oldSize), BigInt(newSize)),
  };
}

describe('an inclusion proof', () => {
  it('is that of a naive recursive tree, and shows its leaf', async () => {
    await fc.assert(
      fc.asyncProperty(leafOf, async ({ size, index }) => {
        const claim = await inclusion(size, index);
        expect(claim.proof).toEqual(naivePath(nodeSuite, index, ALL.slice(0, size)));
        expect(claim.root).toEqual(naiveRoot(nodeSuite, ALL.slice(0, size)));
        verifyInclusion(claim);
        verifyInclusion(claim, nodeSuite);
      }),
      { numRuns: 60 },
    );
  });

  it('with any bit of leaf, root or a hash flipped is forged', async () => {
    await fc.assert(
      fc.asyncProperty(leafOf, fc.nat(), fc.nat(255), async ({ size, index }, which, bit) => {
        const claim = await inclusion(size, index);
        const parts = [claim.leafHash, claim.root, ...claim.proof];
        parts[which % parts.length] = flipped(parts[which % parts.length] as Bytes, bit);
        const [leafHash, root, ...proof] = parts as [Bytes, Bytes, ...Bytes[]];
        expect(reason(() => verifyInclusion({ ...claim, leafHash, root, proof }))).toBe('forged');
      }),
    );
  });

  it('shows its leaf at no other index, in no other size, and with no hash more, less or elsewhere', async () => {
    await fc.assert(
      fc.asyncProperty(leafOf, leafOf, fc.nat(), async ({ size, index }, other, at) => {
        const claim = await inclusion(size, index);
        const refused = (changed: Partial<typeof claim>): void => {
          expect(['forged', 'wrong-size']).toContain(reason(() => verifyInclusion({ ...claim, ...changed })));
        };
        if (other.index !== index) refused({ index: BigInt(other.index) });
        // Trees of another size may share the path's shape; the root is another then.
        const root = naiveRoot(nodeSuite, ALL.slice(0, other.size));
        if (other.size !== size) refused({ size: BigInt(other.size), root });
        const hash = ALL[at % ALL.length] as Bytes;
        const cut = at % (claim.proof.length + 1);
        expect(reason(() => verifyInclusion({ ...claim, proof: claim.proof.toSpliced(cut, 0, hash) }))).toBe(
          'wrong-size',
        );
        if (claim.proof.length > 0) {
          const fewer = claim.proof.toSpliced(at % claim.proof.length, 1);
          expect(reason(() => verifyInclusion({ ...claim, proof: fewer }))).toBe('wrong-size');
        }
        if (claim.proof.length > 1) refused({ proof: claim.proof.toReversed() });
      }),
      { numRuns: 60 },
    );
  });

  it('holds for trees of up to 2^64 - 1 leaves, of which nobody needs to have more than the path', () => {
    const size = fc.bigInt({ min: 1n, max: TOP });
    const path = size.chain((n) => fc.record({ size: fc.constant(n), index: fc.bigInt({ min: 0n, max: n - 1n }) }));
    fc.assert(
      fc.property(path, ({ size, index }) => {
        const ranges = inclusionRanges(index, size);
        const proof = ranges.map((_, i) => ALL[i + 1] as Bytes);
        // From the ranges: a sibling that begins behind the index stands on the right.
        const root = ranges.reduce<Bytes>(
          (hash, range, i) =>
            range.begin > index
              ? nodeSuite.hash(Uint8Array.of(1), hash, proof[i] as Bytes)
              : nodeSuite.hash(Uint8Array.of(1), proof[i] as Bytes, hash),
          ALL[0] as Bytes,
        );
        const claim = { index, size, leafHash: ALL[0] as Bytes, proof, root };
        verifyInclusion(claim, nodeSuite);
        expect(reason(() => verifyInclusion({ ...claim, proof: proof.slice(1) }))).toBe(
          proof.length > 0 ? 'wrong-size' : 'verified',
        );
      }),
    );
  });
});

describe('a consistency proof', () => {
  it('is that of a naive recursive tree, and shows that one tree begins with the other', async () => {
    await fc.assert(
      fc.asyncProperty(grown, async ({ oldSize, newSize }) => {
        const claim = await consistency(oldSize, newSize);
        expect(claim.proof).toEqual(naiveProof(nodeSuite, oldSize, ALL.slice(0, newSize)));
        verifyConsistency(claim);
        verifyConsistency(claim, nodeSuite);
      }),
      { numRuns: 60 },
    );
  });

  it('with any bit of a root or a hash flipped is forged', async () => {
    await fc.assert(
      fc.asyncProperty(grown, fc.nat(), fc.nat(255), async ({ oldSize, newSize }, which, bit) => {
        const claim = await consistency(oldSize, newSize);
        const parts = [claim.oldRoot, claim.newRoot, ...claim.proof];
        parts[which % parts.length] = flipped(parts[which % parts.length] as Bytes, bit);
        const [oldRoot, newRoot, ...proof] = parts as [Bytes, Bytes, ...Bytes[]];
        expect(reason(() => verifyConsistency({ ...claim, oldRoot, newRoot, proof }))).toBe('forged');
      }),
    );
  });

  it('shows it of no other sizes, and with no hash more or less', async () => {
    await fc.assert(
      fc.asyncProperty(grown, grown, fc.nat(), async ({ oldSize, newSize }, other, at) => {
        const claim = await consistency(oldSize, newSize);
        const hash = ALL[at % ALL.length] as Bytes;
        const more = claim.proof.toSpliced(at % (claim.proof.length + 1), 0, hash);
        expect(reason(() => verifyConsistency({ ...claim, proof: more }))).toBe('wrong-size');
        if (claim.proof.length > 0) {
          const fewer = claim.proof.toSpliced(at % claim.proof.length, 1);
          expect(reason(() => verifyConsistency({ ...claim, proof: fewer }))).toBe('wrong-size');
        }
        if (other.newSize === newSize && other.oldSize === oldSize) return;
        // One proof, the honest roots of other sizes: nobody can relabel a proof.
        const roots = {
          oldRoot: naiveRoot(nodeSuite, ALL.slice(0, other.oldSize)),
          newRoot: naiveRoot(nodeSuite, ALL.slice(0, other.newSize)),
        };
        const relabelled = { ...claim, ...roots };
        if (other.oldSize !== other.newSize) {
          expect(['forged', 'wrong-size']).toContain(reason(() => verifyConsistency(relabelled)));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('from the empty tree is always refused: it would show nothing', () => {
    const empty = nodeSuite.hash();
    for (const newSize of [0n, 1n, 7n, TOP]) {
      const claim = { oldSize: 0n, newSize, oldRoot: empty, newRoot: newSize === 0n ? empty : (ALL[0] as Bytes) };
      for (const proof of [[], [empty], [ALL[0] as Bytes]]) {
        expect(reason(() => verifyConsistency({ ...claim, proof }))).toBe('wrong-size');
      }
    }
  });

  it('has as many hashes as there are ranges, for sizes up to 2^64 - 1', () => {
    const sizes = fc
      .bigInt({ min: 2n, max: TOP })
      .chain((newSize) =>
        fc.record({ newSize: fc.constant(newSize), oldSize: fc.bigInt({ min: 1n, max: newSize - 1n }) }),
      );
    fc.assert(
      fc.property(sizes, ({ oldSize, newSize }) => {
        const count = consistencyRanges(oldSize, newSize).length;
        const proof = ALL.slice(0, count);
        const claim = { oldSize, newSize, oldRoot: ALL[0] as Bytes, newRoot: ALL[1] as Bytes };
        expect(reason(() => verifyConsistency({ ...claim, proof }, nodeSuite))).toBe('forged');
        expect(reason(() => verifyConsistency({ ...claim, proof: ALL.slice(0, count + 1) }, nodeSuite))).toBe(
          'wrong-size',
        );
        expect(reason(() => verifyConsistency({ ...claim, proof: proof.slice(1) }, nodeSuite))).toBe('wrong-size');
      }),
    );
  });
});

describe('what is no number or no hash', () => {
  const leafHash = ALL[0] as Bytes;
  const tree = { index: 0n, size: 1n, leafHash, proof: [], root: leafHash };

  it('is malformed, not forged', () => {
    verifyInclusion(tree);
    for (const wrong of [
      { index: -1n },
      { size: TOP + 1n },
      { size: 1 as unknown as bigint },
      { leafHash: leafHash.subarray(1) },
      { root: new Uint8Array(33) },
      { size: 2n, proof: [new Uint8Array(31)] },
      { size: 2n, proof: ['x' as unknown as Uint8Array] },
    ]) {
      expect(reason(() => verifyInclusion({ ...tree, ...wrong }))).toBe('malformed');
    }
    const pair = { oldSize: 1n, newSize: 1n, oldRoot: leafHash, newRoot: leafHash, proof: [] };
    verifyConsistency(pair);
    for (const wrong of [
      { oldSize: -1n },
      { newSize: TOP + 1n },
      { oldRoot: new Uint8Array() },
      { newRoot: new Uint8Array(64) },
      { newSize: 2n, proof: [new Uint8Array(33)] },
    ]) {
      expect(reason(() => verifyConsistency({ ...pair, ...wrong }))).toBe('malformed');
    }
  });

  it('is not asked for by a prover either', async () => {
    const source = naiveSource(nodeSuite, ALL.slice(0, 4));
    await expect(proveInclusion(nodeSuite, source, 4n, 4n)).rejects.toThrow(RangeError);
    await expect(proveInclusion(nodeSuite, source, -1n, 4n)).rejects.toThrow(RangeError);
    await expect(proveConsistency(nodeSuite, source, 0n, 4n)).rejects.toThrow(RangeError);
    await expect(proveConsistency(nodeSuite, source, 5n, 4n)).rejects.toThrow(RangeError);
  });
});
