import type { Follower, RecordedEvent } from '../ledger/port.ts';

/** Events read ahead of the batch under way; the follower waits beyond it. */
const MAX_AHEAD = 1000;

/** A follower's events in batches: whatever is there, as soon as anything is. */
export interface Intake {
  /**
   * Up to `max` events, or fewer once their sealed bytes pass `maxBytes` (always at least one); waits for the first. Empty: the
   * intake was closed, or the follower has ended. Throws what the follower threw, after the events before it were taken.
   */
  take(max: number, maxBytes: number): Promise<RecordedEvent[]>;
  /** Ends the follower; resolves when nothing of it runs any more. */
  close(): Promise<void>;
}

export function intake(follower: Follower): Intake {
  const ahead: RecordedEvent[] = [];
  let ended = false;
  let failure: { readonly error: unknown } | undefined;
  let wake = () => {};

  const changed = () => new Promise<void>((resolve) => (wake = resolve));
  let room = () => {};

  const pump = (async () => {
    try {
      for await (const event of follower) {
        if (ended) break;
        ahead.push(event);
        wake();
        if (ahead.length >= MAX_AHEAD) await new Promise<void>((resolve) => (room = resolve));
      }
    } catch (error) {
      failure = { error };
    }
    ended = true;
    wake();
  })();

  return {
    async take(max, maxBytes) {
      while (ahead.length === 0 && !ended) await changed();
      if (ahead.length === 0 && failure !== undefined) throw failure.error;
      let bytes = 0;
      let count = 0;
      while (count < Math.min(max, ahead.length) && (count === 0 || bytes < maxBytes)) {
        const { sealed } = ahead[count++] as RecordedEvent;
        bytes += sealed.retained.bytes.length + sealed.personal.bytes.length;
      }
      const batch = ahead.splice(0, count);
      room();
      return batch;
    },
    async close() {
      ended = true;
      ahead.length = 0;
      wake();
      room();
      await follower.close();
      await pump;
    },
  };
}
