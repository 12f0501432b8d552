import type { AnyNewEvent } from '../domain/catalogue.ts';
import { type EventId, toEventId } from '../kernel/id.ts';
import { addMs } from '../kernel/instant.ts';
import { AppendConflict, AppendOvertaken } from '../ledger/faults.ts';
import type { Condition } from '../ledger/port.ts';
import { actorRef, type Caller } from './actor.ts';
import type { App } from './app.ts';
import { DECISION_LIFE_MS, heedConflict } from './conflict.ts';
import { sealEvents } from './seal-events.ts';

const ATTEMPTS = 3;

/** What every such mark says: which event was overtaken, and how. */
export interface Named {
  readonly event: EventId;
  readonly reason: AppendOvertaken['reason'];
}

/**
 * Appends to the stream of an append that was overtaken the event that says so. It turns on nothing but that the stream's key still is its
 * key. Throws what `Ledger.append` throws.
 */
export async function markOvertaken(
  app: App,
  caller: Caller,
  { reason, written }: AppendOvertaken,
  mark: (named: Named) => AnyNewEvent,
): Promise<void> {
  const { stream, events } = written;
  const [first] = events;
  const last = events.at(-1);
  if (first === undefined || last === undefined) throw new Error('an append without events');
  app.clock.observe(written.time);
  for (let attempt = 1; ; attempt++) {
    const decided = app.clock.now();
    const condition: Condition = {
      seen: [{ stream, revision: last.revision, kinds: ['erasure.'] }],
      decided,
      notAfter: addMs(decided, DECISION_LIFE_MS),
    };
    const id = toEventId(app.entropy.bytes(16));
    const keys = await app.vault.keysOf(stream, decided);
    const by = { by: actorRef(caller.actor), trace: caller.trace };
    const sealed = sealEvents(keys, [{ id, event: mark({ event: first.id, reason }) }], by, condition);
    try {
      await app.ledger.append(stream, sealed, condition, 'command', caller.span);
      return;
    } catch (error) {
      // The mark itself came late: it stands all the same.
      if (error instanceof AppendOvertaken) return;
      if (!(error instanceof AppendConflict) || attempt === ATTEMPTS) throw error;
      await heedConflict(app.clock, error);
    }
  }
}
