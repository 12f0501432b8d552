import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DocumentInput } from '../../src/app/api.ts';
import { labelOfCode } from '../../src/app/commands/resident-stream.ts';
import { answersOf, startNodeProcess } from '../support/node-process.ts';
import { CLEAN, ISSUER, newRequest, value, verdictOn, type World, worldOf } from '../support/people.ts';
import { openTestNode, type TestNode } from '../support/test-node.ts';
import type { Registered, Registering } from './registering.ts';

let node: TestNode;
let world: World;
beforeAll(async () => {
  node = await openTestNode();
  world = await worldOf(node);
});
afterAll(() => node.close());

const passport = (number: string): DocumentInput => ({ type: '03', number });
const idCard = (number: string): DocumentInput => ({ type: '01', number });
/** A published sample: of a woman born on 1949-12-31. */
const CARD = '11010519491231002X';

type Person = {
  readonly birthDate?: string;
  readonly sex?: string;
  readonly login?: { issuer: string; subject: string };
};
const register = (documents: readonly DocumentInput[], person: Person = {}, requestId = newRequest()) =>
  node.platform.registerResident(world.office, requestId, { region: '110105', name: 'Somebody', documents, ...person });
const codeOf = async (...documents: DocumentInput[]) => value(await register(documents)).code;
const types = (events: readonly { readonly type: string }[]) => events.map(({ type }) => type);

describe('registering a person', () => {
  it('who is new issues one code; shown again, by any document, leaves one event and gives the same code', async () => {
    const first = await world.appended(() => register([passport('A1'), passport('A2')]));
    expect(types(first.events)).toEqual(['identity.registered@1', 'code.issued@1']);
    const { code } = value(first.answer);
    for (const shown of [[passport('A1'), passport('A2')], [passport('A2')], [passport('a 1')]]) {
      const again = await world.appended(() => register(shown));
      expect(types(again.events)).toEqual(['identity.presented@1']);
      expect(again.answer).toEqual(first.answer);
    }
    const more = await world.appended(() => register([passport('A2'), passport('A3')]));
    expect(types(more.events)).toEqual(['identity.presented@1', 'identity.document-linked@1']);
    expect(await codeOf(passport('A3'))).toBe(code);
  });

  it('tells the office the code alone, never whether the person was known', async () => {
    const [known, unknown] = [await register([passport('A1')]), await register([passport('A9')])];
    expect(Object.keys(value(known))).toEqual(['code']);
    expect(Object.keys(value(unknown))).toEqual(['code']);
  });

  it('by documents of two people is a conflict, and takes nothing: what was new among them is still free', async () => {
    const [one, two] = [await codeOf(passport('B1')), await codeOf(passport('B2'))];
    const conflict = await world.appended(() => register([passport('B1'), passport('B3'), passport('B2')]));
    expect(conflict).toEqual({ answer: { kind: 'refusal', code: 'document-conflict' }, events: [] });
    const third = await codeOf(passport('B3'));
    expect(new Set([one, two, third]).size).toBe(3);
  });

  it.each([
    ['a card that nobody can have', [idCard('110105194912310021'), passport('C1')], {}],
    ['a card that says another birth date', [idCard(CARD), passport('C1')], { birthDate: '1950-01-01' }],
    ['a card that says another sex', [idCard(CARD), passport('C1')], { sex: 'male' }],
  ] as const)('is refused for %s, and then nobody holds the other documents either', async (_, documents, person) => {
    const { answer, events } = await world.appended(() => register(documents, person));
    expect(answer.kind).toBe('refusal');
    expect(events).toEqual([]);
    const free = await node.app.claims.lookup([
      { kind: 'document', type: '03', issuer: 'urn:iso:3166:CN', value: 'C1' },
    ]);
    expect(free).toEqual([undefined]);
  });

  it('after a mistake does not lead anybody to somebody else', async () => {
    expect((await register([idCard(CARD), passport('D1')], { sex: 'male' })).kind).toBe('refusal');
    const [theirs, owners] = [await codeOf(passport('D1')), await codeOf(idCard(CARD))];
    expect(theirs).not.toBe(owners);
  });

  it('who has died is refused, and takes no document with them', async () => {
    const code = await codeOf(passport('E1'));
    value(await node.platform.reportDeath(world.office, newRequest(), { code }));
    expect(await register([passport('E1'), passport('E2')])).toEqual({ kind: 'refusal', code: 'deceased' });
    expect(await labelOfCode(node.app, await codeOf(passport('E2')))).not.toBe(await labelOfCode(node.app, code));
  });

  it('with the sign-in of somebody else is a conflict: a sign-in shows nobody', async () => {
    const login = { issuer: ISSUER, subject: 'f1' };
    const owner = value(await register([passport('F1')], { login })).code;
    const refused = await world.appended(() => register([passport('F2')], { login }));
    expect(refused).toEqual({ answer: { kind: 'refusal', code: 'document-conflict' }, events: [] });
    expect(value(await register([passport('F1')], { login })).code).toBe(owner);
    expect(await codeOf(passport('F2'))).not.toBe(owner);
  });
});

