import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GateApp } from '../../src/app/gate/gate-app.ts';
import { platformOf } from '../../src/app/platform.ts';
import { checkLedger } from '../../src/audit/check-ledger.ts';
import { replayLedger } from '../../src/audit/replay/replay.ts';
import { verdictText } from '../../src/audit/verdict.ts';
import { AppendOvertaken, LedgerBusy, LedgerUnavailable } from '../../src/ledger/faults.ts';
import type { Ledger } from '../../src/ledger/port.ts';
import { CLEAN, newRequest, value, worldOf } from '../support/people.ts';
import { openTestNode, type TestNode } from '../support/test-node.ts';
import { type Scene, sceneOf } from './refusals.ts';

let node: TestNode;
let scene: Scene;
let resident: Awaited<ReturnType<Scene['granted']>>;
beforeAll(async () => {
  node = await openTestNode();
  scene = await sceneOf(await worldOf(node));
  resident = await scene.granted();
});
afterAll(() => node.close());

/**
 * An engine that cannot look at other streams under a lock, of which so many appends are overtaken: they stand, and meanwhile `meanwhile`
 * came about. Their own stream is still written under its exact condition.
 */
function overtaking(times: number, meanwhile: () => Promise<unknown> = async () => {}) {
  const opened: string[] = [];
  let left = times;
  const append: Ledger['append'] = async (stream, events, condition, ...rest) => {
    const mark = /^(?:access\.withheld|command\.late)/.test(events[0]?.type ?? '');
    if (left === 0 || mark) return node.app.ledger.append(stream, events, condition, ...rest);
    left -= 1;
    await meanwhile();
    const own = condition.seen.filter((seen) => seen.stream === stream);
    const written = await node.app.ledger.append(stream, events, { ...condition, seen: own }, ...rest);
    throw new AppendOvertaken('seen', { stream: written.stream, time: written.time, events: written.events });
  };
  const app: GateApp = {
    ...node.app,
    ledger: { ...node.app.ledger, append },
    gated: {
      ...node.app.gated,
      openRecords: (...args) => {
        opened.push('rows');
        return node.app.gated.openRecords(...args);
      },
    },
  };
  return { platform: platformOf(app), opened };
}

const overtakes = () => ({ ...node.audit, stored: { ...node.audit.stored, overtakes: () => true as const } });

describe('a read that was overtaken', () => {
  it('opens nothing on the event that was; says so behind it; and is decided, planned and appended again', async () => {
    const { platform, opened } = overtaking(1);
    const { answer, events } = await scene.world.appended(() =>
      platform.openRecords(scene.doctor.caller, { code: resident.code, purpose: 'TREAT' }),
    );
    expect(value(answer).records).toHaveLength(2);
    expect(opened).toEqual(['rows']);
    expect(events.map(({ type }) => type)).toEqual(['access.permitted@1', 'access.withheld@1', 'access.permitted@1']);
    expect(events[1]?.stream).toBe(events[0]?.stream);
    expect(events[1]?.retained).toMatchObject({ event: events[0]?.id, reason: 'seen', purpose: 'TREAT' });
  });

  it('each time is told that the ledger is busy, and nothing is opened', async () => {
    const { platform, opened } = overtaking(99);
    const { answer, events } = await scene.world.appended(() =>
      platform
        .openRecords(scene.doctor.caller, { code: resident.code, purpose: 'TREAT' })
        .catch((error: unknown) => error),
    );
    expect(answer).toBeInstanceOf(LedgerBusy);
    expect(opened).toEqual([]);
    const pair = ['access.permitted@1', 'access.withheld@1'];
    expect(events.map(({ type }) => type)).toEqual([...pair, ...pair, ...pair]);
  });

  it('opens nothing either when the mark cannot be written', async () => {
    const { append } = node.app.ledger;
    let appends = 0;
    const opened: string[] = [];
    const app: GateApp = {
      ...node.app,
      ledger: {
        ...node.app.ledger,
        append: async (...args) => {
          appends += 1;
          if (appends > 1) throw new LedgerUnavailable(undefined);
          throw new AppendOvertaken('seen', await append(...args));
        },
      },
      openPersonal: (parts) => {
        opened.push('personal');
        return node.app.openPersonal(parts);
      },
    };
    const asked = platformOf(app).myProfile(resident.caller, {});
    await expect(asked).rejects.toBeInstanceOf(LedgerUnavailable);
    expect(opened).toEqual([]);
  });

  it('stands in the trail of its resident, and what it says was not opened too', async () => {
    const { entries } = value(await node.platform.myAccessLog(resident.caller, {}));
    const kinds = entries.map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'withheld')).toHaveLength(4);
    expect(kinds[kinds.indexOf('withheld') + 1]).toBe('permitted');
  });
});

