import type { StreamName } from '../../kernel/id.ts';
import type { Span } from '../../kernel/probe.ts';
import {
  type Appended,
  type Condition,
  MAX_APPEND_BYTES,
  MAX_APPEND_EVENTS,
  type Priority,
  type SealedEvent,
} from '../port.ts';

/** One call of `append` on its way. */
export interface PendingAppend {
  readonly stream: StreamName;
  readonly events: readonly SealedEvent[];
  readonly condition: Condition;
  readonly priority: Priority;
  /** Sealed bytes, both parts, all events. */
  readonly bytes: number;
  readonly within?: Span | undefined;
  /** Milliseconds for which it may still be put off because its `decided` has not come yet. */
  patienceMs: number;
  resolve(appended: Appended): void;
  reject(fault: unknown): void;
}

export interface QueueLimits {
  readonly appends: number;
  readonly bytes: number;
}

/** What waits for the next group: first in, first out, commands before reads. Bounded in number and in bytes. */
export interface AppendQueue {
  readonly size: number;
  /** False when it is full; then nothing was taken. An empty queue takes any append. */
  offer(append: PendingAppend): boolean;
  /** Puts back what was taken out before, ahead of its like. */
  giveBack(append: PendingAppend): void;
  /** The next group: at most 1,024 events and 8 MiB, which any single append keeps; never a part of an append. */
  takeGroup(): PendingAppend[];
}

export function appendQueue(limits: QueueLimits): AppendQueue {
  const lines: { readonly [P in Priority]: PendingAppend[] } = { command: [], read: [] };
  let bytes = 0;
  const size = (): number => lines.command.length + lines.read.length;

  return {
    get size() {
      return size();
    },
    offer: (append) => {
      if (size() > 0 && (size() >= limits.appends || bytes + append.bytes > limits.bytes)) return false;
      lines[append.priority].push(append);
      bytes += append.bytes;
      return true;
    },
    giveBack: (append) => {
      lines[append.priority].unshift(append);
      bytes += append.bytes;
    },
    takeGroup: () => {
      const group: PendingAppend[] = [];
      let events = 0;
      let groupBytes = 0;
      for (const line of [lines.command, lines.read]) {
        let count = 0;
        for (const append of line) {
          events += append.events.length;
          groupBytes += append.bytes;
          if (events > MAX_APPEND_EVENTS || groupBytes > MAX_APPEND_BYTES) break;
          count += 1;
          bytes -= append.bytes;
        }
        group.push(...line.splice(0, count));
        // Whoever did not fit is first in the next group; nobody behind it goes ahead.
        if (line.length > 0) break;
      }
      return group;
    },
  };
}
