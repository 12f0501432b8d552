import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoryLedger } from '../../src/ledger/memory/memory-ledger.ts';
import type { Ledger } from '../../src/ledger/port.ts';
import { nodeSuite as suite } from '../../src/suite-node/suite.ts';
import { type LedgerServer, ledgerServer } from '../support/eventstore-ledger.ts';
import { TEST_IDENTITY } from '../support/postgres-ledger.ts';
import { sealedEvents } from '../support/sealed-events.ts';
import { SEEDED_START, seededEntropy } from '../support/seeded.ts';
import { sameEvent, verifyLedger } from '../support/verify-ledger.ts';
import { type AppendRounds, answersAlike, rounds } from './append-rounds.ts';

let server: LedgerServer;
let eventstore: Ledger;
let memory: Ledger;
let play: AppendRounds;

beforeAll(async () => {
  server = await ledgerServer();
  // One ledger each for all runs: both went through the same before, so a run that fails still fails when it is made smaller.
  // One stream after the other, as in the memory engine: then the order of the calls is that of the events.
  eventstore = await server.open({ entropy: seededEntropy('both'), concurrency: 1 });
  memory = memoryLedger({
    identity: TEST_IDENTITY,
    suite,
    entropy: seededEntropy('both'),
    time: () => server.clock.now(),
  });
  play = answersAlike({
    memory,
    other: eventstore,
    make: sealedEvents(seededEntropy('model')),
    advance: async (ms) => server.clock.advance(ms),
    start: SEEDED_START,
    // A group for each stream, of which that with the first command goes first.
    inOrder: (appends) =>
      [...new Set(appends.map(({ stream }) => stream))].flatMap((of) => appends.filter(({ stream }) => stream === of)),
  });
});
afterAll(() => server.close());

describe('the EventStoreDB engine and the memory engine', () => {
  it('answer any appends alike and store the same bytes', async () => {
    await fc.assert(
      fc.asyncProperty(rounds, (given) => play(given)),
      { numRuns: 40 },
    );
    const [theirs, ours] = [await verifyLedger(eventstore, suite), await verifyLedger(memory, suite)];
    expect(theirs.events.length).toBeGreaterThan(50);
    expect(theirs.events.length).toBe(ours.events.length);
    for (const [i, event] of theirs.events.entries()) {
      const twin = ours.events[i];
      expect(sameEvent(event, twin && { ...twin, position: event.position })).toBe(true);
    }
  });
});
