import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RegisterRecordInput } from '../../src/app/api.ts';
import type { GateApp } from '../../src/app/gate/gate-app.ts';
import { platformOf } from '../../src/app/platform.ts';
import { LedgerBusy } from '../../src/ledger/faults.ts';
import type { Node } from '../../src/main.ts';
import { CLEAN, newRequest, type Resident, recordInput, terms, value, verdictOn, worldOf } from '../support/people.ts';
import { openTestNode, type TestNode } from '../support/test-node.ts';
import { type Scene, sceneOf } from './refusals.ts';

let node: TestNode;
let scene: Scene;
/** Another process, which projects in the place of the first. */
let projecting: Node | undefined;
beforeAll(async () => {
  node = await openTestNode();
  scene = await sceneOf(await worldOf(node));
});
afterAll(async () => {
  await projecting?.close();
  await node.close();
});

interface Shelf {
  readonly resident: Resident;
  readonly inputs: readonly [RegisterRecordInput, RegisterRecordInput, RegisterRecordInput];
  /** The doctor's ids of the three. */
  readonly ids: readonly string[];
}

/** A resident with three records, shown in the read tables; the first will be withdrawn, the second replaced. */
async function shelf(): Promise<Shelf> {
  const { world, doctor, hospital } = scene;
  const resident = await world.resident();
  const inputs = [1, 2, 3].map((n) => recordInput(resident.code, { title: `old ${n}` })) as unknown as Shelf['inputs'];
  const ids: string[] = [];
  for (const input of inputs) {
    ids.push(value(await node.platform.registerRecord(doctor.caller, newRequest(), input)).record);
  }
  await world.grant(resident, terms(hospital));
  await world.shown();
  return { resident, inputs, ids };
}

async function withdraw({ inputs: [withdrawn] }: Shelf): Promise<void> {
  const { code, sourceSystem, type, sourceId } = withdrawn;
  const why = { code, sourceSystem, type, sourceId, reason: 'entered-in-error' };
  value(await node.platform.withdrawRecord(scene.doctor.caller, newRequest(), why));
}

async function replace({ inputs: [, replaced] }: Shelf): Promise<void> {
  const newer = { ...replaced, title: 'new 2', content: '"new 2"' };
  value(await node.platform.registerRecord(scene.doctor.caller, newRequest(), newer));
}

async function change(made: Shelf): Promise<void> {
  await withdraw(made);
  await replace(made);
}

const titles = (page: { readonly records: readonly { readonly title: string }[] }) =>
  page.records.map(({ title }) => title).sort();

/** The app of which something happens right after each plan of records, or each append, of its own. */
function disturbed(when: { readonly planned?: () => Promise<void>; readonly appended?: () => Promise<void> }): GateApp {
  const { gated, ledger } = node.app;
  return {
    ...node.app,
    gated: {
      ...gated,
      planRecords: async (request) => {
        const plan = await gated.planRecords(request);
        await when.planned?.();
        return plan;
      },
    },
    ledger: {
      ...ledger,
      append: async (...args) => {
        const appended = await ledger.append(...args);
        await when.appended?.();
        return appended;
      },
    },
  };
}

describe('a record that was withdrawn or replaced', () => {
  it('before the access, while nobody projects: nothing is opened, stale or not, and the asker is told to come again', async () => {
    const made = await shelf();
    await node.projector?.stop();
    await change(made);
    const { resident, ids } = made;
    const asks = [
      () => scene.open(resident),
      ...ids.map((id) => () => scene.content(resident, id)),
      () => node.platform.myRecords(resident.caller, {}),
      // What is no access leaves no event, and is not shown as it was either.
      () => node.platform.myConsents(resident.caller, {}),
      () => node.platform.myCodes(resident.caller),
    ];
    const { answer, events } = await scene.world.appended(() =>
      Promise.all(asks.map((ask) => ask().catch((error: unknown) => error))),
    );
    for (const each of answer) expect(each).toBeInstanceOf(LedgerBusy);
    expect(events).toEqual([]);

    // Once somebody projects again, what there is now is what is opened.
    projecting = await node.again();
    await scene.world.shown();
    expect(titles(value(await scene.open(resident)))).toEqual(['new 2', 'old 3']);
    const contents = await Promise.all(ids.map((id) => scene.content(resident, id)));
    expect(contents.map((one) => ('value' in one ? one.value.text : one.code))).toEqual([
      'not-available',
      '"new 2"',
      made.inputs[2].content,
    ]);
  });

  it.each([
    ['withdrawn', withdraw, ['old 2', 'old 3']],
    ['replaced', replace, ['new 2', 'old 1', 'old 3']],
  ] as const)(
    '(%s) between plan and append: that plan is not appended, and another is made',
    async (_, happens, left) => {
      const made = await shelf();
      let plans = 0;
      const app = disturbed({ planned: async () => void (plans++ === 0 && (await happens(made))) });
      const input = { code: made.resident.code, purpose: 'TREAT' };
      const { answer, events } = await scene.world.appended(() =>
        platformOf(app).openRecords(scene.doctor.caller, input),
      );
      expect(titles(value(answer))).toEqual(left);
      expect(plans).toBe(2);
      expect(events.filter(({ type }) => type.startsWith('access.'))).toHaveLength(1);
    },
  );

  it('between append and opening: what is no more is left out, never substituted, and the event says that it may have been seen', async () => {
    const made = await shelf();
    const app = disturbed({ appended: () => change(made).then(() => scene.world.shown()) });
    const input = { code: made.resident.code, purpose: 'TREAT' };
    const { answer, events } = await scene.world.appended(() =>
      platformOf(app).openRecords(scene.doctor.caller, input),
    );
    expect(titles(value(answer))).toEqual(['old 3']);
    expect(events[0]).toMatchObject({ type: 'access.permitted@1', retained: { served: { count: 3 } } });
  });

  it('between append and opening: its content is not opened, neither the old nor the new', async () => {
    for (const which of [0, 1]) {
      const made = await shelf();
      const app = disturbed({ appended: () => change(made).then(() => scene.world.shown()) });
      const named = { code: made.resident.code, purpose: 'TREAT', record: made.ids[which] as string };
      const gone = await platformOf(app).openContent(scene.doctor.caller, named);
      expect(gone).toEqual({ kind: 'refusal', code: 'not-available' });
    }
  });
});

describe('the ledger', () => {
  it('is whole after all this', async () => {
    expect(await verdictOn(node)).toMatchObject(CLEAN);
  });
});
