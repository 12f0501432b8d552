import { type Bytes, compareBytes, concat, u64, utf8 } from '../kernel/bytes.ts';
import type { Suite } from '../kernel/suite.ts';

/** One thing that a gated read hands out: part 1 is an index row, part 2 content. */
export interface ServedItem {
  /** 16 bytes: a record id, or an event id in a trail. */
  readonly id: Uint8Array;
  readonly revision: bigint;
  readonly part: 1 | 2;
}

/** RFC 6962 MTH over data entries; empty = H(""). Iterative over a stack, so any number of entries costs no recursion. */
export function merkleRoot(suite: Suite, entries: readonly Uint8Array[]): Bytes {
  return merkleRootOfHashes(
    suite,
    entries.map((entry) => suite.hash(Uint8Array.of(0), entry)),
  );
}

/** The same over leaf hashes already made. */
export function merkleRootOfHashes(suite: Suite, hashes: readonly Uint8Array[]): Bytes {
  if (hashes.length === 0) return suite.hash();
  const stack: { hash: Uint8Array; size: number }[] = [];
  const node = (left: Uint8Array, right: Uint8Array): Bytes => suite.hash(Uint8Array.of(1), left, right);
  for (const hash of hashes) {
    let top = { hash, size: 1 };
    for (let last = stack.at(-1); last !== undefined && last.size === top.size; last = stack.at(-1)) {
      stack.pop();
      top = { hash: node(last.hash, top.hash), size: last.size * 2 };
    }
    stack.push(top);
  }
  let root = stack.pop() as { hash: Uint8Array; size: number };
  for (let last = stack.pop(); last !== undefined; last = stack.pop()) {
    root = { hash: node(last.hash, root.hash), size: last.size + root.size };
  }
  return root.hash.slice() as Bytes;
}

/** e = HMAC(salt, "hrl/served/v1\n" ‖ id[16] ‖ u64 revision ‖ u8 part), sorted bytewise, no doubles; docs/spec/served-set.md. */
export function servedRoot(suite: Suite, salt: Uint8Array, items: readonly ServedItem[]): Bytes {
  const entries = items
    .map((item) => {
      if (item.id.length !== 16) throw new RangeError('a served id is 16 bytes');
      return suite.hmac(salt, concat(utf8('hrl/served/v1\n'), item.id, u64(item.revision), Uint8Array.of(item.part)));
    })
    .sort(compareBytes);
  for (let i = 1; i < entries.length; i++) {
    if (compareBytes(entries[i - 1] as Bytes, entries[i] as Bytes) === 0) throw new RangeError('a served item twice');
  }
  return merkleRoot(suite, entries);
}
