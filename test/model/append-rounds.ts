import fc from 'fast-check';
import { expect } from 'vitest';
import { toHex } from '../../src/kernel/base64.ts';
import type { StreamName } from '../../src/kernel/id.ts';
import { addMs, type Instant } from '../../src/kernel/instant.ts';
import type { Condition, Ledger, Priority, SealedEvent } from '../../src/ledger/port.ts';
import { outcomeOf } from '../contract/ledger-under-test.ts';
import type { SealedEvents } from '../support/sealed-events.ts';

const TYPES = ['consent.granted@1', 'consent.revoked@1', 'access.permitted@1', 'code.closed@1'] as const;
const KINDS = ['', 'consent.', 'consent.granted@1', 'access.', 'code.', 'c', 'none.'] as const;
const STREAMS = 3;

/** One append as chosen: which streams and events it means is worked out against what was appended before. */
interface Choice {
  readonly stream: number;
  readonly types: readonly number[];
  readonly seen: readonly { readonly stream: number; readonly back: number; readonly kinds: readonly number[] }[];
  readonly decidedMs: number;
  readonly lastsMs: number;
  readonly priority: Priority;
  /** Reuses the id of an event that was tried before, if there was one. */
  readonly reuse: number | null;
}

/** A clock that moves, then appends made at once. */
export interface Round {
  readonly advanceMs: number;
  readonly choices: readonly Choice[];
}

const choice: fc.Arbitrary<Choice> = fc.record({
  stream: fc.nat(STREAMS - 1),
  types: fc.array(fc.nat(TYPES.length - 1), { minLength: 1, maxLength: 4 }),
  seen: fc.array(
    fc.record({
      stream: fc.nat(STREAMS - 1),
      back: fc.nat(3),
      kinds: fc.array(fc.nat(KINDS.length - 1), { maxLength: 3 }),
    }),
    { maxLength: 3 },
  ),
  // Past or so far ahead that it is refused: one that is nearly reached is waited for, and then the order is no longer that of the calls.
  decidedMs: fc.oneof({ weight: 8, arbitrary: fc.integer({ min: -50, max: 0 }) }, fc.integer({ min: 21, max: 60 })),
  lastsMs: fc.oneof({ weight: 8, arbitrary: fc.constant(5000) }, fc.nat(60)),
  priority: fc.constantFrom<Priority>('command', 'read'),
  reuse: fc.option(fc.nat(20), { freq: 6 }),
});
const round: fc.Arbitrary<Round> = fc.record({
  advanceMs: fc.nat(60),
  choices: fc.array(choice, { minLength: 1, maxLength: 6 }),
});
export const rounds: fc.Arbitrary<readonly Round[]> = fc.array(round, { minLength: 1, maxLength: 6 });

export interface Append {
  readonly stream: StreamName;
  readonly events: readonly SealedEvent[];
  readonly condition: Condition;
  readonly priority: Priority;
}

/** Plays rounds on the memory engine and another one, and expects the same answers and the same leaves. */
export type AppendRounds = (rounds: readonly Round[]) => Promise<void>;

export function answersAlike(of: {
  readonly memory: Ledger;
  readonly other: Ledger;
  readonly make: SealedEvents;
  /** Lets the clock of both go on; says what it shows then. */
  readonly advance: (ms: number) => Promise<Instant>;
  readonly start: Instant;
  /** In which order the other engine takes up what is appended at once; it is given them with commands first. */
  readonly inOrder: (appends: readonly Append[]) => readonly Append[];
}): AppendRounds {
  const { memory, other, make } = of;
  let now = of.start;

  async function appendOf(choice: Choice, streams: readonly StreamName[], tried: SealedEvent[]): Promise<Append> {
    const named = (index: number): StreamName => streams[index] as StreamName;
    const events = choice.types.map((type) =>
      make.event({ type: TYPES[type] as string, retainedBytes: 40, personalBytes: 20 }),
    );
    const reused = choice.reuse === null ? undefined : tried[choice.reuse % Math.max(1, tried.length)];
    if (reused !== undefined) events.push({ ...make.event(), id: reused.id });
    const seen = [];
    for (const { stream, back, kinds } of choice.seen) {
      const tip = (await memory.head(named(stream)))?.revision ?? -1n;
      const revision = tip - BigInt(back) < -1n ? -1n : tip - BigInt(back);
      seen.push({ stream: named(stream), revision, kinds: kinds.map((kind) => KINDS[kind] as string) });
    }
    const decided = addMs(now, choice.decidedMs);
    tried.push(...events);
    return {
      stream: named(choice.stream),
      events,
      condition: { seen, decided, notAfter: addMs(decided, choice.lastsMs) },
      priority: choice.priority,
    };
  }

  return async (given) => {
    const streams = Array.from({ length: STREAMS }, () => make.stream());
    const tried: SealedEvent[] = [];
    for (const { advanceMs, choices } of given) {
      now = await of.advance(advanceMs);
      const appends: Append[] = [];
      for (const each of choices) appends.push(await appendOf(each, streams, tried));
      const inOrder = of.inOrder(commandsFirst(appends));
      const send = (ledger: Ledger, all: readonly Append[]) =>
        Promise.all(
          all.map(({ stream, events, condition, priority }) =>
            outcomeOf(ledger.append(stream, events, condition, priority)),
          ),
        );
      expect(await send(other, inOrder)).toEqual(await send(memory, inOrder));
    }
    for (const stream of streams) {
      const [theirs, ours] = await Promise.all([other, memory].map((ledger) => ledger.readStreams([{ stream }])));
      expect(theirs?.[0]?.map(({ leafHash }) => toHex(leafHash))).toEqual(
        ours?.[0]?.map(({ leafHash }) => toHex(leafHash)),
      );
    }
  };
}

const commandsFirst = (appends: readonly Append[]): Append[] =>
  appends.toSorted((a, b) => Number(a.priority === 'read') - Number(b.priority === 'read'));
