import { type Bytes, compareBytes, concat, u64, utf8 } from '../kernel/bytes.ts';
import type { Suite } from '../kernel/suite.ts';
import { merkleRoot } from './merkle-root.ts';

/** One thing that a gated read hands out: part 1 is an index row, part 2 content. */
export interface ServedItem {
  /** 16 bytes: a record id, or an event id in a trail. */
  readonly id: Uint8Array;
  readonly revision: bigint;
  readonly part: 1 | 2;
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
