import { type Bytes, equalBytes } from '../kernel/bytes.ts';
import type { StreamName } from '../kernel/id.ts';
import type { Anchor } from './anchor.ts';
import type { Course } from './course.ts';
import type { Finding } from './finding.ts';
import type { StreamSeen } from './stream-seen.ts';

/** Compares a ledger with an anchor while it is read: what the anchor says of a size is looked at when that size is reached. */
export interface AnchorCheck {
  /** Call before the first event and after each. */
  reached(tree: Course['tree'], streams: ReadonlyMap<StreamName, StreamSeen>): void;
  /** Call when all events were read. */
  finding(size: bigint): Finding | undefined;
}

export function anchorCheck(origin: string, anchor: Anchor): AnchorCheck {
  let found: Finding | undefined | 'not-reached' = 'not-reached';

  /** The first stream that is not as the anchor has it; all of them may be, when events of different streams changed places. */
  function firstOther(streams: ReadonlyMap<StreamName, StreamSeen>) {
    for (const [stream, { revision, head }] of anchor.heads) {
      const now = streams.get(stream);
      if (now?.revision !== revision || !equalBytes(now.head, head)) return { stream, revision: revision.toString() };
    }
    return undefined;
  }

  function compare(root: Bytes, streams: ReadonlyMap<StreamName, StreamSeen>): Finding | undefined {
    const other = firstOther(streams);
    if (!equalBytes(root, anchor.root)) {
      const detail = `the first ${anchor.size} events are not those of the anchor`;
      return { kind: 'anchor-root', detail, ...other };
    }
    return other && { kind: 'anchor-head', detail: 'the stream is not as the anchor has it', ...other };
  }

  return {
    reached: (tree, streams) => {
      if (tree.size === anchor.size) found = compare(tree.root(), streams);
    },
    finding: (size) => {
      if (anchor.origin !== origin) return { kind: 'anchor-origin', detail: 'the anchor is of another ledger' };
      if (found !== 'not-reached') return found;
      const detail = `the anchor covers ${anchor.size} events, the ledger has ${size}`;
      return { kind: 'anchor-truncated', detail };
    },
  };
}
