import type { Bytes } from '../kernel/bytes.ts';
import type { Suite } from '../kernel/suite.ts';

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** The RFC 6962 root of a growing list, kept as the hashes of its complete subtrees: log₂(size) hashes of memory. */
export interface MerkleAccumulator {
  /** Adds the next leaf hash, H(0x00 ‖ data). */
  push(leafHash: Uint8Array): void;
  /** MTH of what was pushed so far; H("") when nothing was. */
  root(): Bytes;
  readonly size: bigint;
}

export function merkleAccumulator(suite: Suite): MerkleAccumulator {
  const stack: { hash: Uint8Array; size: bigint }[] = [];
  let size = 0n;
  return {
    push(leafHash) {
      let top = { hash: leafHash, size: 1n };
      for (let last = stack.at(-1); last !== undefined && last.size === top.size; last = stack.at(-1)) {
        stack.pop();
        top = { hash: suite.hash(NODE, last.hash, top.hash), size: last.size * 2n };
      }
      stack.push(top);
      size += 1n;
    },
    root() {
      const right = stack.at(-1);
      if (right === undefined) return suite.hash();
      let hash = right.hash;
      for (let i = stack.length - 2; i >= 0; i--)
        hash = suite.hash(NODE, (stack[i] as { hash: Uint8Array }).hash, hash);
      return new Uint8Array(hash);
    },
    get size() {
      return size;
    },
  };
}

/** RFC 6962 MTH over data entries; empty = H(""). */
export function merkleRoot(suite: Suite, entries: readonly Uint8Array[]): Bytes {
  return merkleRootOfHashes(
    suite,
    entries.map((entry) => suite.hash(LEAF, entry)),
  );
}

/** The same over leaf hashes already made. */
export function merkleRootOfHashes(suite: Suite, hashes: readonly Uint8Array[]): Bytes {
  const accumulator = merkleAccumulator(suite);
  for (const hash of hashes) accumulator.push(hash);
  return accumulator.root();
}
