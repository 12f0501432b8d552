import { type AnyNewEvent, CATALOGUE } from '../domain/catalogue.ts';
import type { CommonRetained } from '../kernel/event.ts';
import type { EventId, StreamName } from '../kernel/id.ts';
import { toJsonInteger } from '../kernel/integer.ts';
import type { Condition, SealedEvent, Seen } from '../ledger/port.ts';
import type { StreamKeys } from '../vault/port.ts';

/** A condition's seen streams as they stand in a retained part: the same facts with JSON integers. */
export function seenForRetained(seen: readonly Seen[]): CommonRetained['seen'] {
  return seen.map(({ stream, revision, kinds }) => ({ stream, revision: toJsonInteger(revision), kinds }));
}

/**
 * Seals what a decider emitted for one stream. Every event says who, what was seen, when it was decided and until when it may be
 * appended; the command's first event also carries its intent, in the personal part.
 */
export function sealEvents(
  keys: StreamKeys,
  events: readonly { readonly id: EventId; readonly event: AnyNewEvent }[],
  common: {
    readonly by: CommonRetained['by'];
    readonly trace?: string | undefined;
    readonly intent?: string | undefined;
  },
  condition: Condition,
): SealedEvent[] {
  const shared = {
    by: common.by,
    decided: condition.decided,
    notAfter: condition.notAfter,
    seen: seenForRetained(condition.seen),
    ...(common.trace === undefined ? {} : { trace: common.trace }),
  };
  return events.map(({ id, event }, i) => {
    const declaration = CATALOGUE.get(event.type);
    if (declaration === undefined) throw new Error(`event type ${event.type} is not in the catalogue`);
    return keys.seal({
      id,
      type: event.type,
      declaration,
      retained: {
        ...shared,
        ...(events.length > 1 ? { batch: { at: i, of: events.length } } : {}),
        ...event.retained,
      },
      personal: i === 0 && common.intent !== undefined ? { intent: common.intent, ...event.personal } : event.personal,
    });
  });
}

/** Merges what was seen: one entry per stream with the union of kinds; a stream loaded twice keeps the older revision. */
export function mergeSeen(seen: readonly Seen[]): Seen[] {
  const byStream = new Map<StreamName, Seen>();
  for (const one of seen) {
    const other = byStream.get(one.stream);
    byStream.set(one.stream, {
      stream: one.stream,
      revision: other !== undefined && other.revision < one.revision ? other.revision : one.revision,
      kinds: [...new Set([...(other?.kinds ?? []), ...one.kinds])].sort(),
    });
  }
  return [...byStream.values()];
}
