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
  /** `sent`: from now on it may be written. `answered`: its caller has heard; what is under way goes on without it. */
  state: 'waiting' | 'sent' | 'answered';
  resolve(appended: Appended): void;
  reject(fault: unknown): void;
}

export interface QueueLimits {
  readonly appends: number;
  readonly bytes: number;
}

/** What waits to be sent: first in, first out, commands before reads. Bounded in number and in bytes. */
export interface AppendQueue {
  readonly size: number;
  /** False when it is full; then nothing was taken. An empty queue takes any append. */
  offer(append: PendingAppend): boolean;
  /** Puts back what was taken out before, ahead of its like. */
  giveBack(append: PendingAppend): void;
  /** Takes an append out that waits for nothing any more. */
  remove(append: PendingAppend): void;
  /**
   * The first append whose stream is not busy, and what can be written with it: others of its stream, at most 1,024 events and 8 MiB, never
   * a part of an append. Empty when there is none.
   */
  takeGroup(busy: ReadonlySet<StreamName>): PendingAppend[];
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
    remove: (append) => {
      const line = lines[append.priority];
      const at = line.indexOf(append);
      if (at < 0) return;
      line.splice(at, 1);
      bytes -= append.bytes;
    },
    takeGroup: (busy) => {
      const free = ({ stream }: PendingAppend): boolean => !busy.has(stream);
      const stream = (lines.command.find(free) ?? lines.read.find(free))?.stream;
      if (stream === undefined) return [];
      const group: PendingAppend[] = [];
      let events = 0;
      let groupBytes = 0;
      let full = false;
      for (const priority of ['command', 'read'] as const) {
        for (const append of lines[priority]) {
          if (append.stream !== stream) continue;
          events += append.events.length;
          groupBytes += append.bytes;
          // Whoever does not fit is first in the next group; nobody behind it goes ahead.
          full ||= events > MAX_APPEND_EVENTS || groupBytes > MAX_APPEND_BYTES;
          if (full) break;
          group.push(append);
        }
        if (full) break;
      }
      const taken = new Set(group);
      for (const line of [lines.command, lines.read]) {
        const rest = line.filter((append) => !taken.has(append));
        line.splice(0, line.length, ...rest);
      }
      for (const append of group) bytes -= append.bytes;
      return group;
    },
  };
}
