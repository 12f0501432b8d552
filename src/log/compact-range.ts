import type { Bytes } from '../kernel/bytes.ts';
import type { Suite } from '../kernel/suite.ts';
import { foldNodes, type LeafRange, nodeHash, nodesOf, type TreeNode } from './tree-node.ts';

/** A range of leaves as the hashes of `nodesOf` it: at most two for each level of the tree. A value: nothing changes it. */
export interface CompactRange extends LeafRange {
  readonly hashes: readonly Bytes[];
}

/** Told of each node that becomes known by joining two others. */
export type NodeSeen = (node: TreeNode, hash: Bytes) => void;

export const emptyRange = (at: bigint): CompactRange => ({ begin: at, end: at, hashes: [] });

export const leafRange = (index: bigint, leafHash: Uint8Array): CompactRange => ({
  begin: index,
  end: index + 1n,
  hashes: [new Uint8Array(leafHash)],
});

/**
 * The range of both, of which the second begins where the first ends (a `RangeError` otherwise): so parts of a log may be hashed apart
 * from each other and put together.
 */
export function joinRanges(suite: Suite, left: CompactRange, right: CompactRange, seen?: NodeSeen): CompactRange {
  if (left.end !== right.begin) throw new RangeError('the ranges do not meet');
  const nodes = nodesOf(left);
  const hashes = [...left.hashes];
  const news = nodesOf(right);
  for (let i = 0; i < news.length; i++) {
    let { level, index } = news[i] as TreeNode;
    let hash = right.hashes[i] as Bytes;
    // A right child whose left sibling stands last becomes their parent, which may again be one.
    for (let last = nodes.at(-1); last?.level === level && last.index + 1n === index && index % 2n === 1n; ) {
      nodes.pop();
      hash = nodeHash(suite, hashes.pop() as Bytes, hash);
      level += 1;
      index >>= 1n;
      seen?.({ level, index }, hash);
      last = nodes.at(-1);
    }
    nodes.push({ level, index });
    hashes.push(hash);
  }
  return { begin: left.begin, end: right.end, hashes };
}

/** The root of the tree whose leaves are all in the range, which begins at 0. */
export function rootOfRange(suite: Suite, range: CompactRange): Bytes {
  if (range.begin !== 0n) throw new RangeError('the range does not begin with the first leaf');
  return foldNodes(suite, range.hashes);
}
