import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from '../../src/app/actor.ts';
import { CLEAN, newRequest, type Resident, recordInput, terms, value, verdictOn, worldOf } from '../support/people.ts';
import { openTestNode, type TestNode } from '../support/test-node.ts';
import { eachIsRefused, type Scene, sceneOf } from './refusals.ts';

/** What the gate gives out as names, cursors and ids of records: whose they are, and for how long. */

let node: TestNode;
let scene: Scene;
beforeAll(async () => {
  node = await openTestNode();
  scene = await sceneOf(await worldOf(node));
});
afterAll(() => node.close());

/** The cursor behind the first of two records. */
async function cursorOf(resident: Resident, over: object = {}, caller?: Caller): Promise<string> {
  const page = value(await scene.open(resident, { first: 1, ...over }, caller));
  expect(page.hasNextPage).toBe(true);
  return page.endCursor as string;
}
const idsOf = async (resident: Resident, caller?: Caller): Promise<string[]> =>
  value(await scene.open(resident, {}, caller)).records.map(({ id }) => id);
const firstOf = async (resident: Resident, caller?: Caller): Promise<string> =>
  (await idsOf(resident, caller))[0] as string;

eachIsRefused(() => scene, {
  'a cursor that nobody was given': async ({ open, granted }) => {
    const resident = await granted();
    return { ask: () => open(resident, { after: 'AAAA' }), stream: resident.stream, rule: 'not-covered' };
  },
  'the cursor of a colleague': async ({ open, granted, world, hospital }) => {
    const resident = await granted();
    const after = await cursorOf(resident, {}, (await world.doctor(hospital)).caller);
    return { ask: () => open(resident, { after }), stream: resident.stream, rule: 'not-covered' };
  },
  'the cursor of another question': async ({ open, granted }) => {
    const resident = await granted();
    const after = await cursorOf(resident, { index: 'EMR' });
    return { ask: () => open(resident, { after }), stream: resident.stream, rule: 'not-covered' };
  },
  'the cursor of another purpose': async ({ open, granted }) => {
    const resident = await granted();
    const after = await cursorOf(resident, { purpose: 'ETREAT' });
    return { ask: () => open(resident, { after }), stream: resident.stream, rule: 'not-covered' };
  },
  'the cursor of another resident': async ({ open, granted }) => {
    const [resident, after] = [await granted(), await cursorOf(await granted())];
    return { ask: () => open(resident, { after }), stream: resident.stream, rule: 'not-covered' };
  },
  'a resident’s own cursor in somebody else’s hands': async ({ open, granted, world }) => {
    const resident = await granted();
    const after = value(await world.node.platform.myRecords(resident.caller, { first: 1 })).endCursor as string;
    return { ask: () => open(resident, { after }), stream: resident.stream, rule: 'not-covered' };
  },
  'a cursor after the consent was revoked': async ({ open, granted, revoke }) => {
    const resident = await granted();
    const after = await cursorOf(resident);
    await revoke(resident, resident.consentId);
    return { ask: () => open(resident, { after }), stream: resident.stream, rule: 'no-consent' };
  },
  'a cursor of the log in somebody else’s log': async ({ granted, world }) => {
    const [one, two] = [await granted(), await granted()];
    for (const { caller } of [one, two]) await world.node.platform.myRecords(caller, {});
    for (const { caller } of [one, two]) await world.node.platform.myRecords(caller, {});
    const after = value(await world.node.platform.myAccessLog(one.caller, { first: 1 })).endCursor as string;
    const ask = () => world.node.platform.myAccessLog(two.caller, { first: 1, after });
    return { ask, stream: two.stream, rule: 'not-covered' };
  },
  'a record’s id that nobody was given': async ({ content, granted }) => {
    const resident = await granted();
    return { ask: () => content(resident, 'AAAA'), stream: resident.stream, rule: 'not-covered' };
  },
  'a colleague’s id of a record': async ({ content, granted, world, hospital }) => {
    const resident = await granted();
    const id = await firstOf(resident, (await world.doctor(hospital)).caller);
    return { ask: () => content(resident, id), stream: resident.stream, rule: 'not-covered' };
  },
  'the id of another resident’s record': async ({ content, granted }) => {
    const [resident, id] = [await granted(), await firstOf(await granted())];
    return { ask: () => content(resident, id), stream: resident.stream, rule: 'not-covered' };
  },
  'another resident’s id of their own record': async ({ granted, world }) => {
    const [resident, neighbour] = [await granted(), await granted()];
    const [record] = value(await world.node.platform.myRecords(neighbour.caller, {})).records;
    const ask = () => world.node.platform.myContent(resident.caller, { record: (record as { id: string }).id });
    return { ask, stream: resident.stream, rule: 'not-covered' };
  },
  'the id of a record that the remaining consent leaves out': async ({ content, granted, revoke, world, hospital }) => {
    const resident = await granted();
    const author = await world.doctor(await world.hospital());
    const before = new Set(await idsOf(resident));
    await world.record(author, resident, { sensitivities: ['HIV'] });
    const wide = await world.grant(resident, terms(hospital));
    const id = (await idsOf(resident)).find((one) => !before.has(one)) as string;
    value(await content(resident, id));
    await revoke(resident, wide);
    return { ask: () => content(resident, id), stream: resident.stream, rule: 'not-covered' };
  },
  'the id of a record that was withdrawn': async ({ content, doctor, world, hospital }) => {
    const resident = await world.resident();
    const record = recordInput(resident.code);
    const { platform } = world.node;
    const id = value(await platform.registerRecord(doctor.caller, newRequest(), record)).record;
    value(await content(resident, id));
    await world.grant(resident, terms(hospital));
    const { code, sourceSystem, type, sourceId } = record;
    const withdrawn = { code, sourceSystem, type, sourceId, reason: 'entered-in-error' };
    value(await platform.withdrawRecord(doctor.caller, newRequest(), withdrawn));
    return { ask: () => content(resident, id), stream: resident.stream, rule: 'not-covered' };
  },
});

