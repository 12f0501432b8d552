import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GateApp } from '../../src/app/gate/gate-app.ts';
import { importResident } from '../../src/app/import/resident.ts';
import type { RecordDraft } from '../../src/fhir/draft.ts';
import { utf8 } from '../../src/kernel/bytes.ts';
import type { Day, Instant } from '../../src/kernel/instant.ts';
import { CLEAN, type Hospital, ISSUER, newRequest, value, verdictOn, type World, worldOf } from '../support/people.ts';
import { openTestNode, type TestNode } from '../support/test-node.ts';

let node: TestNode;
let world: World;
let hospital: Hospital;
beforeAll(async () => {
  node = await openTestNode();
  world = await worldOf(node);
  hospital = await world.hospital();
});
afterAll(() => node.close());

const record = (n: number, text = `"${n}"`): RecordDraft => ({
  sourceSystem: 'urn:his:import',
  type: 'Observation',
  id: `${n}`,
  title: `${n}`,
  category: 'outpatient',
  index: 'EMR',
  custodian: hospital.key,
  period: { from: '2024-03-01' as Day, to: '2024-03-01' as Day },
  at: '2024-03-01T08:00:00.000Z' as Instant,
  sensitivities: [],
  confidentiality: 'N',
  content: utf8(text),
  mediaType: 'application/json',
});
const many = (count: number, from = 0) => Array.from({ length: count }, (_, i) => record(from + i));
const passport = (number: string) => ({ type: '03', issuer: 'urn:iso:3166:CN', number });

function bring(numbers: readonly string[], records: readonly RecordDraft[], app: GateApp = node.app) {
  const draft = {
    sourceSystem: 'urn:his:import',
    sourceId: numbers.join(),
    name: 'Imported',
    names: ['Imported'],
    demographics: {},
    documents: numbers.map(passport),
  };
  const parties = { institution: () => hospital.id, practitioner: () => undefined };
  return importResident(app, node.local('import'), { draft, records }, parties);
}

/** The content of every record of the person with this document, as the person sees it; by record title. */
async function contentsOf(number: string): Promise<Record<string, string>> {
  const caller = await world.as({
    role: 'resident',
    issuer: ISSUER,
    subject: `import-${number}`,
    document: passport(number),
  });
  const { records } = value(await node.platform.myRecords(caller, { first: 200 }));
  const texts = await Promise.all(
    records.map(async ({ id, title }) => [title, value(await node.platform.myContent(caller, { record: id })).text]),
  );
  return Object.fromEntries(texts);
}

const kinds = ({ records }: Awaited<ReturnType<typeof bring>>) => [...new Set(records.map(({ kind }) => kind))];
const types = (events: readonly { readonly type: string }[]) => events.map(({ type }) => type);

/** The app whose first append is preceded by something that somebody else does. */
function preceded(by: () => Promise<unknown>): GateApp {
  let first = true;
  const append: GateApp['ledger']['append'] = async (...args) => {
    if (first) {
      first = false;
      await by();
    }
    return node.app.ledger.append(...args);
  };
  return { ...node.app, ledger: { ...node.app.ledger, append } };
}

