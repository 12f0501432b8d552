import type { Follower, RecordedEvent } from '../port.ts';

/** Gives the events of a growing list from an index on; sleeps at its end until a wake is called. */
export function follow(source: {
  readonly from: number;
  readonly at: (index: number) => RecordedEvent | undefined;
  readonly wakes: Set<() => void>;
  readonly copy: (event: RecordedEvent) => RecordedEvent;
  readonly ended: () => void;
}): Follower {
  let closed = false;
  let wake = (): void => {};

  async function sleep(): Promise<void> {
    await new Promise<void>((resolve) => {
      wake = resolve;
      source.wakes.add(wake);
    });
    source.wakes.delete(wake);
  }

  async function* run(): AsyncGenerator<RecordedEvent> {
    try {
      for (let next = source.from; !closed; ) {
        const event = source.at(next);
        if (event === undefined) await sleep();
        else {
          next += 1;
          yield source.copy(event);
        }
      }
    } finally {
      source.ended();
    }
  }

  const events = run();
  return {
    [Symbol.asyncIterator]: () => events,
    close: async () => {
      closed = true;
      // A generator that was never started runs no `finally`.
      source.ended();
      wake();
      await events.return(undefined);
    },
  };
}
