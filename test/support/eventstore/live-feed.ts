import type { LogRecord } from './record.ts';

/** Somebody who hears of events as they are committed. */
export interface Listener {
  /** The next committed event, events in order. */
  appeared(record: LogRecord): void;
  /** Called in each turn of the loop in which nothing appeared, for as long as it returns true: there is more to do. */
  idle(): boolean;
}

/** Tells every listener of what was committed, a few events in each turn of the loop: meanwhile connections go on. */
export interface LiveFeed {
  committed(records: readonly LogRecord[]): void;
  /** From the next committed event on. Returns what ends it. */
  listen(listener: Listener): () => void;
  /** A listener can go on that could not: it is asked again when nothing appears. */
  wake(): void;
}

/** How many events a turn has. Fewer than a subscription's buffer, many more than a quick one lags behind in a turn. */
const EVENTS_A_TURN = 8;

export function liveFeed(): LiveFeed {
  const listeners = new Set<Listener>();
  const waiting: { readonly record: LogRecord; readonly to: readonly Listener[] }[] = [];
  let scheduled = false;

  const turn = (): void => {
    scheduled = false;
    const slice = waiting.splice(0, EVENTS_A_TURN);
    for (const { record, to } of slice) {
      for (const listener of to) if (listeners.has(listener)) listener.appeared(record);
    }
    let more = waiting.length > 0;
    if (slice.length === 0) for (const listener of listeners) more = listener.idle() || more;
    if (more || slice.length > 0) schedule();
  };
  const schedule = (): void => {
    if (scheduled) return;
    scheduled = true;
    setImmediate(turn);
  };

  return {
    committed: (records) => {
      const to = [...listeners];
      for (const record of records) if (record.visible && to.length > 0) waiting.push({ record, to });
      if (waiting.length > 0) schedule();
    },
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    wake: schedule,
  };
}