describe('a command that was overtaken', () => {
  it('stands: its answer says that it was late, and so does a mark behind it', async () => {
    const late = await scene.granted();
    const { platform } = overtaking(1);
    const { answer, events } = await scene.world.appended(() =>
      platform.revokeConsent(late.caller, newRequest(), { consentId: late.consentId }),
    );
    expect(answer).toMatchObject({ kind: 'done', late: true });
    expect(events.map(({ type }) => type)).toEqual(['consent.revoked@1', 'command.late@1']);
    expect(events[1]?.stream).toBe(events[0]?.stream);
    expect(events[1]?.retained).toMatchObject({ event: events[0]?.id, reason: 'seen' });
  });

  it('and is sent again is answered from what stands', async () => {
    const late = await scene.granted();
    const { platform } = overtaking(1);
    const request = newRequest();
    const input = { consentId: late.consentId };
    const first = value(await platform.revokeConsent(late.caller, request, input));
    expect(value(await platform.revokeConsent(late.caller, request, input))).toEqual(first);
  });
});

describe('a checked ledger', () => {
  it('with marks is whole, on whatever engine', async () => {
    expect(await checkLedger(node.audit)).toMatchObject(CLEAN);
    expect(await replayLedger(node.audit)).toMatchObject({ found: 0 });
  });

  it('counts what stands behind something newer as late where that can be; elsewhere it is broken', async () => {
    const doctor = await scene.world.doctor(scene.hospital);
    const end = () =>
      node.platform.endPractitioner(scene.world.regulator, newRequest(), { id: doctor.id, reason: 'retired' });
    const { platform } = overtaking(1, end);
    const { answer, events } = await scene.world.appended(() =>
      platform.openRecords(doctor.caller, { code: resident.code, purpose: 'TREAT' }),
    );
    expect(answer).toEqual({ kind: 'refusal', code: 'not-available' });
    expect(events.map(({ type }) => type)).toEqual([
      'practitioner.ended@1',
      'access.permitted@1',
      'access.withheld@1',
      'access.denied@1',
    ]);

    expect(await checkLedger(node.audit)).toMatchObject({
      verdict: 'broken',
      finding: { kind: 'condition-broken', event: events[1]?.id },
    });
    const verdict = await checkLedger(overtakes());
    expect(verdict).toMatchObject({ ...CLEAN, late: 7, unmarked: 0 });
    expect(verdictText(verdict)).toContain('late: 7 appends');
    expect((await replayLedger(node.audit)).differences[0]?.kind).toBe('condition');
    expect(await replayLedger(overtakes())).toMatchObject({ found: 0, late: 7, unmarked: 0 });
  });

  it('names how many of them no mark names', async () => {
    const doctor = await scene.world.doctor(scene.hospital);
    const { append } = node.app.ledger;
    let appends = 0;
    const app: GateApp = {
      ...node.app,
      ledger: {
        ...node.app.ledger,
        append: async (stream, events, condition, ...rest) => {
          appends += 1;
          if (appends > 1) throw new LedgerUnavailable(undefined);
          const ended = { id: doctor.id, reason: 'retired' };
          await node.platform.endPractitioner(scene.world.regulator, newRequest(), ended);
          const own = condition.seen.filter((seen) => seen.stream === stream);
          throw new AppendOvertaken('seen', await append(stream, events, { ...condition, seen: own }, ...rest));
        },
      },
    };
    const asked = platformOf(app).openRecords(doctor.caller, { code: resident.code, purpose: 'TREAT' });
    await expect(asked).rejects.toBeInstanceOf(LedgerUnavailable);
    const verdict = await checkLedger(overtakes());
    expect(verdict).toMatchObject({ ...CLEAN, late: 8, unmarked: 1 });
    expect(verdictText(verdict)).toContain('1 of them without a mark');
    expect(await replayLedger(overtakes())).toMatchObject({ found: 0, late: 8, unmarked: 1 });
  });
});
