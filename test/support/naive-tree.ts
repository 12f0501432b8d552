import type { Bytes } from '../../src/kernel/bytes.ts';
import type { Suite } from '../../src/kernel/suite.ts';
import type { NodeSource } from '../../src/log/prove.ts';

/** RFC 6962 §2.1 word for word, recursive over the whole list: slow, and nothing in it is shared with src/log. */

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** The largest power of two below n. */
function k(n: number): number {
  let power = 1;
  while (power * 2 < n) power *= 2;
  return power;
}

export const naiveLeaf = (suite: Suite, data: Uint8Array): Bytes => suite.hash(LEAF, data);

/** MTH over leaf hashes. */
export function naiveRoot(suite: Suite, leaves: readonly Bytes[]): Bytes {
  const n = leaves.length;
  if (n === 0) return suite.hash();
  if (n === 1) return leaves[0] as Bytes;
  return suite.hash(NODE, naiveRoot(suite, leaves.slice(0, k(n))), naiveRoot(suite, leaves.slice(k(n))));
}

/** PATH(m, D[n]). */
export function naivePath(suite: Suite, m: number, leaves: readonly Bytes[]): Bytes[] {
  const n = leaves.length;
  if (n <= 1) return [];
  const left = leaves.slice(0, k(n));
  const right = leaves.slice(k(n));
  return m < k(n)
    ? [...naivePath(suite, m, left), naiveRoot(suite, right)]
    : [...naivePath(suite, m - k(n), right), naiveRoot(suite, left)];
}

/** PROOF(m, D[n]) for 0 < m <= n. */
export function naiveProof(suite: Suite, m: number, leaves: readonly Bytes[], whole = true): Bytes[] {
  const n = leaves.length;
  if (m === n) return whole ? [] : [naiveRoot(suite, leaves)];
  const left = leaves.slice(0, k(n));
  const right = leaves.slice(k(n));
  return m <= k(n)
    ? [...naiveProof(suite, m, left, whole), naiveRoot(suite, right)]
    : [...naiveProof(suite, m - k(n), right, false), naiveRoot(suite, left)];
}

/** Leaf hashes that differ from each other, as many as asked for. */
export function someLeaves(suite: Suite, count: number): Bytes[] {
  return Array.from({ length: count }, (_, i) => naiveLeaf(suite, Uint8Array.of(i >>> 16, i >>> 8, i)));
}

/** Nodes out of the list; rejects for one that is not complete in it. */
export function naiveSource(suite: Suite, leaves: readonly Bytes[]): NodeSource {
  return {
    nodes: async (wanted) =>
      wanted.map(({ level, index }) => {
        const begin = Number(index) * 2 ** level;
        const end = begin + 2 ** level;
        if (end > leaves.length) throw new Error('this node is not complete');
        return naiveRoot(suite, leaves.slice(begin, end));
      }),
  };
}
