import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROLES } from '../../src/app/roles.ts';
import { CLEAN, newRequest, verdictOn, type World, worldOf } from '../support/people.ts';
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

describe.each(MUTATIONS)('%s', (name) => {
  it('under one requestId is done once and answers the same; other input is refused and nothing else; nobody else hears of it', async () => {
    const { caller, stranger, input, other } = await cases[name]();
    const call = callOf(node.platform, name);
    const requestId = newRequest();
    const first = await world.appended(() => call(caller, requestId, input));
    expect(first.answer.kind).toBe('done');
    expect(first.events.length).toBeGreaterThan(0);
    if ('value' in first.answer && first.answer.value.event !== undefined) {
      expect(first.answer.value.event).toBe(first.events[0]?.id);
    }

    const same = await world.appended(() => call(caller, requestId, input));
    expect(same.answer).toEqual(first.answer);
    expect(same.events).toEqual([]);

    const misused = await world.appended(() => call(caller, requestId, other));
    expect(misused.answer).toEqual({ kind: 'refusal', code: 'request-id-reused' });
    expect(misused.events).toEqual([]);

    // In the id space of anybody else the requestId is new: what they hear is what they would hear under any.
    const theirs = await world.appended(() => call(stranger, requestId, other));
    const ids = first.events.map(({ id }) => id as string);
    expect(theirs.events.filter(({ id }) => ids.includes(id))).toEqual([]);
    expect(theirs.answer).not.toMatchObject({ code: 'request-id-reused' });
    if ('value' in theirs.answer) expect(ids).not.toContain(theirs.answer.value.event);

    // Whatever has become of it since, the first answer stands.
    expect(await call(caller, requestId, input)).toEqual(first.answer);
  });
});

describe('the mutations tried here', () => {
  it('are all that have a role', () => {
    const reads = ['institution', 'practitioner', 'policy', 'verifyCode'];
    const mutations = Object.keys(ROLES).filter((name) => !/^(?:my|open|read)/.test(name) && !reads.includes(name));
    expect([...MUTATIONS].sort()).toEqual(mutations.sort());
    expect(Object.keys(cases).sort()).toEqual(mutations.sort());
  });

  it('leave a ledger that is whole', async () => {
    expect(await verdictOn(node)).toMatchObject(CLEAN);
  });
});
