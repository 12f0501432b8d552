import type { Bytes } from '../kernel/bytes.ts';
import { Malformed } from '../kernel/fault.ts';
import type { Suite } from '../kernel/suite.ts';

/** The root of the complete subtree over the leaves index·2^level … (index + 1)·2^level − 1. Level 0 is a leaf hash. */
export interface TreeNode {
  readonly level: number;
  readonly index: bigint;
}

/** Leaves from `begin` up to, not including, `end`. */
export interface LeafRange {
  readonly begin: bigint;
  readonly end: bigint;
}

const NODE = Uint8Array.of(1);
export const HASH_BYTES = 32;

/** RFC 6962: H(0x01 ‖ left ‖ right). */
export function nodeHash(suite: Suite, left: Uint8Array, right: Uint8Array): Bytes {
  return suite.hash(NODE, left, right);
}

/** Throws `Malformed` for anything but 32 bytes: hashes of other lengths would let bytes move from one node into the next. */
export function checkHash(hash: Uint8Array, path: string): void {
  if (!(hash instanceof Uint8Array) || hash.length !== HASH_BYTES) throw new Malformed(path, 'not a hash of 32 bytes');
}

/** The fewest complete subtrees that make up the range, from left to right. */
export function nodesOf({ begin, end }: LeafRange): TreeNode[] {
  const nodes: TreeNode[] = [];
  for (let at = begin; at < end; ) {
    let level = 0n;
    while (((at >> level) & 1n) === 0n && at + (1n << (level + 1n)) <= end) level += 1n;
    nodes.push({ level: Number(level), index: at >> level });
    at += 1n << level;
  }
  return nodes;
}

/** MTH of a range out of the hashes of `nodesOf` it. Holds for ranges that RFC 6962 splits off: each node smaller than the one before. */
export function foldNodes(suite: Suite, hashes: readonly Uint8Array[]): Bytes {
  const last = hashes.at(-1);
  if (last === undefined) return suite.hash();
  let hash = new Uint8Array(last);
  for (let i = hashes.length - 2; i >= 0; i--) hash = nodeHash(suite, hashes[i] as Uint8Array, hash);
  return hash;
}

/** RFC 6962's k: the largest power of two below n, for n > 1. */
export function splitPoint(n: bigint): bigint {
  return 1n << BigInt((n - 1n).toString(2).length - 1);
}
