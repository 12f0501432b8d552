import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { toPastEvents } from '../../src/app/past-event.ts';
import type { AnyEvent } from '../../src/domain/catalogue.ts';
import { engine, engineName } from '../support/engine.ts';
import {
  CLEAN,
  type Doctor,
  newRequest,
  type Resident,
  terms,
  verdictOn,
  type World,
  worldOf,
} from '../support/people.ts';
import { expectContiguous, recordSteps } from '../support/projector-steps.ts';
import { openTestNode, type TestNode } from '../support/test-node.ts';
import { type Actor, projecting, startActor } from './actors.ts';
import type { Appending } from './appending.ts';

// Several processes on a busy machine take their time.
vi.setConfig({ testTimeout: 180_000 });

/** The lease lasts 3 s after its last renewal; whoever stands by looks every 0.3 s. The rest is for a busy machine. */
const TAKEOVER_MS = 6_000;
/** Postgres ends a transaction in which nothing happens after 5 s. */
const FROZEN_MS = 30_000;
const COMMANDS = 30;

let node: TestNode;
let world: World;
let doctor: Doctor;
let residents: Resident[];
let actors: Actor[];
let task: Omit<Appending, 'name'>;

beforeAll(async () => {
  // The world is made with a projector of its own, which then leaves the work to the processes.
  node = await openTestNode();
  world = await worldOf(node);
  const hospital = await world.hospital();
  doctor = await world.doctor(hospital);
  residents = [];
  for (let i = 0; i < 12; i++) residents.push(await world.resident());
  task = { count: COMMANDS, office: world.office, doctor: doctor.caller, given: terms(hospital), residents };
  await world.shown();
  await node.projector?.stop();
  await recordSteps(node.database.ownerSql);
  actors = await Promise.all(Array.from({ length: 3 }, () => startActor(node)));
});
afterAll(async () => {
  for (const { child } of actors ?? []) child.kill('SIGKILL');
  await node.close();
});

async function eventsBehind(position: Awaited<ReturnType<TestNode['app']['ledger']['end']>>): Promise<AnyEvent[]> {
  const recorded = [];
  for await (const event of node.app.ledger.readAll(position)) recorded.push(event);
  return toPastEvents(recorded, node.app.openRetained);
}
const countOf = (events: readonly AnyEvent[], type: AnyEvent['type']): number =>
  events.filter((event) => event.type === type).length;

/** How many of each operation there are among the first `COMMANDS`. */
const EACH = COMMANDS / 3;

/** Registrations, records and grants of one task, each once in the ledger. */
function expectOnce(events: readonly AnyEvent[]): void {
  expect(countOf(events, 'identity.registered@1')).toBe(EACH);
  expect(countOf(events, 'code.issued@1')).toBe(EACH);
  expect(countOf(events, 'record.registered@1')).toBe(EACH);
  expect(countOf(events, 'consent.granted@1')).toBe(EACH);
}

describe(`${engineName()}: three processes`, () => {
  it('that are sent the same commands at one moment do each once, and all answer the same', async () => {
    const begin = await node.app.ledger.end();
    await Promise.all(actors.map((actor) => actor.append({ ...task, name: 'same' })));
    const answers = actors.map(({ acknowledged }) => [...acknowledged].sort((a, b) => a.n - b.n));
    expect(answers[0]).toHaveLength(COMMANDS);
    for (const { outcome } of answers[0] ?? []) expect(outcome.kind).toBe('done');
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
    expectOnce(await eventsBehind(begin));
  });

  it('that are sent other commands under one requestId do one of them, and refuse the others', async () => {
    const begin = await node.app.ledger.end();
    for (let i = 0; i < 5; i++) {
      const requestId = newRequest();
      const outcomes = await Promise.all(
        actors.map((actor, at) => {
          const input = {
            region: '110105',
            name: `Somebody ${at}`,
            documents: [{ type: '03', number: `X${i}-${at}` }],
          };
          return actor.ask({ kind: 'register', caller: world.office, requestId, input }, 'registered');
        }),
      );
      const told = outcomes.map(({ outcome }) => (outcome.kind === 'done' ? 'done' : outcome.code));
      expect(told.sort()).toEqual(['done', 'request-id-reused', 'request-id-reused']);
    }
    expect(countOf(await eventsBehind(begin), 'identity.registered@1')).toBe(5);
  });

  it('that register one person at one moment make one subject with one code', async () => {
    const begin = await node.app.ledger.end();
    for (let i = 0; i < 5; i++) {
      const input = { region: '110105', name: 'Somebody', documents: [{ type: '03', number: `Y${i}` }] };
      const outcomes = await Promise.all(
        actors.map((actor) =>
          actor.ask({ kind: 'register', caller: world.office, requestId: newRequest(), input }, 'registered'),
        ),
      );
      const codes = outcomes.map(({ outcome }) => (outcome.kind === 'done' ? outcome.value.code : outcome.code));
      expect(new Set(codes).size).toBe(1);
      expect(outcomes.every(({ outcome }) => outcome.kind === 'done')).toBe(true);
    }
    const events = await eventsBehind(begin);
    expect(countOf(events, 'identity.registered@1')).toBe(5);
    expect(countOf(events, 'identity.presented@1')).toBe(10);
    expect(countOf(events, 'code.issued@1')).toBe(5);
  });
});