describe('the code that was answered', () => {
  it('is answered again under its requestId, also when it was closed and another one issued since', async () => {
    const [ids, documents] = [[newRequest(), newRequest(), newRequest()] as const, [passport('G1')]];
    const first = await register(documents, {}, ids[0]);
    const shown = await register(documents, {}, ids[1]);
    const { code } = value(first);
    value(await node.platform.closeCode(world.office, newRequest(), { code, reason: 'replaced' }));
    const issued = await node.platform.issueCode(world.office, ids[2], { documents });
    expect(value(issued).code).not.toBe(code);
    expect(await register(documents, {}, ids[0])).toEqual(first);
    expect(await register(documents, {}, ids[1])).toEqual(shown);
    expect(await node.platform.issueCode(world.office, ids[2], { documents })).toEqual(issued);
    expect(value(await register(documents)).code).toBe(value(issued).code);
  });

  it('is issued to whom all documents show: one more that nobody has shown yet is no conflict, it is to be linked first', async () => {
    const [known, other] = [passport('G2'), passport('G3')];
    const owner = value(await register([known])).code;
    await register([other]);
    const issue = (...documents: ReturnType<typeof passport>[]) =>
      world.appended(() => node.platform.issueCode(world.office, newRequest(), { documents }));
    expect((await issue(known, passport('G4'))).answer).toEqual({ kind: 'refusal', code: 'not-registered' });
    expect((await issue(passport('G4'), known)).events).toEqual([]);
    expect((await issue(known, other)).answer).toEqual({ kind: 'refusal', code: 'document-conflict' });
    expect((await issue(known)).answer).toMatchObject({ value: { code: owner } });
  });
});

describe('linking documents', () => {
  it('of somebody else is a conflict, and what was new among them is still free', async () => {
    const [code, other] = [await codeOf(passport('H1')), await codeOf(passport('H2'))];
    const linking = { code, documents: [passport('H3'), passport('H2')] };
    const refused = await world.appended(() => node.platform.linkDocuments(world.office, newRequest(), linking));
    expect(refused).toEqual({ answer: { kind: 'refusal', code: 'document-conflict' }, events: [] });
    expect([code, other]).not.toContain(await codeOf(passport('H3')));
  });
});

describe('organisations and practitioners', () => {
  const key = (number: string) => ({ system: 'urn:party', number });
  const institution = (...numbers: string[]) => ({ identifiers: numbers.map(key), name: 'Somewhere' });
  const add = (...numbers: string[]) =>
    node.platform.registerInstitution(world.regulator, newRequest(), institution(...numbers));

  it('are one by any of their numbers; numbers of two are a conflict, and what is refused holds no number', async () => {
    const { id } = value(await add('1', '2'));
    expect(value(await add('2', '3')).id).toBe(id);
    const other = value(await add('4')).id;
    expect(await add('5', '1', '4')).toEqual({ kind: 'refusal', code: 'document-conflict' });
    const change = { id, ...institution('5', '4') };
    expect(await node.platform.changeInstitution(world.regulator, newRequest(), change)).toEqual({
      kind: 'refusal',
      code: 'document-conflict',
    });
    expect([id, other]).not.toContain(value(await add('5')).id);
  });

  it('that have ended leave a number that was first shown with theirs to their successor', async () => {
    const { id } = value(await add('6'));
    value(await node.platform.endInstitution(world.regulator, newRequest(), { id, reason: 'merged' }));
    expect(await add('6', '7')).toEqual({ kind: 'refusal', code: 'institution-ended' });
    expect(value(await add('7')).id).not.toBe(id);
  });
});

describe('several processes at one moment', () => {
  it('that register the same people make one resident and one code of each, whatever documents each was shown', async () => {
    const people = Array.from(
      { length: 12 },
      (_, i) => [passport(`X${i}a`), passport(`X${i}b`), passport(`X${i}c`)] as const,
    );
    // Whoever shows two of three documents shares one with everybody else who does.
    const showings = (skip: number) => people.map((documents) => documents.filter((_, i) => i !== skip));
    const processes = [0, 1, 2].map((skip) => {
      const task: Registering = { office: world.office, name: `process-${skip}`, people: showings(skip) };
      return answersOf<Registered>(startNodeProcess('app/registering.ts', node.config, task));
    });
    const { answer, events } = await world.appended(() => Promise.all(processes));
    const all = answer.flat();
    expect(all).toHaveLength(36);
    for (const documents of people) {
      const of = all.filter(({ documents: [one] }) => documents.some(({ number }) => number === one?.number));
      const codes = new Set(of.map(({ outcome }) => value(outcome).code));
      expect([of.length, codes.size]).toEqual([3, 1]);
      expect(codes).toContain(await codeOf(documents[0]));
    }
    const count = (type: string) => events.filter((event) => event.type === type).length;
    expect([count('identity.registered@1'), count('code.issued@1'), count('identity.presented@1')]).toEqual([
      12, 12, 24,
    ]);
  });
});

describe('the ledger', () => {
  it('is whole after all this', async () => {
    expect(await verdictOn(node)).toMatchObject(CLEAN);
  });
});
