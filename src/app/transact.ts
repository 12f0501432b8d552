import type { AnyEvent, AnyNewEvent } from '../domain/catalogue.ts';
import type { Decision } from '../domain/decider.ts';
import type { RefusalCode } from '../domain/refusals.ts';
import type { Canonical } from '../kernel/canonical.ts';
import { isFault } from '../kernel/fault.ts';
import { type EventId, type StreamName, toEventId } from '../kernel/id.ts';
import { addMs, earliest, type Instant } from '../kernel/instant.ts';
import { AppendConflict, AppendOvertaken, AppendUnknown, LedgerBusy } from '../ledger/faults.ts';
import type { Condition, RecordedEvent, Seen } from '../ledger/port.ts';
import { actorRef, type Caller } from './actor.ts';
import type { App } from './app.ts';
import { DECISION_LIFE_MS, heedConflict } from './conflict.ts';
import { markOvertaken } from './mark-overtaken.ts';
import { done, type Outcome, refusal } from './outcome.ts';
import { sealedRef, toPastEvents } from './past-event.ts';
import { mergeSeen, sealEvents } from './seal-events.ts';
import type { AnyFold, Loaded } from './states.ts';

/** After so many conflicts in a row a command answers "busy"; each loser has seen somebody else win. */
const MAX_CONFLICTS = 12;
const BUSY_RETRY_MS = 200;

/** What a use case sees while it decides; a conflict begins a new one. */
export interface Attempt {
  /** The id of the command's n-th event. */
  eventId(ordinal: number): EventId;
  /** Loads a stream under some folds; what those folds read guards the append. */
  load<F extends Record<string, AnyFold>>(stream: StreamName, folds: F): Promise<Loaded<F>['state']>;
  /** The instant of the decision; never before an event that was loaded. Call it after the loads. */
  now(): Instant;
}

export interface Prepared<T> {
  readonly stream: StreamName;
  readonly decision: Decision<AnyNewEvent, RefusalCode>;
  /** The answer when the decision is appended, or when there is nothing to do. */
  readonly answer: (events: readonly EventId[]) => T | Promise<T>;
  /**
   * Runs after an accepting decision and before the append: claims, contents. Must bear being run again. 'again' when what was decided
   * on is so no more: decide anew. A refusal when what it stores cannot be this command's.
   */
  readonly before?: (
    events: readonly { readonly id: EventId; readonly event: AnyNewEvent }[],
  ) => Promise<'again' | RefusalCode | undefined>;
}

export interface Command<T> {
  readonly caller: Caller;
  readonly operation: string;
  /** Absent for the importer, whose records know themselves by source: then ids are random and nothing is looked up before. */
  readonly requestId?: string;
  readonly input: Canonical;
  readonly attempt: (attempt: Attempt) => Promise<Prepared<T> | RefusalCode>;
  /** The answer of a command that was appended before, from its stored events; nothing is decided. */
  readonly replay: (events: readonly AnyEvent[], recorded: readonly RecordedEvent[]) => T | Promise<T>;
}

/**
 * id₀ → find → (look up, load, decide, claim) → append, again on every conflict. Claims are taken once the decision accepts and before
 * its events are written: what is refused takes nothing. When it returns `done`, the events are durable.
 * Throws `LedgerBusy` after too many conflicts and `AppendUnknown` when nobody knows; the same requestId may then be sent again.
 */
export async function transact<T>(app: App, command: Command<T>): Promise<Outcome<T>> {
  const { caller, requestId } = command;
  // Without a requestId each attempt has ids of its own, so that no content of one stands under an event of the next.
  let random = app.entropy.bytes(16);
  const eventId = (ordinal: number): EventId =>
    requestId === undefined
      ? toEventId(app.suite.hash(random, Uint8Array.of(ordinal >>> 8, ordinal & 0xff)))
      : app.vault.commandId(
          { issuer: caller.actor.issuer, subject: caller.actor.subject, operation: command.operation, requestId },
          ordinal,
        );
  const intent = requestId === undefined ? undefined : app.vault.intent(eventId(0), command.input);

  const known = intent === undefined ? undefined : await replayed(app, command, eventId, intent);
  if (known !== undefined) return known;

  for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts++) {
    if (requestId === undefined && conflicts > 0) random = app.entropy.bytes(16);
    const tried = await attemptOnce(app, command, eventId, intent);
    if (tried.written) return tried.outcome;
    // Nothing of this sending was written. Another sending of the same request may have been meanwhile: then that one counts.
    const twin = intent === undefined ? undefined : await replayed(app, command, eventId, intent);
    if (twin !== undefined) return twin;
    if (tried.outcome !== 'again') return tried.outcome;
  }
  throw new LedgerBusy(BUSY_RETRY_MS);
}

/** What one attempt came to. `again`: what it was decided on is so no more. */
type Tried<T> =
  | { readonly written: true; readonly outcome: Outcome<T> }
  | { readonly written: false; readonly outcome: Outcome<T> | 'again' };

