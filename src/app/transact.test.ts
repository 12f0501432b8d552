import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  CLEAN,
  EVIDENCE,
  newRequest,
  type Resident,
  recordInput,
  terms,
  verdictOn,
  type World,
  worldOf,
} from '../../test/support/people.ts';
import { openTestNode, type TestNode } from '../../test/support/test-node.ts';
import { addMs, type Instant } from '../kernel/instant.ts';
import { AppendConflict, type ConflictReason, LedgerBusy } from '../ledger/faults.ts';
import type { Caller } from './actor.ts';
import { institutionCommands } from './commands/institution.ts';
import { platformOf } from './platform.ts';

let node: TestNode;
let world: World;
beforeAll(async () => {
  node = await openTestNode();
  world = await worldOf(node);
});
afterAll(() => node.close());

/** The node's platform, whose first appends meet conflicts of this reason. Counts the appends tried. */
function meeting(conflicts: number, reason: ConflictReason) {
  const tried = { appends: 0 };
  const append: TestNode['app']['ledger']['append'] = async (...args) => {
    if (tried.appends++ < conflicts) throw new AppendConflict(reason);
    return node.app.ledger.append(...args);
  };
  const app = { ...node.app, ledger: { ...node.app.ledger, append } };
  return { tried, app, platform: platformOf(app) };
}

const suspend = (platform: TestNode['platform'], { caller }: Resident, requestId = newRequest()) =>
  platform.suspendCode(caller, requestId, { reason: 'lost' });

describe('a command that meets a conflict', () => {
  it.each(['seen', 'not-after', 'not-yet'] as const)('(%s) is decided anew and done once', async (reason) => {
    const { platform, tried } = meeting(11, reason);
    const resident = await world.resident();
    const { answer, events } = await world.appended(() => suspend(platform, resident));
    expect(answer.kind).toBe('done');
    expect(tried.appends).toBe(12);
    expect(events.map(({ type }) => type)).toEqual(['code.suspended@1']);
  });

  it('twelve times in a row is busy, and says when to come again', async () => {
    const { platform, tried } = meeting(12, 'seen');
    const resident = await world.resident();
    const requestId = newRequest();
    const { answer, events } = await world.appended(() =>
      suspend(platform, resident, requestId).catch((e: unknown) => e),
    );
    expect(answer).toBeInstanceOf(LedgerBusy);
    expect((answer as LedgerBusy).retryAfterMs).toBeGreaterThan(0);
    expect(tried.appends).toBe(12);
    expect(events).toEqual([]);
    expect((await suspend(node.platform, resident, requestId)).kind).toBe('done');
  });

  it('without a requestId has other event ids at each attempt, so that no content is another event’s', async () => {
    const seen: string[] = [];
    const { app } = meeting(2, 'seen');
    const append: typeof app.ledger.append = (stream, events, ...rest) => {
      seen.push(...events.map(({ id }) => id));
      return app.ledger.append(stream, events, ...rest);
    };
    const profile = { identifiers: [{ system: 'urn:t', number: '1' }], name: 'Tried thrice' };
    const caller = node.local('test');
    await institutionCommands.register({ ...app, ledger: { ...app.ledger, append } }, caller, undefined, profile);
    expect(seen).toHaveLength(3);
    expect(new Set(seen).size).toBe(3);
  });

  it('because somebody decided on the same stream is decided on what stands then', async () => {
    const hospital = await world.hospital();
    const resident = await world.resident();
    const wanted = Array.from({ length: 12 }, () => ({ terms: terms(hospital), evidence: EVIDENCE }));
    const { answer, events } = await world.appended(() =>
      Promise.all(wanted.map((input) => node.platform.grantConsent(resident.caller, newRequest(), input))),
    );
    expect(new Set(answer.map((one) => 'value' in one && one.value.consentId)).size).toBe(12);
    expect(events).toHaveLength(12);
    expect(new Set(events.map(({ revision }) => revision)).size).toBe(12);
  });
});

