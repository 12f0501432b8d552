import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Platform } from '../../src/app/api.ts';
import type { GateApp } from '../../src/app/gate/gate-app.ts';
import type { Outcome } from '../../src/app/outcome.ts';
import { platformOf } from '../../src/app/platform.ts';
import { AppendConflict, AppendUnknown, LedgerBusy, LedgerUnavailable } from '../../src/ledger/faults.ts';
import { CLEAN, value, verdictOn, worldOf } from '../support/people.ts';
import { openTestNode, type TestNode } from '../support/test-node.ts';
import { type Scene, sceneOf } from './refusals.ts';

let node: TestNode;
let scene: Scene;
let resident: Awaited<ReturnType<Scene['granted']>>;
let record: string;
let ownRecord: string;
beforeAll(async () => {
  node = await openTestNode();
  scene = await sceneOf(await worldOf(node));
  resident = await scene.granted();
  record = (value(await scene.open(resident)).records[0] as { id: string }).id;
  ownRecord = (value(await node.platform.myRecords(resident.caller, {})).records[0] as { id: string }).id;
});
afterAll(() => node.close());

/** The app with everything that opens something, and the append, written down in the order in which it began and ended. */
function watched(append?: GateApp['ledger']['append']) {
  const steps: string[] = [];
  const opening =
    <A extends unknown[], R>(what: string, real: (...args: A) => R) =>
    (...args: A): R => {
      steps.push(what);
      return real(...args);
    };
  const real = append ?? node.app.ledger.append;
  const { gated } = node.app;
  const app: GateApp = {
    ...node.app,
    ledger: {
      ...node.app.ledger,
      append: async (...args) => {
        const appended = await real(...args);
        steps.push('durable');
        return appended;
      },
    },
    openPersonal: opening('open personal', node.app.openPersonal),
    openContent: opening('open content', node.app.openContent),
    gated: {
      planRecords: gated.planRecords,
      planTrail: gated.planTrail,
      openRecords: opening('open rows', gated.openRecords),
      openTrail: opening('open trail', gated.openTrail),
      resident: opening('open resident', gated.resident),
      residentDocuments: opening('open documents', gated.residentDocuments),
      codesOf: opening('open codes', gated.codesOf),
    },
  };
  return { platform: platformOf(app), steps };
}

const READS: { readonly [read: string]: (platform: Platform) => Promise<Outcome<unknown>> } = {
  myProfile: (platform) => platform.myProfile(resident.caller, {}),
  myRecords: (platform) => platform.myRecords(resident.caller, {}),
  myContent: (platform) => platform.myContent(resident.caller, { record: ownRecord }),
  myAccessLog: (platform) => platform.myAccessLog(resident.caller, {}),
  openRecords: (platform) => platform.openRecords(scene.doctor.caller, { code: resident.code, purpose: 'TREAT' }),
  openContent: (platform) =>
    platform.openContent(scene.doctor.caller, { code: resident.code, purpose: 'TREAT', record }),
  verifyCode: (platform) => platform.verifyCode(scene.doctor.caller, { code: resident.code }),
  readTrail: (platform) => platform.readTrail(scene.world.regulator, { code: resident.code }),
};

describe.each(Object.keys(READS))('%s', (name) => {
  const read = READS[name] as (platform: Platform) => Promise<Outcome<unknown>>;

  it('opens what it opens after its one event is durable, never before', async () => {
    const { platform, steps } = watched();
    const { answer, events } = await scene.world.appended(() => read(platform));
    expect(answer.kind).toBe('done');
    expect(events).toHaveLength(1);
    expect(steps[0]).toBe('durable');
    expect(steps.filter((step) => step === 'durable')).toHaveLength(1);
    if (name !== 'verifyCode') expect(steps.length).toBeGreaterThan(1);
  });

  it.each([
    ['is refused by a full queue', () => new LedgerBusy(100), LedgerBusy],
    ['finds no database', () => new LedgerUnavailable(undefined), LedgerUnavailable],
    ['is of unknown fate', () => new AppendUnknown(undefined), AppendUnknown],
    ['meets a conflict each time', () => new AppendConflict('seen'), LedgerBusy],
  ] as const)('whose append %s opens nothing', async (_, fault, told) => {
    const { platform, steps } = watched(() => Promise.reject(fault()));
    const { answer, events } = await scene.world.appended(() => read(platform).catch((error: unknown) => error));
    expect(answer).toBeInstanceOf(told);
    expect({ steps, events }).toEqual({ steps: [], events: [] });
  });

  it('whose append was written and not answered opens nothing; that it may have been disclosed stands', async () => {
    const { platform, steps } = watched(async (...args) => {
      await node.app.ledger.append(...args);
      throw new AppendUnknown(undefined);
    });
    const { answer, events } = await scene.world.appended(() => read(platform).catch((error: unknown) => error));
    expect(answer).toBeInstanceOf(AppendUnknown);
    expect(steps).toEqual([]);
    expect(events.map(({ type }) => type)).toEqual([
      /Log|Trail/.test(name) ? 'access.log-read@1' : 'access.permitted@1',
    ]);
  });

  it('twice is logged twice, under one X-Request-Id or not', async () => {
    const { events } = await scene.world.appended(async () => [await read(node.platform), await read(node.platform)]);
    expect(new Set(events.map(({ id }) => id)).size).toBe(2);
  });
});

describe('the ledger', () => {
  it('is whole after all this', async () => {
    expect(await verdictOn(node)).toMatchObject(CLEAN);
  });
});
