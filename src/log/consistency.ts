import type { Bytes } from '../kernel/bytes.ts';
import type { Suite } from '../kernel/suite.ts';
import { NotVerified } from './faults.ts';
import { checkHash, type LeafRange, nodeHash, splitPoint } from './tree-node.ts';
import { checkSize } from './tree-size.ts';

/** PROOF of RFC 6962 §2.1.2 as ranges whose tree hashes are the proof, in its order; none for equal sizes. */
export function consistencyRanges(oldSize: bigint, newSize: bigint): LeafRange[] {
  const ranges: LeafRange[] = [];
  let begin = 0n;
  let end = newSize;
  while (end !== oldSize) {
    const middle = begin + splitPoint(end - begin);
    if (oldSize <= middle) {
      ranges.push({ begin: middle, end });
      end = middle;
    } else {
      ranges.push({ begin, end: middle });
      begin = middle;
    }
  }
  // The subtree that ends where the old tree ended is left out when it is the old tree: its hash is the old root.
  if (begin !== 0n) ranges.push({ begin, end });
  return ranges.reverse();
}

/** What a consistency proof claims, without the new root. */
export interface ConsistencyPath {
  readonly oldSize: bigint;
  readonly newSize: bigint;
  readonly oldRoot: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

const isPowerOfTwo = (n: bigint): boolean => (n & (n - 1n)) === 0n;

/**
 * The old and new roots to which the proof leads (RFC 9162 §2.1.4.2); whoever calls compares both. All of it may be an attacker's. A proof from
 * size 0 is always refused: an empty tree is consistent with every other, so such a proof would show nothing. Throws `Malformed`, or
 * `NotVerified` `wrong-size` when the sizes are not in order or the proof has too few or too many hashes.
 */
export function rootsOfConsistency(
  suite: Suite,
  { oldSize, newSize, oldRoot, proof }: ConsistencyPath,
): { readonly oldRoot: Bytes; readonly newRoot: Bytes } {
  checkSize(oldSize, 'old size');
  checkSize(newSize, 'new size');
  checkHash(oldRoot, 'old root');
  for (const hash of proof) checkHash(hash, 'consistency proof');
  if (oldSize === 0n) throw new NotVerified('wrong-size', 'nothing is proven from the empty tree');
  if (oldSize > newSize) throw new NotVerified('wrong-size', 'the old tree is larger than the new one');
  if (oldSize === newSize) {
    if (proof.length > 0) throw new NotVerified('wrong-size', 'the consistency proof is too long for these sizes');
    return { oldRoot: new Uint8Array(oldRoot), newRoot: new Uint8Array(oldRoot) };
  }
  let at = oldSize - 1n;
  let last = newSize - 1n;
  while ((at & 1n) === 1n) {
    at >>= 1n;
    last >>= 1n;
  }
  const [first, ...rest] = isPowerOfTwo(oldSize) ? [oldRoot, ...proof] : proof;
  if (first === undefined) throw new NotVerified('wrong-size', 'the consistency proof is too short for these sizes');
  let old = new Uint8Array(first);
  let grown = new Uint8Array(first);
  for (const hash of rest) {
    if (last === 0n) throw new NotVerified('wrong-size', 'the consistency proof is too long for these sizes');
    if ((at & 1n) === 1n || at === last) {
      old = nodeHash(suite, hash, old);
      grown = nodeHash(suite, hash, grown);
      while ((at & 1n) === 0n && at !== 0n) {
        at >>= 1n;
        last >>= 1n;
      }
    } else {
      grown = nodeHash(suite, grown, hash);
    }
    at >>= 1n;
    last >>= 1n;
  }
  if (last !== 0n) throw new NotVerified('wrong-size', 'the consistency proof is too short for these sizes');
  return { oldRoot: old, newRoot: grown };
}
