import type { AnyNewEvent } from '../../domain/catalogue.ts';
import { type StreamName, toEventId } from '../../kernel/id.ts';
import { addMs, earliest, type Instant } from '../../kernel/instant.ts';
import { AppendConflict, AppendOvertaken } from '../../ledger/faults.ts';
import type { Appended, Condition, Seen } from '../../ledger/port.ts';
import type { StreamKeys } from '../../vault/port.ts';
import { actorRef, type Caller } from '../actor.ts';
import type { App } from '../app.ts';
import { DECISION_LIFE_MS } from '../conflict.ts';
import { markOvertaken } from '../mark-overtaken.ts';
import { mergeSeen, sealEvents } from '../seal-events.ts';

/**
 * Appends the one event that stands for a gated read, before anything is opened. Its id is random, minted per plan: whoever is served
 * twice is logged twice. Throws what `Ledger.append` throws; then nothing may be opened. An event that was overtaken is followed by
 * `access.withheld`, and then it is like one that was not written: a conflict.
 */
export async function appendRead(
  app: App,
  caller: Caller,
  stream: StreamName,
  event: AnyNewEvent,
  decision: {
    readonly seen: readonly Seen[];
    readonly decided: Instant;
    readonly until: readonly Instant[];
    /** Of that stream at that instant, where they were loaded for the decision. */
    readonly keys?: StreamKeys;
  },
): Promise<Appended> {
  const { decided } = decision;
  const condition: Condition = {
    seen: mergeSeen(decision.seen),
    decided,
    notAfter: earliest(addMs(decided, DECISION_LIFE_MS), caller.actor.until, ...decision.until),
  };
  const keys = decision.keys ?? (await app.vault.keysOf(stream, decided));
  const id = toEventId(app.entropy.bytes(16));
  const sealed = sealEvents(keys, [{ id, event }], { by: actorRef(caller.actor), trace: caller.trace }, condition);
  try {
    const appended = await app.probe.phase('append', caller.span, (span) =>
      app.ledger.append(stream, sealed, condition, 'read', span),
    );
    app.probe.accessed(event.type);
    return appended;
  } catch (error) {
    if (!(error instanceof AppendOvertaken)) throw error;
    // If the process stops here, nothing was opened, and what says otherwise stays unmarked: fsck counts it.
    const purpose = 'purpose' in event.retained ? event.retained.purpose : undefined;
    await markOvertaken(app, caller, error, (named) => ({
      type: 'access.withheld@1',
      retained: { ...named, ...(purpose === undefined ? {} : { purpose }) },
      personal: {},
    }));
    app.probe.accessed('access.withheld@1');
    throw new AppendConflict(error.reason, error.written.time);
  }
}
