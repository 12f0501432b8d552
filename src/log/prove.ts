import type { Bytes } from '../kernel/bytes.ts';
import type { Suite } from '../kernel/suite.ts';
import { consistencyRanges } from './consistency.ts';
import { inclusionRanges } from './inclusion.ts';
import { foldNodes, type LeafRange, nodesOf, type TreeNode } from './tree-node.ts';

/** Where the hashes of complete subtrees come from: tiles, a database, a list in a test. */
export interface NodeSource {
  /** One hash for each node asked for, in order. Rejects when one is not there. */
  nodes(wanted: readonly TreeNode[]): Promise<readonly Uint8Array[]>;
}

/** The tree hashes of the ranges, read in one go. */
async function hashesOf(suite: Suite, source: NodeSource, ranges: readonly LeafRange[]): Promise<Bytes[]> {
  const parts = ranges.map(nodesOf);
  const hashes = await source.nodes(parts.flat());
  let at = 0;
  return parts.map((part) => {
    at += part.length;
    return foldNodes(suite, hashes.slice(at - part.length, at));
  });
}

/** The proof that the leaf stands at `index` in the tree of that size; a `RangeError` when the tree has no such leaf. */
export async function proveInclusion(suite: Suite, source: NodeSource, index: bigint, size: bigint): Promise<Bytes[]> {
  if (index < 0n || index >= size) throw new RangeError('no such leaf in a tree of that size');
  return hashesOf(suite, source, inclusionRanges(index, size));
}

/** The proof that the tree of `newSize` begins with that of `oldSize`; a `RangeError` from size 0, about which there is nothing to prove. */
export async function proveConsistency(
  suite: Suite,
  source: NodeSource,
  oldSize: bigint,
  newSize: bigint,
): Promise<Bytes[]> {
  if (oldSize <= 0n || oldSize > newSize) throw new RangeError('no such two trees');
  return hashesOf(suite, source, consistencyRanges(oldSize, newSize));
}

/** The root of the tree as it was at that size. */
export async function rootAt(suite: Suite, source: NodeSource, size: bigint): Promise<Bytes> {
  return (await hashesOf(suite, source, [{ begin: 0n, end: size }]))[0] as Bytes;
}
