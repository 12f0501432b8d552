import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from '../../src/app/actor.ts';
import type { GateApp } from '../../src/app/gate/gate-app.ts';
import { platformOf } from '../../src/app/platform.ts';
import { Fault } from '../../src/kernel/fault.ts';
import { AppendUnknown, LedgerUnavailable } from '../../src/ledger/faults.ts';
import { CLEAN, newRequest, recordInput, value, verdictOn, type World, worldOf } from '../support/people.ts';
import { openTestNode, type TestNode } from '../support/test-node.ts';
import { callOf, MUTATIONS, mutationCases } from './mutation-cases.ts';

let node: TestNode;
let world: World;
let cases: Awaited<ReturnType<typeof mutationCases>>;
beforeAll(async () => {
  node = await openTestNode();
  world = await worldOf(node);
  cases = await mutationCases(world);
});
afterAll(() => node.close());

const WRITES = ['vault.keysOf', 'claims.take', 'contents.store', 'ledger.append'] as const;
type Write = (typeof WRITES)[number];
type When = 'before' | 'after';

class Planned extends Fault {
  readonly code = 'planned';
}

/** What an engine says of an append that failed: before, that nothing was written; after, that nobody knows. Others say that they failed. */
function faultOf(write: Write, when: When): Fault {
  if (write !== 'ledger.append') return new Planned('planned');
  return when === 'before' ? new LedgerUnavailable(new Planned('planned')) : new AppendUnknown(new Planned('planned'));
}

/** The app with each of its writes watched; the one at `at` fails once. Without `at`, none does. */
function watched(app: GateApp, at?: { readonly nth: number; readonly when: When }) {
  const writes: Write[] = [];
  let hit = false;
  const wrap =
    <A extends unknown[], R>(write: Write, real: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      const mine = at !== undefined && writes.push(write) - 1 === at.nth;
      if (at === undefined) writes.push(write);
      hit ||= mine;
      if (mine && at.when === 'before') throw faultOf(write, 'before');
      const result = await real(...args);
      if (mine && at.when === 'after') throw faultOf(write, 'after');
      return result;
    };
  const failing: GateApp = {
    ...app,
    vault: { ...app.vault, keysOf: wrap('vault.keysOf', app.vault.keysOf) },
    claims: { ...app.claims, take: wrap('claims.take', app.claims.take) },
    contents: { ...app.contents, store: wrap('contents.store', app.contents.store) },
    ledger: {
      ...app.ledger,
      append: wrap('ledger.append', app.ledger.append),
      // While the fate of an append is unknown the database is away, and so are its answers.
      find: (id) => (hit ? Promise.reject(new LedgerUnavailable(new Planned('planned'))) : app.ledger.find(id)),
    },
  };
  return { platform: platformOf(failing), writes };
}

describe.each(MUTATIONS)('%s', (name) => {
  it('whose write fails, before or after it happened, is not there or there as a whole; sent again it is done once', async () => {
    // What it writes when nothing fails, and how many events that makes.
    const dry = watched(node.app);
    const whole = await cases[name]();
    const asked = await world.appended(() => callOf(dry.platform, name)(whole.caller, newRequest(), whole.input));
    value(asked.answer);
    const types = asked.events.map(({ type }) => type);
    expect(dry.writes).toContain('ledger.append');

    for (const [nth, write] of dry.writes.entries()) {
      for (const when of ['before', 'after'] as const) {
        const { caller, input } = await cases[name]();
        const requestId = newRequest();
        const failing = callOf(watched(node.app, { nth, when }).platform, name);
        const failed = await world.appended(() => failing(caller, requestId, input).catch((error: unknown) => error));
        expect(failed.answer, `${write} ${when}`).toBeInstanceOf(faultOf(write, when).constructor);
        const stands = write === 'ledger.append' && when === 'after';
        expect(failed.events.map(({ type }) => type)).toEqual(stands ? types : []);

        const again = await world.appended(() => callOf(node.platform, name)(caller, requestId, input));
        expect(again.answer.kind, `${write} ${when}`).toBe('done');
        expect([...failed.events, ...again.events].map(({ type }) => type)).toEqual(types);
        const once = await world.appended(() => callOf(node.platform, name)(caller, requestId, input));
        expect(once).toEqual({ answer: again.answer, events: [] });
      }
    }
  });
});

describe('a command of unknown fate', () => {
  it('is answered as done when its events are found, and is unknown, never "not written", while the look-up fails', async () => {
    const { caller, input } = await cases.registerRecord();
    const requestId = newRequest();
    const lost: GateApp = {
      ...node.app,
      ledger: {
        ...node.app.ledger,
        append: async (...args) => {
          await node.app.ledger.append(...args);
          throw new AppendUnknown(new Planned('planned'));
        },
      },
    };
    const done = await world.appended(() => platformOf(lost).registerRecord(caller, requestId, input as never));
    expect(done.answer.kind).toBe('done');
    expect(done.events).toHaveLength(1);
    expect(await node.platform.registerRecord(caller, requestId, input as never)).toEqual(done.answer);

    const absent: GateApp = {
      ...lost,
      ledger: { ...node.app.ledger, append: () => Promise.reject(new AppendUnknown(new Planned('planned'))) },
    };
    const other = await cases.registerRecord();
    const unknown = platformOf(absent).registerRecord(other.caller, newRequest(), other.input as never);
    await expect(unknown).rejects.toBeInstanceOf(AppendUnknown);
  });
});

describe('a content that was stored and whose event was not', () => {
  const stranded = async (caller: Caller, requestId: string, input: object): Promise<void> => {
    const ledger = { ...node.app.ledger, append: () => Promise.reject(new LedgerUnavailable(new Planned('planned'))) };
    const call = platformOf({ ...node.app, ledger }).registerRecord(caller, requestId, input as never);
    await expect(call).rejects.toBeInstanceOf(LedgerUnavailable);
  };

  it('is not given to another command under the same requestId, which is refused; its own command takes it', async () => {
    const doctor = await world.doctor(await world.hospital());
    const input = recordInput((await world.resident()).code);
    const requestId = newRequest();
    await stranded(doctor.caller, requestId, input);
    const other = { ...input, content: 'something else' };
    const refused = await world.appended(() => node.platform.registerRecord(doctor.caller, requestId, other));
    expect(refused).toEqual({ answer: { kind: 'refusal', code: 'request-id-reused' }, events: [] });
    expect((await node.platform.registerRecord(doctor.caller, requestId, input)).kind).toBe('done');
    expect((await node.platform.registerRecord(doctor.caller, newRequest(), other)).kind).toBe('done');
  });
});

describe('all these faults', () => {
  it('leave a ledger that is whole', async () => {
    expect(await verdictOn(node)).toMatchObject(CLEAN);
  });
});
