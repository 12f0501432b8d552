import type { Bytes } from '../kernel/bytes.ts';
import type { Suite } from '../kernel/suite.ts';
import { NotVerified } from './faults.ts';
import { checkHash, type LeafRange, nodeHash, splitPoint } from './tree-node.ts';
import { checkSize } from './tree-size.ts';

/** PATH of RFC 6962 §2.1.1 as ranges whose tree hashes are the proof, from the leaf's sibling to the root's child. */
export function inclusionRanges(index: bigint, size: bigint): LeafRange[] {
  const ranges: LeafRange[] = [];
  let begin = 0n;
  let end = size;
  while (end - begin > 1n) {
    const middle = begin + splitPoint(end - begin);
    if (index < middle) {
      ranges.push({ begin: middle, end });
      end = middle;
    } else {
      ranges.push({ begin, end: middle });
      begin = middle;
    }
  }
  return ranges.reverse();
}

/** What an inclusion proof claims, without the root. */
export interface InclusionPath {
  readonly index: bigint;
  readonly size: bigint;
  readonly leafHash: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/**
 * The root to which the proof leads (RFC 9162 §2.1.3.2); whoever calls compares it. All of it may be an attacker's. Throws `Malformed`,
 * or `NotVerified` `wrong-size` when there is no such index or the proof has too few or too many hashes.
 */
export function rootOfInclusion(suite: Suite, { index, size, leafHash, proof }: InclusionPath): Bytes {
  checkSize(index, 'index');
  checkSize(size, 'size');
  checkHash(leafHash, 'leaf hash');
  if (index >= size) throw new NotVerified('wrong-size', 'the index is not below the size of the tree');
  let at = index;
  let last = size - 1n;
  let hash = new Uint8Array(leafHash);
  for (const sibling of proof) {
    checkHash(sibling, 'inclusion proof');
    if (last === 0n) throw new NotVerified('wrong-size', 'the inclusion proof is too long for this index and size');
    if ((at & 1n) === 1n || at === last) {
      hash = nodeHash(suite, sibling, hash);
      // A rightmost node without a right sibling goes up unchanged until it is a right child.
      while ((at & 1n) === 0n) {
        at >>= 1n;
        last >>= 1n;
      }
    } else {
      hash = nodeHash(suite, hash, sibling);
    }
    at >>= 1n;
    last >>= 1n;
  }
  if (last !== 0n) throw new NotVerified('wrong-size', 'the inclusion proof is too short for this index and size');
  return hash;
}