describe('what is given out', () => {
  it('goes on where it ended, and says nothing by itself', async () => {
    const resident = await scene.granted();
    const first = value(await scene.open(resident, { first: 1 }));
    const second = value(await scene.open(resident, { first: 1, after: first.endCursor as string }));
    expect([first.hasNextPage, second.hasNextPage]).toEqual([true, false]);
    const shown = [...first.records, ...second.records].map(({ id }) => id);
    expect(shown).toEqual(await idsOf(resident));
    const names = [...shown, first.endCursor as string].map((name) =>
      Buffer.from(name, 'base64url').toString('latin1'),
    );
    for (const secret of [resident.label, resident.stream, '2024-03', 'outpatient']) {
      expect(names.filter((name) => name.includes(secret))).toEqual([]);
    }
  });

  it('tells nobody what is hidden: totals and pages of "none" and of "none that you may see" are equal', async () => {
    const { world, hospital, open } = scene;
    const [empty, hidden] = [await world.resident(), await world.resident()];
    const author = await world.doctor(await world.hospital());
    for (const over of [{ sensitivities: ['HIV'] }, { category: 'imaging' as const }, { confidentiality: 'V' }]) {
      await world.record(author, hidden, over);
    }
    for (const resident of [empty, hidden]) {
      await world.grant(resident, terms(hospital, { categories: ['outpatient'], labels: [] }));
    }
    const answers = await Promise.all([open(empty), open(hidden)].map(async (answer) => value(await answer)));
    expect(answers.map(({ event: _, ...page }) => page)).toEqual(
      Array(2).fill({ records: [], total: 0, hasNextPage: false, endCursor: null }),
    );
  });

  it('leaves a ledger that is whole', async () => {
    expect(await verdictOn(node)).toMatchObject(CLEAN);
  });
});
