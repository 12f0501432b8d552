import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RecordPage, RecordSelection } from '../../src/app/api.ts';
import { openNodeId } from '../../src/app/gate/node-id.ts';
import { importResident } from '../../src/app/import/resident.ts';
import { sealedRef } from '../../src/app/past-event.ts';
import { type Row, type Scope, scopeCovers } from '../../src/domain/access/covers.ts';
import { CATEGORIES, LABELS, purposeCovers } from '../../src/domain/terms.ts';
import type { RecordDraft } from '../../src/fhir/draft.ts';
import { parseBase64Url, toBase64Url } from '../../src/kernel/base64.ts';
import { utf8 } from '../../src/kernel/bytes.ts';
import { type EventId, type Id16, id16Bytes } from '../../src/kernel/id.ts';
import type { Instant } from '../../src/kernel/instant.ts';
import { servedRoot } from '../../src/ledger/served-set.ts';
import {
  CLEAN,
  type Doctor,
  type Hospital,
  type Resident,
  terms,
  value,
  verdictOn,
  type World,
  worldOf,
} from '../support/people.ts';
import { SIZES } from '../support/sizes.ts';
import { openTestNode, type TestNode } from '../support/test-node.ts';
import { type Ask, ask, type GivenGrant, type GivenRecord, grant, record } from './lawful-cases.ts';

let node: TestNode;
let world: World;
let hospitals: readonly [Hospital, Hospital];
/** The first two work in the first hospital, the third in the second. */
let doctors: readonly [Doctor, Doctor, Doctor];
beforeAll(async () => {
  node = await openTestNode();
  world = await worldOf(node);
  hospitals = [await world.hospital(), await world.hospital()];
  doctors = [await world.doctor(hospitals[0]), await world.doctor(hospitals[0]), await world.doctor(hospitals[1])];
});
afterAll(() => node.close());

const draftOf = (given: GivenRecord, n: number): RecordDraft => ({
  sourceSystem: 'urn:his:lawful',
  type: 'Observation',
  id: `${n}`,
  title: `${n}`,
  category: given.category,
  index: given.index,
  custodian: (hospitals[given.custodian] as Hospital).key,
  period: given.period,
  at: `${given.period.from}T08:00:00.000Z` as Instant,
  sensitivities: given.sensitivities,
  confidentiality: given.confidentiality,
  content: utf8(`{"n":${n}}`),
  mediaType: 'application/json',
});

/** What decides whether a record may be seen: the pure rule's words for it. */
const rowOf = ({ category, period: of, custodian, sensitivities, confidentiality: level }: GivenRecord): Row => ({
  category,
  period: of,
  custodian: (hospitals[custodian] as Hospital).id,
  labels: [...sensitivities, ...(level === 'R' || level === 'V' ? [level] : [])],
});

/** Brings a person with these records in, gives the grants, and takes those back that are to be. */
async function residentWith(records: readonly GivenRecord[], grants: readonly GivenGrant[]): Promise<Resident> {
  const resident = await world.resident();
  const { number } = resident.document;
  const draft = {
    sourceSystem: 'urn:his:lawful',
    sourceId: resident.label,
    name: 'R',
    names: ['R'],
    demographics: {},
    documents: [{ type: '03', issuer: 'urn:iso:3166:CN', number }],
  };
  const idOf = ({ number: n }: { number: string }) => hospitals.find(({ key }) => key.number === n)?.id;
  const parties = { institution: idOf, practitioner: () => undefined };
  const imported = await importResident(
    node.app,
    node.local('test'),
    { draft, records: records.map(draftOf) },
    parties,
  );
  expect(imported.records.every(({ kind }) => kind === 'taken')).toBe(true);
  for (const given of grants) {
    const { hospital, personally, revoked, ...of } = given;
    const { id: institution } = hospitals[hospital] as Hospital;
    const { id: practitioner } = doctors[hospital === 0 ? 0 : 2] as Doctor;
    const grantee = personally
      ? ({ kind: 'practitioner', institution, practitioner } as const)
      : ({ kind: 'institution', institution } as const);
    const consentId = await world.grant(resident, terms({ id: institution }, { ...of, grantee }));
    if (revoked) value(await node.platform.revokeConsent(resident.caller, `revoke-${consentId}`, { consentId }));
  }
  return resident;
}

/** The scopes that this asker has here, by the words of domain.md alone. */
function scopesOf(records: readonly GivenRecord[], grants: readonly GivenGrant[], { doctor, purpose }: Ask): Scope[] {
  const { id: organisation } = hospitals[doctor === 2 ? 1 : 0] as Hospital;
  const own = doctor === 2 ? 1 : 0;
  const granted = grants
    .filter(({ revoked, hospital }) => !revoked && hospital === own)
    .filter(({ personally }) => !personally || doctor === (own === 0 ? 0 : 2))
    .filter(({ purposes }) => purposes.some((permitted) => purposeCovers(permitted, purpose)))
    .map(
      (one, i): Scope => ({
        kind: 'grant',
        id: `${i}`,
        categories: one.categories,
        period: one.period,
        labels: one.labels,
      }),
    );
  const reads = purposeCovers('TREAT', purpose) && records.some(({ custodian }) => custodian === own);
  const all: Scope = { kind: 'policy', id: 'own', categories: CATEGORIES, labels: LABELS, custodian: organisation };
  return reads ? [...granted, all] : granted;
}

