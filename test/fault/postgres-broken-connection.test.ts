import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isFault } from '../../src/kernel/fault.ts';
import type { EventId } from '../../src/kernel/id.ts';
import type { Appended, Ledger } from '../../src/ledger/port.ts';
import { nodeSuite as suite } from '../../src/suite-node/suite.ts';
import { type LedgerDatabase, ledgerDatabase } from '../support/postgres-ledger.ts';
import { type Cut, type PostgresProxy, postgresProxy } from '../support/postgres-proxy.ts';
import { decidedAt, sealedEvents } from '../support/sealed-events.ts';
import { SEEDED_START, seededEntropy } from '../support/seeded.ts';
import { verifyLedger } from '../support/verify-ledger.ts';

/** Every statement of a group's transaction, in its order. */
const STATEMENTS: readonly { readonly name: string; readonly statement: RegExp }[] = [
  { name: 'the begin', statement: /BEGIN ISOLATION/ },
  { name: 'the lock', statement: /FOR UPDATE/ },
  { name: 'the read of the time', statement: /to_char/ },
  { name: 'the read of heads', statement: /FROM stream_heads WHERE stream = ANY/ },
  { name: 'the read of ids', statement: /SELECT id FROM events/ },
  { name: 'the read of newer kinds', statement: /max\(revision\)/ },
  { name: 'the write', statement: /INSERT INTO events/ },
  { name: 'the commit', statement: /^COMMIT$/ },
];
const CASES = STATEMENTS.flatMap((each) => (['before', 'after'] as const).map((when) => ({ ...each, when })));

let database: LedgerDatabase;
let proxy: PostgresProxy;
let ledger: Ledger;
const make = sealedEvents(seededEntropy('broken connection'));

beforeAll(async () => {
  database = await ledgerDatabase();
  proxy = await postgresProxy(database.url);
});
afterAll(async () => {
  await database.drop();
  await proxy.close();
});
beforeEach(async () => {
  ledger = await database.open({ settleMs: 1000 }, proxy.url);
});
afterEach(async () => {
  await proxy.restore();
  await ledger.close();
});

interface Attempt {
  readonly ids: readonly (readonly EventId[])[];
  readonly outcomes: readonly PromiseSettledResult<Appended>[];
}

/** Four appends made at once, so that they are one group, two of which look at newer kinds; the connection is cut while they run. */
async function appendGroup(cut: Cut, through = ledger): Promise<Attempt> {
  const stream = make.stream();
  await through.append(stream, make.events(2), decidedAt(SEEDED_START));
  const guarded = decidedAt(SEEDED_START, { stream, revision: 0n, kinds: ['consent.'] });
  const batches = [1, 2, 3, 4].map((count) => make.events(count));
  const before = proxy.cuts;
  proxy.cut(cut);
  const outcomes = await Promise.allSettled(
    batches.map((events, i) => through.append(i < 2 ? stream : make.stream(), events, guarded)),
  );
  expect(proxy.cuts - before).toBe(cut.times ?? 1);
  return { ids: batches.map((events) => events.map(({ id }) => id)), outcomes };
}

/** Waits until a cut has happened, and a little more, and lets connections through again. */
async function comeBack(): Promise<void> {
  const before = proxy.cuts;
  while (proxy.cuts === before) await sleep(5);
  await sleep(150);
  await proxy.restore();
}

const codesOf = ({ outcomes }: Attempt): string[] =>
  outcomes.map((outcome) => (outcome.status === 'fulfilled' ? 'appended' : String(outcome.reason.code)));

/** Every outcome must be the truth: an acknowledged append stands with its leaf hashes, a refused one does not stand at all. */
async function expectTruth({ ids, outcomes }: Attempt): Promise<void> {
  const reader = await database.open();
  const { byId } = await verifyLedger(reader, suite);
  await reader.close();
  for (const [i, outcome] of outcomes.entries()) {
    const standing = (ids[i] ?? []).flatMap((id) => byId.get(id) ?? []);
    if (outcome.status === 'fulfilled') {
      expect(standing.map(({ leafHash }) => leafHash)).toEqual(outcome.value.events.map(({ leafHash }) => leafHash));
    } else {
      expect(isFault(outcome.reason)).toBe(true);
      expect(outcome.reason.code === 'append-unknown' ? [0, ids[i]?.length] : [0]).toContain(standing.length);
    }
  }
}