async function attemptOnce<T>(
  app: App,
  command: Command<T>,
  eventId: (ordinal: number) => EventId,
  intent: string | undefined,
): Promise<Tried<T>> {
  const { caller } = command;
  const seen: Seen[] = [];
  let decided: Instant | undefined;
  const notWritten = (outcome: Outcome<T> | 'again'): Tried<T> => ({ written: false, outcome });
  const attempt: Attempt = {
    eventId,
    load: async (stream, folds) => {
      const loaded = await app.states.load(stream, folds, caller.trace);
      const kinds = Object.values(folds).flatMap((fold) => fold.kinds);
      seen.push({ stream, revision: loaded.revision, kinds: [...kinds, 'erasure.'] });
      return loaded.state;
    },
    now: () => (decided ??= app.clock.now()),
  };
  const prepared = await app.probe.phase('decide', caller.span, () => command.attempt(attempt));
  if (typeof prepared === 'string') return notWritten(refusal(prepared));
  const { decision, stream } = prepared;
  if (decision.kind === 'refuse') return notWritten(refusal(decision.code));
  if (decision.events.length === 0) return notWritten(done(await prepared.answer([])));

  const events = decision.events.map((event, i) => ({ id: eventId(i), event }));
  const { before } = prepared;
  const hindrance = before && (await app.probe.phase('claim', caller.span, () => before(events)));
  if (hindrance === 'again') return notWritten('again');
  if (hindrance !== undefined) return notWritten(refusal(hindrance));
  // If the process stops here, content without an event may lie in the vault: the sweep takes it (vault/contents).
  // Storing many contents may take longer than a decision lives, so its life begins after it. The decision holds as it did: what it
  // turns on in time is its `until`, and all else that it saw guards the append.
  if (decided === undefined || before !== undefined) decided = app.clock.now();
  const condition: Condition = {
    seen: mergeSeen(seen),
    decided,
    notAfter: earliest(
      addMs(decided, DECISION_LIFE_MS),
      caller.actor.until,
      ...(decision.until === undefined ? [] : [decision.until]),
    ),
  };
  const keys = await app.vault.keysOf(stream, decided);
  const sealed = sealEvents(keys, events, { by: actorRef(caller.actor), trace: caller.trace, intent }, condition);
  try {
    await app.probe.phase('append', caller.span, (span) =>
      app.ledger.append(stream, sealed, condition, 'command', span),
    );
  } catch (error) {
    if (error instanceof AppendConflict) {
      await heedConflict(app.clock, error);
      const ended = error.reason === 'not-after' && caller.actor.until <= app.clock.now();
      return notWritten(ended ? refusal('token-ended') : 'again');
    }
    if (error instanceof AppendOvertaken) {
      // It stands, whatever becomes of the mark: one that is lacking is counted by fsck, and the caller hears the same.
      await markOvertaken(app, caller, error, (named) => ({
        type: 'command.late@1',
        retained: named,
        personal: {},
      })).catch((fault: unknown) => {
        if (!isFault(fault)) throw fault;
      });
      return { written: true, outcome: { ...done(await prepared.answer(events.map(({ id }) => id))), late: true } };
    }
    if (!(error instanceof AppendUnknown)) throw error;
    const found = await settled(app, command, prepared, eventId, intent, events);
    if (found === undefined) throw error;
    return { written: true, outcome: found };
  }
  return { written: true, outcome: done(await prepared.answer(events.map(({ id }) => id))) };
}

/**
 * What became of an append of unknown fate, by its first id: the answer when it stands, undefined while nobody knows. A look-up that fails
 * says nothing of the append, least of all that it was not written.
 */
async function settled<T>(
  app: App,
  command: Command<T>,
  prepared: Prepared<T>,
  eventId: (ordinal: number) => EventId,
  intent: string | undefined,
  events: readonly { readonly id: EventId }[],
): Promise<Outcome<T> | undefined> {
  try {
    if (intent !== undefined) return await replayed(app, command, eventId, intent);
    if ((await app.ledger.find(eventId(0))) === undefined) return undefined;
  } catch {
    return undefined;
  }
  return done(await prepared.answer(events.map(({ id }) => id)));
}

/** The answer of the same command sent before; `request-id-reused` for another one under its requestId; undefined if there is none. */
async function replayed<T>(
  app: App,
  command: Command<T>,
  eventId: (ordinal: number) => EventId,
  intent: string,
): Promise<Outcome<T> | undefined> {
  const first = await app.ledger.find(eventId(0));
  if (first === undefined) return undefined;
  if ((await app.vault.openIntent(sealedRef(first, 'personal'))) !== intent) return refusal('request-id-reused');
  const recorded: RecordedEvent[] = [];
  for await (const event of app.ledger.readStream(first.stream, first.revision)) {
    if (event.id !== eventId(recorded.length)) break;
    recorded.push(event);
  }
  return done(await command.replay(await toPastEvents(recorded, app.openRetained), recorded));
}
