import { expect } from 'vitest';
import { type AnyEvent, type AnyNewEvent, CATALOGUE } from '../../src/domain/catalogue.ts';
import type { Decider, Decision } from '../../src/domain/decider.ts';
import { FOLDS, type FoldName, type States } from '../../src/domain/folds.ts';
import type { RefusalCode } from '../../src/domain/refusals.ts';
import type { CommonRetained } from '../../src/kernel/event.ts';
import { encodePersonal, encodeRetained } from '../../src/kernel/event.ts';
import {
  institutionStream,
  ledgerStream,
  practitionerStream,
  residentStream,
  type StreamName,
  toEventId,
} from '../../src/kernel/id.ts';
import { addMs, type Instant } from '../../src/kernel/instant.ts';
import { ANNA, asSystem, DOCTOR, HOSPITAL, NOW } from './domain-samples.ts';

/** Sentences about deciders: `given(...past).when(command).emits(...events)`. Not `.then`, which would make it a promise. */

/** An event as a decider emits it, or with the instant at which it happened. */
export type Happened = AnyNewEvent & { readonly time?: Instant };

/** The same event at another instant than the default, which is one day before `NOW` plus a second for each event before it. */
export function at(time: Instant, event: AnyNewEvent): Happened {
  return { ...event, time };
}

const COMMON: CommonRetained = { by: asSystem, decided: NOW, notAfter: NOW, seen: [] };
const DAY_MS = 86_400_000;

function streamOf(type: string): StreamName {
  if (type.startsWith('institution.')) return institutionStream(HOSPITAL);
  if (type.startsWith('practitioner.')) return practitionerStream(DOCTOR);
  return type.startsWith('ledger.') ? ledgerStream('110000') : residentStream(ANNA);
}

/** What was emitted as it reads back once stored, each stream's revisions from 0 on. */
export function stored(events: readonly Happened[]): AnyEvent[] {
  const revisions = new Map<StreamName, bigint>();
  return events.map((event, i) => {
    const stream = streamOf(event.type);
    const revision = revisions.get(stream) ?? 0n;
    revisions.set(stream, revision + 1n);
    return {
      type: event.type,
      id: toEventId(Uint8Array.from({ length: 16 }, (_, byte) => (byte === 15 ? i & 0xff : i >>> 8))),
      stream,
      revision,
      time: event.time ?? addMs(NOW, -DAY_MS + i * 1000),
      retained: { ...COMMON, ...event.retained },
    } as unknown as AnyEvent;
  });
}

export const INITIAL = Object.fromEntries(
  Object.entries(FOLDS).map(([name, fold]) => [name, fold.initialState]),
) as unknown as States;

/** One event on every fold that reads its type; a fold is never given any other. */
export function advance(states: States, event: AnyEvent): States {
  const next: Record<string, unknown> = { ...states };
  for (const [name, fold] of Object.entries(FOLDS)) {
    if (!fold.kinds.some((kind) => event.type.startsWith(kind))) continue;
    next[name] = (fold.evolve as (state: unknown, event: AnyEvent) => unknown)(next[name], event);
  }
  return next as unknown as States;
}

export function statesAfter(...past: readonly Happened[]): States {
  return stored(past).reduce(advance, INITIAL);
}

/** Throws when an event does not have the form that it was declared with, so that it could never be stored. */
export function checkForm(event: AnyNewEvent): void {
  const declaration = CATALOGUE.get(event.type);
  if (declaration === undefined) throw new Error(`${event.type} is not in the catalogue`);
  encodeRetained(declaration, { ...COMMON, ...event.retained });
  encodePersonal(declaration, event.personal);
}

type AnyDecider<Command, Needs, Event extends AnyNewEvent> = Decider<Command, Needs, Event, RefusalCode>;

/** Decides with the states that the decider has named and no other; every event emitted must have its declared form. */
export function decideWith<Command, Needs, Event extends AnyNewEvent>(
  decider: AnyDecider<Command, Needs, Event>,
  command: Command,
  states: States,
): Decision<Event, RefusalCode> {
  const named = Object.fromEntries(decider.folds.map((name) => [name, states[name as FoldName]]));
  const decision = decider.decide(command, named as unknown as Needs);
  if (decision.kind === 'accept') decision.events.forEach(checkForm);
  return decision;
}

export function givenOf<Command, Needs, Event extends AnyNewEvent>(decider: AnyDecider<Command, Needs, Event>) {
  return (...past: readonly Happened[]) => ({
    when(command: Command) {
      const decision = decideWith(decider, command, statesAfter(...past));
      return {
        decision,
        emits(...events: readonly AnyNewEvent[]): void {
          expect(events.length).toBeGreaterThan(0);
          expect(decision.kind === 'accept' ? decision.events : decision).toStrictEqual(events);
        },
        refuses(code: RefusalCode): void {
          expect(decision).toStrictEqual({ kind: 'refuse', code });
        },
        changesNothing(): void {
          expect(decision).toStrictEqual({ kind: 'accept', events: [] });
        },
        holdsUntil(instant: Instant): void {
          expect(decision).toMatchObject({ kind: 'accept', until: instant });
        },
      };
    },
  });
}
