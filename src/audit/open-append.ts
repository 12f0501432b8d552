import type { CommonRetained } from '../kernel/event.ts';
import type { StreamName } from '../kernel/id.ts';
import type { Instant } from '../kernel/instant.ts';
import type { RecordedEvent } from '../ledger/port.ts';
import { asItStands, NOTHING, type Stood } from './stream-seen.ts';

/**
 * The append that an event belongs to, up to this event. An append is one stretch of the ledger: one stream, one instant, nothing
 * between. `of` is undefined behind events whose retained part has expired: they no longer say how they belonged together.
 */
export interface OpenAppend {
  readonly stream: StreamName;
  readonly time: Instant;
  readonly at: number;
  readonly of: number | undefined;
  /** What stood in the stream before its first event: that is what its decision is held against. */
  readonly base: Stood;
}

/** Puts an event into the append that is open, or into a new one. A text says how an append is not whole. */
export function placeInAppend(
  open: OpenAppend | undefined,
  event: Pick<RecordedEvent, 'stream' | 'time' | 'revision'>,
  retained: Pick<CommonRetained, 'batch'> | 'expired',
  before: Stood | undefined,
): OpenAppend | string {
  const { stream, time } = event;
  const batch = retained === 'expired' ? 'expired' : retained.batch;
  const belongs = open !== undefined && open.stream === stream && open.time === time;
  if (open?.of !== undefined) {
    const follows = batch === 'expired' || (batch?.of === open.of && batch.at === open.at + 1);
    return belongs && follows ? { ...open, at: open.at + 1 } : cutShort(open);
  }
  const stood = before ?? NOTHING;
  if (batch === 'expired') {
    if (belongs) return { ...open, at: open.at + 1 };
    return { stream, time, at: 0, of: undefined, base: asItStands(stood) };
  }
  if (batch === undefined) return { stream, time, at: 0, of: 1, base: stood };
  const { at, of } = batch;
  if (at >= of) return `event ${at} of an append of ${of}`;
  if (at === 0) return { stream, time, at, of, base: asItStands(stood) };
  // The expired events before it may be its sisters. What stood before all of them is at most what stood before the append.
  if (belongs && at <= open.at + 1) {
    return { stream, time, at, of, base: { ...open.base, revision: event.revision - BigInt(at) - 1n } };
  }
  return `event ${at} of an append whose first event is not before it`;
}

export const cutShort = ({ at, of }: OpenAppend): string => `an append of ${of} events ends after ${at + 1}`;

/** The append, while more of it must or may come. */
export const stillOpen = (append: OpenAppend): OpenAppend | undefined =>
  append.at + 1 === append.of ? undefined : append;