const meets = (scope: Scope, { categories: wanted, period: of }: Ask): boolean =>
  (wanted === undefined || wanted.some((one) => scope.categories.includes(one))) &&
  (of === undefined || scope.period === undefined || (of.from <= scope.period.to && scope.period.from <= of.to));

const chosen = ({ categories: wanted, period: of, index }: Ask, one: GivenRecord): boolean =>
  (wanted?.includes(one.category) ?? true) &&
  (of === undefined || (of.from <= one.period.from && one.period.to <= of.to)) &&
  (index === undefined || index === one.index);

/** All pages of an answer, each of which committed to exactly what it shows; undefined when it was refused. */
async function opened(asker: Doctor, resident: Resident, { doctor: _, ...of }: Ask): Promise<string[] | undefined> {
  const shown: string[] = [];
  let after: string | undefined;
  for (;;) {
    const input = { ...of, ...(after === undefined ? {} : { after }), code: resident.code } as RecordSelection & {
      code: string;
      purpose: string;
    };
    const { answer, events } = await world.appended(() => node.platform.openRecords(asker.caller, input));
    expect(events).toHaveLength(1);
    if (answer.kind === 'refusal') {
      expect(answer.code).toBe('not-available');
      expect([events[0]?.type, after]).toEqual(['access.denied@1', undefined]);
      return undefined;
    }
    const page = answer.value;
    await expectCommitted(page, asker);
    shown.push(...page.records.map(({ title }) => title));
    expect(page.records.length).toBeLessThanOrEqual(of.first);
    if (!page.hasNextPage) {
      expect(page.total).toBe(shown.length);
      return shown;
    }
    after = page.endCursor as string;
  }
}

/** Released = committed: the event names exactly the records of the page, and its root is that of the names in its personal part. */
async function expectCommitted(page: RecordPage, asker: Doctor): Promise<void> {
  const event = await node.app.ledger.find(page.event as EventId);
  if (event === undefined) throw new Error('an answer without its event');
  const [retained] = await node.app.openRetained([sealedRef(event, 'retained')]);
  const [personal] = await node.app.openPersonal([sealedRef(event, 'personal')]);
  if (typeof retained !== 'object' || typeof personal !== 'object') throw new Error('an event that does not open');
  const { ids, salt } = personal.served as { ids: { id: Id16; revision: number; part: 1 }[]; salt: string };
  const released = page.records.map(({ id }) => openNodeId(node.app, asker.caller.actor, id));
  expect(ids.map(({ id }) => id)).toEqual(released);
  const items = ids.map(({ id, revision, part }) => ({ id: id16Bytes(id), revision: BigInt(revision), part }));
  const root = toBase64Url(servedRoot(node.app.suite, parseBase64Url(salt) as Uint8Array, items));
  expect(retained.served).toMatchObject({ root, count: ids.length, matched: page.total });
}

describe(`whatever was granted and recorded (${SIZES.lawfulRuns} residents)`, () => {
  it('exactly what one grant or rule covers whole is released, committed to, and counted; the rest is as if it were not there', async () => {
    const seen = {
      refused: 0,
      empty: 0,
      some: 0,
      'hidden by period': 0,
      'hidden by category': 0,
      'hidden by label': 0,
      'hidden by custodian': 0,
    };
    const law = async (records: readonly GivenRecord[], grants: readonly GivenGrant[], questions: readonly Ask[]) => {
      const resident = await residentWith(records, grants);
      for (const question of questions) {
        const scopes = scopesOf(records, grants, question);
        const sees = (one: GivenRecord, by: (scope: Scope) => Scope = (scope) => scope) =>
          chosen(question, one) && scopes.some((scope) => scopeCovers(by(scope), rowOf(one)));
        const visible = records.flatMap((one, n) => (sees(one) ? [`${n}`] : []));
        const titles = await opened(doctors[question.doctor] as Doctor, resident, question);
        const expected = scopes.some((scope) => meets(scope, question)) ? visible.sort() : undefined;
        expect(titles?.sort()).toEqual(expected);

        seen[titles === undefined ? 'refused' : titles.length === 0 ? 'empty' : 'some']++;
        for (const one of records.filter((each) => !sees(each))) {
          if (sees(one, ({ period: _, ...scope }) => scope)) seen['hidden by period']++;
          if (sees(one, ({ custodian: _, ...scope }) => scope)) seen['hidden by custodian']++;
          if (sees(one, (scope) => ({ ...scope, categories: CATEGORIES }))) seen['hidden by category']++;
          if (sees(one, (scope) => ({ ...scope, labels: LABELS }))) seen['hidden by label']++;
        }
      }
      const own = value(await node.platform.myRecords(resident.caller, { first: 200 }));
      expect(own.records.map(({ title }) => title).sort()).toEqual(records.map((_, n) => `${n}`).sort());
    };
    const questions = fc.array(ask, { minLength: 4, maxLength: 4 });
    const given = [
      fc.array(record, { maxLength: 9, size: 'max' }),
      fc.array(grant, { maxLength: 4, size: 'max' }),
      questions,
    ] as const;
    await fc.assert(fc.asyncProperty(...given, law), { numRuns: SIZES.lawfulRuns, endOnFailure: true });
    // A side that never came up would show nothing.
    expect(Object.entries(seen).filter(([, times]) => times === 0)).toEqual([]);
  }, 300_000);

  it('the ledger is whole', async () => {
    expect(await verdictOn(node)).toMatchObject(CLEAN);
  });
});