describe('importing a person', () => {
  it('is one append: identity, code and records together or not at all', async () => {
    const { answer, events } = await world.appended(() => bring(['I1'], many(3)));
    expect(answer.person).toEqual({ kind: 'taken' });
    expect(types(events)).toEqual(['identity.registered@1', 'code.issued@1', ...Array(3).fill('record.registered@1')]);
    const batches = events.map(({ retained }) => (retained === 'expired' ? undefined : retained.batch));
    expect(batches).toEqual(events.map((_, at) => ({ at, of: 5 })));
  });

  it('again, in part or in other order, adds nothing; what is new is added; other bytes replace, and old ones roll nothing back', async () => {
    await bring(['I2'], many(4));
    const again = await world.appended(() => bring(['I2'], many(4).reverse()));
    expect([kinds(again.answer), again.answer.person, again.events]).toEqual([['known'], { kind: 'known' }, []]);
    const more = await world.appended(() => bring(['I2', 'I2b'], [...many(2), record(9), record(0, '"zero"')]));
    expect(more.answer.records.map(({ kind }) => kind)).toEqual(['known', 'known', 'taken', 'taken']);
    expect(types(more.events)).toEqual(['identity.document-linked@1', 'record.registered@1', 'record.replaced@1']);
    const old = await world.appended(() => bring(['I2b'], many(4)));
    expect([kinds(old.answer), old.events]).toEqual([['known'], []]);
    expect(await contentsOf('I2')).toEqual({ 0: '"zero"', 1: '"1"', 2: '"2"', 3: '"3"', 9: '"9"' });
  });

  it('who is being registered at that moment is decided anew, and every content is that of its record', async () => {
    const register = () => {
      const input = { region: '110105', name: 'At the counter', documents: [passport('I3')] };
      return node.platform.registerResident(world.office, newRequest(), input);
    };
    const { answer, events } = await world.appended(() => bring(['I3', 'I3b'], many(5), preceded(register)));
    expect([answer.person, answer.code]).toEqual([{ kind: 'merged' }, undefined]);
    expect(types(events)).toEqual([
      'identity.registered@1',
      'code.issued@1',
      'identity.document-linked@1',
      ...Array(5).fill('record.registered@1'),
    ]);
    expect(await contentsOf('I3')).toEqual({ 0: '"0"', 1: '"1"', 2: '"2"', 3: '"3"', 4: '"4"' });
  });

  it('whom another importer brings at that moment, with some of the same records, leaves each record once', async () => {
    const other = () => bring(['I4'], many(4, 2));
    const { answer, events } = await world.appended(() => bring(['I4'], many(4), preceded(other)));
    expect(answer.records.map(({ kind }) => kind)).toEqual(['taken', 'taken', 'known', 'known']);
    expect(types(events).filter((type) => type.startsWith('record.'))).toHaveLength(6);
    expect(types(events).filter((type) => type === 'code.issued@1')).toHaveLength(1);
    expect(Object.keys(await contentsOf('I4'))).toHaveLength(6);
  });

  it('with documents of two people is left with the reason, records and all, and takes nothing', async () => {
    await bring(['I5'], []);
    await bring(['I6'], []);
    const { answer, events } = await world.appended(() => bring(['I5', 'I7', 'I6'], many(2)));
    expect(answer.person).toEqual({ kind: 'left', reason: 'document-conflict' });
    expect(answer.records).toEqual(Array(2).fill({ kind: 'left', reason: 'subject-left' }));
    expect(events).toEqual([]);
    expect((await bring(['I7'], [])).person).toEqual({ kind: 'taken' });
  });

  it('with more records than one append holds comes in several, each whole; again, nothing', async () => {
    const records = many(1_100);
    const { answer, events } = await world.appended(() => bring(['I8'], records));
    expect(kinds(answer)).toEqual(['taken']);
    expect(events).toHaveLength(2 + records.length);
    const sizes = new Set(events.map(({ retained }) => (retained === 'expired' ? 0 : (retained.batch?.of ?? 1))));
    expect(sizes).toEqual(new Set([902, 200]));
    const again = await world.appended(() => bring(['I8'], records));
    expect([kinds(again.answer), again.events]).toEqual([['known'], []]);
  });

  it('whose records name no registered custodian leaves those, and takes the rest', async () => {
    const parties = {
      institution: (key: { number: string }) => (key.number === 'nowhere' ? undefined : hospital.id),
      practitioner: () => undefined,
    };
    const draft = {
      sourceSystem: 's',
      sourceId: 'I9',
      name: 'N',
      names: ['N'],
      demographics: {},
      documents: [passport('I9')],
    };
    const elsewhere = { ...record(1), custodian: { system: 'urn:uscc', number: 'nowhere' } };
    const records = [elsewhere, { ...record(2), sensitivities: ['HIV'] as const }];
    const brought = await importResident(node.app, node.local('import'), { draft, records }, parties);
    expect(brought.records).toEqual([{ kind: 'left', reason: 'custodian-not-registered' }, { kind: 'taken' }]);
  });
});

describe('the ledger', () => {
  it('is whole after all this', async () => {
    expect(await verdictOn(node)).toMatchObject(CLEAN);
  });
});
