import { type Bytes, equalBytes } from '../../kernel/bytes.ts';
import type { Finding } from '../finding.ts';
import type { Seen } from './seen.ts';

/** Compares a ledger with what a data folder has seen of it, while it is read. */
export interface SeenCheck {
  /** Call after each event, with how many there were so far. */
  reached(size: bigint, leafHash: Bytes): void;
  /** Call when all events were read. */
  finding(size: bigint): Finding | undefined;
}

export function seenCheck(seen: Seen): SeenCheck {
  let other = false;
  return {
    reached: (size, leafHash) => {
      if (size === seen.size) other = !equalBytes(leafHash, seen.leaf);
    },
    finding: (size) => {
      if (size < seen.size) {
        const detail = `${seen.size} events were seen from DATA_DIR, the ledger has ${size}`;
        return { kind: 'seen-truncated', detail };
      }
      return other
        ? { kind: 'seen-other', detail: `event ${seen.size} is not the one that was seen from DATA_DIR` }
        : undefined;
    },
  };
}
