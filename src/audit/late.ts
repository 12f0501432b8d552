import type { EventId } from '../kernel/id.ts';

/** How many appends were durable only when what they were decided on was so no more, on an engine where that can be. */
export interface LateCount {
  readonly late: number;
  /** Those of them that no mark names: the process stopped before it wrote one, or had one to hide. */
  readonly unmarked: number;
}

export interface LateEvents {
  readonly count: LateCount;
  /** The first event of an append that stands behind something newer, which its decision did not know, in another stream. */
  overtaken(event: EventId): void;
  /** Any event: a mark says which append was late, also one that was overtaken by nothing that stands before it. */
  take(type: string, retained: object | 'expired'): void;
}

const MARKS: ReadonlySet<string> = new Set(['access.withheld@1', 'command.late@1']);

export function lateEvents(): LateEvents {
  const unmarked = new Set<unknown>();
  let late = 0;
  return {
    get count() {
      return { late, unmarked: unmarked.size };
    },
    overtaken: (event) => {
      late += 1;
      unmarked.add(event);
    },
    take: (type, retained) => {
      if (!MARKS.has(type) || retained === 'expired') return;
      // Read after the acknowledgement, so what came right after the append may have been taken for something before it.
      const named = 'event' in retained ? retained.event : undefined;
      if (!unmarked.delete(named)) late += 1;
    },
  };
}
