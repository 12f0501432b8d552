import { type EventId, residentStream, type StreamName, toEventId, toLabel } from '../../src/kernel/id.ts';
import { addMs, type Instant } from '../../src/kernel/instant.ts';
import type { Entropy } from '../../src/kernel/ports.ts';
import type { Condition, SealedEvent, Seen } from '../../src/ledger/port.ts';

/** Events as an engine gets them: to an engine every sealed byte is alike, so these are random. */
export interface SealedEvents {
  stream(): StreamName;
  id(): EventId;
  event(over?: { id?: EventId; type?: string; retainedBytes?: number; personalBytes?: number }): SealedEvent;
  events(count: number, type?: string): SealedEvent[];
}

export function sealedEvents(entropy: Entropy): SealedEvents {
  const id = (): EventId => toEventId(entropy.bytes(16));
  const event: SealedEvents['event'] = (over = {}) => ({
    id: over.id ?? id(),
    type: over.type ?? 'access.permitted@1',
    commitments: { retained: entropy.bytes(32), personal: entropy.bytes(32) },
    sealed: {
      retained: { keyId: 'any#access#2026#0', bytes: entropy.bytes(over.retainedBytes ?? 604) },
      personal: { keyId: 'any#personal#-#0', bytes: entropy.bytes(over.personalBytes ?? 220) },
    },
  });
  return {
    stream: () => residentStream(toLabel(entropy.bytes(32))),
    id,
    event,
    events: (count, type) => Array.from({ length: count }, () => event(type === undefined ? {} : { type })),
  };
}

/** A condition decided at an instant, good for 5 s, that has seen these streams. */
export function decidedAt(decided: Instant, ...seen: readonly Seen[]): Condition {
  return { seen, decided, notAfter: addMs(decided, 5000) };
}