describe('a connection that breaks', () => {
  it.each(CASES)('once, $when $name: the group is written, once and whole', async ({ statement, when }) => {
    const attempt = await appendGroup({ statement, when });
    expect(codesOf(attempt)).toEqual(Array(4).fill('appended'));
    await expectTruth(attempt);
  });

  it.each(CASES.slice(0, -1))('at every attempt, $when $name: nothing is written, and it is said so', async (each) => {
    const attempt = await appendGroup({ ...each, times: 2 });
    expect(codesOf(attempt)).toEqual(Array(4).fill('ledger-unavailable'));
    await expectTruth(attempt);
  });

  it('before the commit, and with no way back: nothing is known, and it is said so', async () => {
    const attempt = await appendGroup({ statement: /^COMMIT$/, when: 'before', thenSever: true });
    expect(codesOf(attempt)).toEqual(Array(4).fill('append-unknown'));
    await expectTruth(attempt);
  });

  it('after the commit, and with no way back: nothing is known, and the ids tell it later', async () => {
    const attempt = await appendGroup({ statement: /^COMMIT$/, when: 'after', thenSever: true });
    expect(codesOf(attempt)).toEqual(Array(4).fill('append-unknown'));
    await expectTruth(attempt);
    await proxy.restore();
    for (const id of attempt.ids.flat()) expect((await ledger.find(id))?.id).toBe(id);
  });

  it.each(['before', 'after'] as const)(
    '%s the commit, and comes back while its fate is asked for: written once',
    async (when) => {
      const patient = await database.open({ settleMs: 20_000 }, proxy.url);
      const attempting = appendGroup({ statement: /^COMMIT$/, when, thenSever: true }, patient);
      await comeBack();
      const attempt = await attempting;
      expect(codesOf(attempt)).toEqual(Array(4).fill('appended'));
      await expectTruth(attempt);
      await patient.close();
    },
  );

  it('after the commit while somebody else takes an id of the group: the taker and the loser are told apart', async () => {
    // The group is not written; before it is tried again, another process appends an event with the id of one of its appends.
    const other = await database.open();
    const events = make.events(1);
    const before = proxy.cuts;
    proxy.cut({ statement: /^COMMIT$/, when: 'before', thenSever: true });
    const losing = ledger.append(make.stream(), events, decidedAt(SEEDED_START));
    const loser = losing.catch((error: unknown) => error);
    while (proxy.cuts === before) await sleep(5);
    const taken = await other.append(make.stream(), events, decidedAt(SEEDED_START));
    await proxy.restore();
    expect(await loser).toMatchObject({ code: 'append-conflict', reason: 'id-taken' });
    expect((await other.find(taken.events[0]?.id ?? make.id()))?.leafHash).toEqual(taken.events[0]?.leafHash);
    await verifyLedger(other, suite);
    await other.close();
  });

  it.each(['the write', 'the commit'])(
    'without a word at %s: the server lets go of the lock by itself, and the group is written',
    async (name) => {
      const { statement } = STATEMENTS.find((each) => each.name === name) ?? { statement: /never/ };
      const impatient = await database.open({ groupTimeoutMs: 1000, settleMs: 20_000 }, proxy.url);
      const attempt = await appendGroup({ statement, when: 'silence' }, impatient);
      expect(codesOf(attempt)).toEqual(Array(4).fill('appended'));
      await expectTruth(attempt);
      await impatient.close();
    },
  );

  it('does not keep the ledger from working afterwards, nor from being closed', async () => {
    proxy.sever();
    const refused = await ledger.append(make.stream(), make.events(1), decidedAt(SEEDED_START)).catch((error) => error);
    expect(refused).toMatchObject({ code: 'ledger-unavailable' });
    await expect(ledger.end()).rejects.toMatchObject({ code: 'ledger-unavailable' });
    await proxy.restore();
    await ledger.append(make.stream(), make.events(1), decidedAt(SEEDED_START));
    expect(await ledger.end()).toBeDefined();
    proxy.sever();
    await ledger.close();
  });

  it('only makes a follower wait: it goes on where it stood, and skips and repeats nothing', async () => {
    const start = await ledger.end();
    const follower = ledger.follow(start);
    const got: EventId[] = [];
    const following = (async () => {
      for await (const event of follower) got.push(event.id);
    })();
    const writer = await database.open();
    const expected: EventId[] = [];
    for (let round = 0; round < 3; round++) {
      for (const phase of ['whole', 'severed', 'back'] as const) {
        if (phase === 'severed') proxy.sever();
        if (phase === 'back') await proxy.restore();
        const events = make.events(3);
        await writer.append(make.stream(), events, decidedAt(SEEDED_START));
        expected.push(...events.map(({ id }) => id));
      }
      const deadline = performance.now() + 20_000;
      while (got.length < expected.length && performance.now() < deadline) await sleep(10);
      expect(got).toEqual(expected);
    }
    await follower.close();
    await following;
    await writer.close();
  });
});