describe('a command that stores something first', () => {
  it('is appended although storing took longer than a decision lives', async () => {
    let stored = false;
    // Until the content is stored it is six seconds ago.
    const clock = { ...node.app.clock, now: () => addMs(node.app.clock.now(), stored ? 0 : -6_000) };
    const contents: TestNode['app']['contents'] = {
      store: async (all) => {
        await node.app.contents.store(all);
        stored = true;
      },
    };
    const { tried, app } = meeting(0, 'seen');
    const doctor = await world.doctor(await world.hospital());
    const input = recordInput((await world.resident()).code);
    const registered = await platformOf({ ...app, clock, contents }).registerRecord(doctor.caller, newRequest(), input);
    expect([registered.kind, tried.appends]).toEqual(['done', 1]);
  });
});

describe('one requestId at one moment', () => {
  it('with one input is one command, and all hear the same', async () => {
    const resident = await world.resident();
    const requestId = newRequest();
    const input = { terms: terms(await world.hospital()), evidence: EVIDENCE };
    const { answer, events } = await world.appended(() =>
      Promise.all(Array.from({ length: 20 }, () => node.platform.grantConsent(resident.caller, requestId, input))),
    );
    expect(events).toHaveLength(1);
    expect(new Set(answer.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(answer[0]?.kind).toBe('done');
  });

  it('with several inputs is one of them, and whoever sent another hears that it was used', async () => {
    const resident = await world.resident();
    const requestId = newRequest();
    const given = terms(await world.hospital());
    const { answer, events } = await world.appended(() =>
      Promise.all(
        ['0100', '0200', '0300', '0402'].map((channel) =>
          node.platform.grantConsent(resident.caller, requestId, { terms: given, evidence: { ...EVIDENCE, channel } }),
        ),
      ),
    );
    expect(events).toHaveLength(1);
    expect(answer.filter(({ kind }) => kind === 'done')).toHaveLength(1);
    const refused = answer.filter(({ kind }) => kind === 'refusal');
    expect(refused).toEqual(Array(3).fill({ kind: 'refusal', code: 'request-id-reused' }));
  });
});

describe('a token that has ended', () => {
  const ended = (caller: Caller): Caller => ({
    ...caller,
    actor: { ...caller.actor, until: '2020-01-01T00:00:00.000Z' as Instant },
  });

  it('writes nothing, whatever it asks', async () => {
    const resident = await world.resident();
    const doctor = await world.doctor(await world.hospital());
    const open = { code: resident.code, purpose: 'TREAT' };
    const { answer, events } = await world.appended(() =>
      Promise.all([
        node.platform.suspendCode(ended(resident.caller), newRequest(), { reason: 'lost' }),
        node.platform.myRecords(ended(resident.caller), {}),
        node.platform.myAccessLog(ended(resident.caller), {}),
        node.platform.openRecords(ended(doctor.caller), open),
        node.platform.verifyCode(ended(doctor.caller), { code: 'nobody’s' }),
        node.platform.readTrail(ended(world.regulator), {}),
        node.platform.readTrail(ended(world.regulator), { code: 'nobody’s' }),
      ]),
    );
    expect(answer).toEqual(answer.map(() => ({ kind: 'refusal', code: 'token-ended' })));
    expect(events).toEqual([]);
  });
});

describe('what is refused', () => {
  it('leaves nothing, and its requestId may be used again', async () => {
    const resident = await world.resident();
    const requestId = newRequest();
    const consentId = 'A'.repeat(22);
    const refused = await world.appended(() => node.platform.revokeConsent(resident.caller, requestId, { consentId }));
    expect(refused).toEqual({ answer: { kind: 'refusal', code: 'no-such-consent' }, events: [] });
    const granted = await world.grant(resident, terms(await world.hospital()));
    expect((await node.platform.revokeConsent(resident.caller, requestId, { consentId: granted })).kind).toBe('done');
  });
});

describe('all this', () => {
  it('leaves a ledger that is whole', async () => {
    expect(await verdictOn(node)).toMatchObject(CLEAN);
  });
});
