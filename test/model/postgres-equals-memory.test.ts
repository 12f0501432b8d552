import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoryLedger } from '../../src/ledger/memory/memory-ledger.ts';
import type { Ledger } from '../../src/ledger/port.ts';
import { nodeSuite as suite } from '../../src/suite-node/suite.ts';
import { type LedgerDatabase, ledgerDatabase, TEST_IDENTITY } from '../support/postgres-ledger.ts';
import { sealedEvents } from '../support/sealed-events.ts';
import { SEEDED_START, seededClock, seededEntropy } from '../support/seeded.ts';
import { sameEvent, verifyLedger } from '../support/verify-ledger.ts';
import { type AppendRounds, answersAlike, rounds } from './append-rounds.ts';

let database: LedgerDatabase;
let postgres: Ledger;
let memory: Ledger;
let play: AppendRounds;
const clock = seededClock(SEEDED_START);

beforeAll(async () => {
  database = await ledgerDatabase();
  // One ledger each for all runs: both went through the same before, so a run that fails still fails when it is made smaller.
  postgres = await database.open({ entropy: seededEntropy('both') });
  memory = memoryLedger({ identity: TEST_IDENTITY, suite, entropy: seededEntropy('both'), time: () => clock.now() });
  play = answersAlike({
    memory,
    other: postgres,
    make: sealedEvents(seededEntropy('model')),
    advance: async (ms) => {
      const now = clock.advance(ms);
      await database.setTime(now);
      return now;
    },
    start: SEEDED_START,
    // One group of all.
    inOrder: (appends) => appends,
  });
});
afterAll(() => database.drop());

describe('the Postgres engine and the memory engine', () => {
  it('answer any appends alike and store the same bytes', async () => {
    await fc.assert(
      fc.asyncProperty(rounds, (given) => play(given)),
      { numRuns: 40 },
    );

    const [theirs, ours] = [await verifyLedger(postgres, suite), await verifyLedger(memory, suite)];
    expect(theirs.events.length).toBeGreaterThan(50);
    expect(theirs.events.length).toBe(ours.events.length);
    for (const [i, event] of theirs.events.entries()) {
      const twin = ours.events[i];
      expect(sameEvent(event, twin && { ...twin, position: event.position })).toBe(true);
    }
  });
});
