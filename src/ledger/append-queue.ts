import type { StreamName } from '../kernel/id.ts';
import type { Span } from '../kernel/probe.ts';
import {
  type Appended,
  type Condition,
  MAX_APPEND_BYTES,
  MAX_APPEND_EVENTS,
  type Priority,
  type SealedEvent,
} from './port.ts';

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

/** What waits to be written: first in, first out, commands before reads. Bounded in number and in bytes. */
export interface AppendQueue<A extends PendingAppend> {
  readonly size: number;
  /** False when it is full; then nothing was taken. An empty queue takes any append. */
  offer(append: A): boolean;
  /** Puts back what was taken out before, ahead of its like. */
  giveBack(append: A): void;
  /** Takes an append out that waits for nothing any more. */
  remove(append: A): void;
  /** The first that is as told, which stays. */
  first(is: (append: A) => boolean): A | undefined;
  /**
   * Takes out the next group, of those that belong in it where that is told: at most 1,024 events and 8 MiB, which any single append keeps;
   * never a part of an append.
   */
  takeGroup(belongs?: (append: A) => boolean): A[];
}

export function appendQueue<A extends PendingAppend>(limits: QueueLimits): AppendQueue<A> {
  const lines: { [P in Priority]: A[] } = { command: [], read: [] };
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
    remove: (append) => {
      const line = lines[append.priority];
      const at = line.indexOf(append);
      if (at < 0) return;
      line.splice(at, 1);
      bytes -= append.bytes;
    },
    first: (is) => lines.command.find(is) ?? lines.read.find(is),
    takeGroup: (belongs = () => true) => {
      const group: A[] = [];
      let events = 0;
      let groupBytes = 0;
      let full = false;
      const stays = (append: A): boolean => {
        if (full || !belongs(append)) return true;
        events += append.events.length;
        groupBytes += append.bytes;
        // Whoever does not fit is first in the next group; nobody behind it goes ahead.
        full = events > MAX_APPEND_EVENTS || groupBytes > MAX_APPEND_BYTES;
        if (full) return true;
        group.push(append);
        bytes -= append.bytes;
        return false;
      };
      lines.command = lines.command.filter(stays);
      lines.read = lines.read.filter(stays);
      return group;
    },
  };
}
