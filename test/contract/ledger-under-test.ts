import { expect } from 'vitest';
import type { EventId, StreamName } from '../../src/kernel/id.ts';
import { addMs, type Instant } from '../../src/kernel/instant.ts';
import type { Suite } from '../../src/kernel/suite.ts';
import { AppendConflict, type ConflictReason } from '../../src/ledger/faults.ts';
import type { Appended, Condition, Ledger, RecordedEvent, Seen } from '../../src/ledger/port.ts';
import { decidedAt, type SealedEvents, sealedEvents } from '../support/sealed-events.ts';
import { SEEDED_START, seededEntropy } from '../support/seeded.ts';

/** An engine with a fresh ledger of which a test can do as it likes. */
export interface LedgerUnderTest {
  readonly ledger: Ledger;
  readonly suite: Suite;
  /** Another handle on the same store, as another process has one. An engine that lives in one process gives the same. */
  another(): Promise<Ledger>;
  /** The engine's clock shows this from now on. At first it shows `SEEDED_START`. */
  setTime(instant: Instant): Promise<void>;
  /** Runs `work` while a foreign transaction that wrote something stays open in the same store, where the engine has such a thing. */
  besideOpenTransaction(work: () => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

export type OpenLedger = (options?: { readonly queueLimit?: number }) => Promise<LedgerUnderTest>;

/** A ledger under test with short words for what tests do all the time. */
export interface Bench extends LedgerUnderTest {
  readonly make: SealedEvents;
  /** A condition decided at the first instant, good for 5 s. */
  now(...seen: readonly Seen[]): Condition;
  /** Appends one event for each type, unconditionally. */
  write(stream: StreamName, ...types: readonly string[]): Promise<Appended>;
  all(): Promise<RecordedEvent[]>;
}

let benches = 0;

export async function openBench(open: OpenLedger, options?: { readonly queueLimit?: number }): Promise<Bench> {
  const under = await open(options);
  const make = sealedEvents(seededEntropy(`bench ${benches++}`));
  const now = (...seen: readonly Seen[]): Condition => decidedAt(SEEDED_START, ...seen);
  return {
    ...under,
    make,
    now,
    write: (stream, ...types) =>
      under.ledger.append(
        stream,
        types.map((type) => make.event({ type })),
        { ...now(), notAfter: addMs(SEEDED_START, 365 * 86_400_000) },
      ),
    all: () => collect(under.ledger.readAll()),
  };
}

export async function collect(events: AsyncIterable<RecordedEvent>): Promise<RecordedEvent[]> {
  const all: RecordedEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

export const idsOf = (events: readonly { readonly id: EventId }[]): EventId[] => events.map((event) => event.id);

export async function expectConflict(append: Promise<Appended>, reason: ConflictReason): Promise<void> {
  const outcome = await append.then(
    () => 'appended',
    (error: unknown) => error,
  );
  expect(outcome).toBeInstanceOf(AppendConflict);
  expect(outcome).toMatchObject({ code: 'append-conflict', reason });
}

/** The outcome of an append as text: what two engines are compared by. */
export async function outcomeOf(append: Promise<Appended>): Promise<string> {
  try {
    const { events, time } = await append;
    return `appended ${time} ${events.map(({ id, revision }) => `${id}@${revision}`).join(' ')}`;
  } catch (error) {
    if (error instanceof AppendConflict) return `conflict ${error.reason}`;
    throw error;
  }
}