/** A record that stands since now, and those who read show it, whoever projects. */
async function expectShown(readers: readonly Actor[]): Promise<void> {
  const resident = await world.resident();
  const title = `shown ${newRequest()}`;
  await world.record(doctor, resident, { title });
  for (const reader of readers) {
    const { records } = await reader.ask({ kind: 'read', caller: doctor.caller, code: resident.code }, 'read');
    expect(records).toEqual([title]);
  }
}

async function epochNow(): Promise<bigint> {
  const [row] = await node.sql<{ epoch: bigint }[]>`select epoch from projectors`;
  return row?.epoch ?? -1n;
}

/** Stops a process whose appends the server has taken and not answered. Where a server does not let itself be held, while they are under way. */
async function freezeInDoubt({ child }: Actor): Promise<void> {
  const faults = node.place.server?.faults;
  await faults?.holdWrites('answer');
  await sleep(200);
  child.kill('SIGSTOP');
  await faults?.releaseWrites();
}

/** Stops a process between the lock on the ledger's head and the COMMIT; nobody else may be writing. */
async function freezeInTransaction({ child }: Actor): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    child.kill('SIGSTOP');
    // What it had sent is worked off meanwhile.
    await sleep(20);
    const [open] = await node.database.sql`
      select from pg_stat_activity
      where datname = current_database() and application_name = 'hrl ledger writer' and state = 'idle in transaction'`;
    if (open !== undefined) return;
    child.kill('SIGCONT');
    await sleep(tries % 5);
  }
  throw new Error('it was never in a transaction');
}

const IN_ITS_HANDS =
  engine() === 'postgres' ? 'with the ledger’s lock in its hands' : 'with appends of which it has not heard';

describe(`${engineName()}: of three processes under load`, () => {
  it('the one that projects is killed: another goes on within seconds, behind its last batch', async () => {
    const holder = await projecting(actors);
    const others = actors.filter((actor) => actor !== holder);
    const before = await epochNow();
    const begin = await node.app.ledger.end();
    const appending = others.map((actor, at) => actor.append({ ...task, name: `killed-${at}` }));
    await sleep(100);
    holder.child.kill('SIGKILL');
    const killed = performance.now();
    await expect.poll(epochNow, { timeout: TAKEOVER_MS, interval: 20 }).toBeGreaterThan(before);
    process.stderr.write(`the lease moved ${Math.round(performance.now() - killed)} ms after kill -9\n`);
    await Promise.all(appending);
    await expectShown(others);
    const events = await eventsBehind(begin);
    expect(countOf(events, 'record.registered@1')).toBe(2 * EACH + 1);
    actors = [...others, await startActor(node)];
  });

  it(`the one that projects is frozen ${IN_ITS_HANDS}: the others go on, and when it wakes up it writes on nothing of theirs`, async () => {
    const holder = await projecting(actors);
    const others = actors.filter((actor) => actor !== holder);
    const before = await epochNow();
    const begin = await node.app.ledger.end();
    const own = holder.append({ ...task, name: 'frozen', count: 4 * COMMANDS });
    await (engine() === 'postgres' ? freezeInTransaction(holder) : freezeInDoubt(holder));
    const frozen = performance.now();
    await Promise.all(others.map((actor) => actor.append({ ...task, name: 'awake' })));
    expect(performance.now() - frozen).toBeLessThan(FROZEN_MS);
    await expect.poll(epochNow, { timeout: TAKEOVER_MS, interval: 20 }).toBeGreaterThan(before);
    await expectShown(others);
    holder.child.kill('SIGCONT');
    await own;
    expect(await projecting(actors)).not.toBe(holder);
    await expectShown(actors);
    // Of both tasks each command stands once: those that it was writing when it froze, too.
    const events = await eventsBehind(begin);
    expect(countOf(events, 'identity.registered@1')).toBe(5 * EACH + 2);
    expect(countOf(events, 'consent.granted@1')).toBe(5 * EACH);
  });

  it('all end by themselves; read tables and ledger are whole, and each event was applied once and in its turn', async () => {
    expect(await Promise.all(actors.map((actor) => actor.end()))).toEqual([0, 0, 0]);
    const last = await startActor(node);
    await world.shown();
    expect(await last.end()).toBe(0);
    const steps = await expectContiguous(node.database.ownerSql, node.app.ledger);
    expect(new Set(steps.map(({ owner }) => owner).filter((owner) => owner !== null)).size).toBeGreaterThan(2);
    expect(await verdictOn(node)).toMatchObject(CLEAN);
  });
});
