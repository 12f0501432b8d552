import type { Bytes } from '../kernel/bytes.ts';
import type { Instant } from '../kernel/instant.ts';
import type { Position, RecordedEvent } from '../ledger/port.ts';

/** What stood in a stream at some moment, as far as a decision may have turned on it. */
export interface Stood {
  /** -1n: nothing. */
  readonly revision: bigint;
  /** The last revision at which each type stands. */
  readonly lastOfType: ReadonlyMap<string, bigint>;
}

/** What checking has learnt of one stream so far. Kept for every stream of the ledger, so it is small. */
export interface StreamSeen extends Stood {
  readonly position: Position;
  readonly head: Bytes;
  readonly time: Instant;
}

export const NOTHING: Stood = { revision: -1n, lastOfType: new Map() };

/** What stands now, kept as it is while the stream goes on. */
export const asItStands = ({ revision, lastOfType }: Stood): Stood => ({ revision, lastOfType: new Map(lastOfType) });

/** Takes an event whose checks passed into what is known of its stream; `before` is used up. */
export function withEvent(before: StreamSeen | undefined, event: RecordedEvent): StreamSeen {
  const lastOfType = (before?.lastOfType ?? new Map()) as Map<string, bigint>;
  lastOfType.set(event.type, event.revision);
  const { position, revision, head, time } = event;
  return { position, revision, head, time, lastOfType };
}
