import fc from 'fast-check';
import { isObjectType, isUnionType } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Answer,
  type ApiUnderTest,
  nodesOf,
  only,
  openApi,
  page,
  type Reply,
  type Variables,
} from '../support/api.ts';
import {
  CATEGORIES,
  type Cast,
  CONTENT,
  castOf,
  type Doctor,
  EVIDENCE,
  type Hospital,
  inMs,
  RECORDS,
  type RecordNode,
  type Resident,
  terms,
} from '../support/cast.ts';
import { publishedSchema } from './published.ts';

/** Every fault that domain.md says others shipped, by its name there. What is not built must be absent: never permissive. */

let api: ApiUnderTest;
let cast: Cast;
let mercy: Hospital;
let grace: Hospital;
let author: Doctor;
let reader: Doctor;
beforeAll(async () => {
  api = await openApi();
  cast = await castOf(api);
  mercy = await cast.hospital();
  grace = await cast.hospital();
  author = await cast.doctor(mercy);
  reader = await cast.doctor(grace);
});
afterAll(() => api.close());

const NOT_AVAILABLE = { __typename: 'Refusal', code: 'NOT_AVAILABLE' };
const read = (code: string, over: Variables = {}, token = reader.token): Promise<Reply> =>
  api.post(token, RECORDS, { code, ...over });
const shown = async (code: string, over: Variables = {}, token?: string) =>
  page<RecordNode>(only(await read(code, over, token)));

/** Somebody with so many records in the first hospital. */
async function somebody(records: number): Promise<Resident> {
  const resident = await cast.resident();
  for (let i = 0; i < records; i++) {
    const day = `2024-03-${String(i + 1).padStart(2, '0')}`;
    await cast.record(author, resident, { period: { from: day, to: day } });
  }
  return resident;
}

/** Every way to the records of a resident: what each answers that is no refusal. */
async function allWays(resident: Resident, ids: readonly string[], cursors: readonly string[]): Promise<unknown[]> {
  const { code } = resident;
  const SEVERAL = `query ($codes: [String!]!) { recordsOfSeveral(codes: $codes, purpose: TREAT) { result { __typename } } }`;
  const answers: unknown[] = [];
  for (const purpose of ['TREAT', 'ETREAT', 'BTG', 'HOPERAT', 'PUBHLTH', 'PATRQT', 'FAMRQT', 'CAREMGT'])
    answers.push(only(await read(code, { purpose })));
  for (const after of cursors) answers.push(only(await read(code, { after, first: 1 })));
  for (const record of ids) answers.push(only(await api.post(reader.token, CONTENT, { code, record })));
  const several = only(await api.post(reader.token, SEVERAL, { codes: [code, code] })) as unknown as {
    result: Answer;
  }[];
  answers.push(...several.map(({ result }) => result));
  return answers.filter((answer) => (answer as Answer).__typename !== 'Refusal');
}

describe('a fault that others shipped, of consents and records', () => {
  it('a revoked consent still serves', async () => {
    const resident = await somebody(3);
    const consent = await cast.grant(resident, grace);
    const { edges } = await shown(resident.code);
    const [ids, cursors] = [edges.map(({ node }) => node.id), edges.map(({ cursor }) => cursor)];
    expect(await allWays(resident, ids, cursors)).toHaveLength(3 + 3 + 3 + 2);
    await cast.revoke(resident, consent);
    expect(await allWays(resident, ids, cursors)).toEqual([]);
  });

  it('a grant wider than its request', async () => {
    const resident = await cast.resident();
    const some = <T extends string>(of: readonly T[]) => fc.subarray([...of].sort(), { minLength: 1, maxLength: 2 });
    const month = fc.constantFrom('01', '02', '03', '04');
    const wanted = fc.record({
      purposes: some(['TREAT', 'ETREAT', 'BTG', 'HRESCH', 'DSRCH']),
      categories: some(CATEGORIES.slice(0, 3)),
      labels: fc.subarray(['HIV', 'PSY'], { maxLength: 2 }),
      period: fc
        .tuple(month, month)
        .map(([a, b]) => ({ from: `2024-${a < b ? a : b}-01`, to: `2024-${a < b ? b : a}-28` })),
      days: fc.integer({ min: 1, max: 3 }),
    });
    type Wanted = typeof wanted extends fc.Arbitrary<infer W> ? W : never;
    const above: Record<string, string[]> = { BTG: ['ETREAT', 'TREAT'], ETREAT: ['TREAT'], DSRCH: ['HRESCH'] };
    const inside = (a: Wanted, b: Wanted): boolean =>
      a.purposes.every((one) => [one, ...(above[one] ?? [])].some((of) => b.purposes.includes(of as never))) &&
      a.categories.every((one) => b.categories.includes(one)) &&
      a.labels.every((one) => b.labels.includes(one)) &&
      b.period.from <= a.period.from &&
      a.period.to <= b.period.to &&
      a.days <= b.days;
    const [from, start] = [inMs(0), Date.now()];
    const validity = (days: number) => ({
      validFrom: from,
      validUntil: new Date(start + days * 86_400_000).toISOString(),
    });
    const met = { narrower: 0, wider: 0 };
    await fc.assert(
      fc.asyncProperty(wanted, wanted, fc.boolean(), async (asked, other, same) => {
        const given = same ? { ...asked, categories: asked.categories.slice(0, 1) } : other;
        const { days, ...request } = asked;
        const { days: ends, ...grant } = given;
        const asking = { ...request, ...validity(days), code: resident.code, granteeKind: 'INSTITUTION' };
        const { consentId } = await cast.done(reader.token, 'requestConsent', asking);
        const input = { consentId, terms: { ...terms(grace), ...grant, ...validity(ends) }, evidence: EVIDENCE };
        const answer = only(await cast.tell(resident.token, 'grantConsent', input));
        const lawful = inside(given, asked);
        met[lawful ? 'narrower' : 'wider'] += 1;
        expect(answer).toMatchObject(lawful ? { __typename: 'ConsentRef' } : { code: 'GRANT_EXCEEDS_REQUEST' });
        const end = lawful ? 'revokeConsent' : 'denyConsent';
        await cast.done(resident.token, end, { consentId });
      }),
      { numRuns: 30 },
    );
    expect(Math.min(met.narrower, met.wider)).toBeGreaterThan(3);
  });

  it('an approval for one record opens any record', async () => {
    const resident = await somebody(3);
    await cast.record(author, resident, { category: 'IMAGING' });
    await cast.record(author, resident, { sensitivities: ['HIV'] });
    // The author's own ids, and the resident's, of all five; the reader's of the one that is granted.
    const own = nodesOf(await shown(resident.code, {}, author.token));
    const me = only(
      await api.post(
        resident.token,
        '{ me { records { __typename ... on RecordConnection { edges { node { id } } } } } }',
      ),
    );
    const theirs = nodesOf(page<RecordNode>(me.records));
    expect([own.length, theirs.length]).toEqual([5, 5]);
    const period = { from: '2024-03-02', to: '2024-03-02' };
    await cast.grant(resident, grace, { categories: ['OUTPATIENT'], period });
    const [granted] = nodesOf(await shown(resident.code));
    const opened = async (record: string): Promise<string> =>
      only(await api.post(reader.token, CONTENT, { code: resident.code, record })).__typename;
    expect(await opened(granted?.id ?? '')).toBe('Content');
    for (const { id } of [...own, ...theirs]) expect(await opened(id)).toBe('Refusal');
  });

  it('nested GraphQL paths, aliases, fragments, node(id), back-references skip the policy', async () => {
    const schema = publishedSchema();
    const query = schema.getQueryType()?.getFields() ?? {};
    expect(Object.keys(query).filter((name) => /^_|^nodes?$|entit|search|export|graph/i.test(name))).toEqual([]);
    expect(schema.getSubscriptionType()).toBeUndefined();
    // From a record, a person, a trail or a party no field leads back to more of them.
    const leads = (type: string): string[] => {
      const reached = new Set<string>();
      const walk = (name: string): void => {
        const found = schema.getType(name);
        const next = isUnionType(found)
          ? found.getTypes().map(({ name: of }) => of)
          : isObjectType(found)
            ? Object.values(found.getFields()).map((field) => field.type.toString().replace(/[![\]]/g, ''))
            : [];
        for (const one of next.filter((other) => !reached.has(other))) {
          reached.add(one);
          walk(one);
        }
      };
      walk(type);
      return [...reached].filter((name) => isObjectType(schema.getType(name))).sort();
    };
    expect(leads('Record')).toEqual(['Coding', 'NamedRef', 'Period']);
    for (const type of [
      'Profile',
      'TrailEntry',
      'Consent',
      'Institution',
      'Practitioner',
      'Content',
      'NamedRef',
      'HealthCode',
    ])
      expect(
        leads(type).filter((name) =>
          ['Record', 'Content', 'Profile', 'Me', 'Query', 'RecordConnection', 'TrailEntry'].includes(name),
        ),
        type,
      ).toEqual([]);
    // And an id of a record is of no use as the id of anything else.
    const resident = await somebody(1);
    const [record] = nodesOf(await shown(resident.code, {}, author.token));
    const parties = await api.post(
      reader.token,
      'query ($id: ID!) { institution(id: $id) { id } practitioner(id: $id) { id } }',
      { id: (record?.id ?? '').slice(0, 64) },
    );
    expect(parties.data).toEqual({ institution: null, practitioner: null });
  });

  it('a cursor keeps working after revocation', async () => {
    const resident = await somebody(4);
    const consent = await cast.grant(resident, grace);
    const first = await shown(resident.code, { first: 1 });
    const second = await shown(resident.code, { first: 1, after: first.pageInfo.endCursor });
    await cast.revoke(resident, consent);
    const cursors = [first, second].flatMap(({ edges }) => edges.map(({ cursor }) => cursor));
    for (const after of cursors)
      expect(only(await read(resident.code, { first: 1, after }))).toMatchObject(NOT_AVAILABLE);
    // Nor under a consent that shows less: it goes on where it stood, with what may be seen now.
    await cast.grant(resident, grace, { period: { from: '2024-03-01', to: '2024-03-01' } });
    const rest = await shown(resident.code, { first: 1, after: cursors[0] });
    expect([rest.totalCount, nodesOf(rest).length, rest.pageInfo.hasNextPage]).toEqual([1, 1, false]);
  });

  it('totals, hasNextPage or error texts reveal hidden rows', async () => {
    const [empty, full] = [await somebody(2), await somebody(2)];
    for (let i = 0; i < 6; i++)
      await cast.record(author, full, { category: 'IMAGING', sensitivities: i % 2 === 0 ? ['PSY'] : [] });
    const plain = (reply: Reply): string =>
      reply.text.replace(/"(event|cursor|endCursor|id)":"[^"]+"/g, '"$1":"…"').replace(/Finding \d+/g, 'Finding');
    for (const one of [empty, full]) await cast.grant(one, grace, { categories: ['OUTPATIENT'] });
    const asked: Variables[] = [
      {},
      { first: 1 },
      { first: 2 },
      { categories: ['IMAGING'] },
      { categories: ['IMAGING', 'OUTPATIENT'], first: 2 },
      { index: 'EHR' },
      { first: 0 },
      { after: 'x' },
      { purpose: 'HRESCH' },
    ];
    for (const over of asked)
      expect(plain(await read(full.code, over)), JSON.stringify(over)).toBe(plain(await read(empty.code, over)));
  });

  it('consent of hospital X used by hospital Y', async () => {
    const resident = await somebody(1);
    const both = await cast.doctor(mercy, { affiliations: [mercy.id, grace.id] });
    const elsewhere = await cast.hospital();
    const personal = { kind: 'PRACTITIONER', institution: mercy.id, practitioner: both.id };
    await cast.grant(resident, mercy, { purposes: ['HRESCH'] });
    await cast.grant(resident, mercy, { purposes: ['CAREMGT'], grantee: personal });
    for (const purpose of ['HRESCH', 'CAREMGT']) {
      expect(await shown(resident.code, { purpose }, await cast.doctorToken(both.key, mercy.key))).toMatchObject({
        totalCount: 1,
      });
      for (const organisation of [grace, elsewhere]) {
        const token = await cast.doctorToken(both.key, organisation.key);
        expect(only(await read(resident.code, { purpose }, token))).toMatchObject(NOT_AVAILABLE);
      }
      expect(only(await read(resident.code, { purpose }))).toMatchObject(NOT_AVAILABLE);
    }
    // The personal one is that person's: a colleague's of the same hospital it is not.
    expect(only(await read(resident.code, { purpose: 'CAREMGT' }, author.token))).toMatchObject(NOT_AVAILABLE);
  });

  it('closing a code leaves grants alive', async () => {
    const resident = await somebody(2);
    await cast.grant(resident, grace);
    await cast.grant(resident, grace, { validFrom: inMs(86_400_000), validUntil: inMs(2 * 86_400_000) });
    const { consentId } = await cast.done(reader.token, 'requestConsent', {
      code: resident.code,
      granteeKind: 'INSTITUTION',
      purposes: ['HRESCH'],
      categories: ['OUTPATIENT'],
      period: { from: '2024-01-01', to: '2024-12-31' },
      validUntil: inMs(86_400_000),
    });
    const { edges } = await shown(resident.code);
    await cast.done(cast.office, 'closeCode', { code: resident.code, reason: 'REPLACED' });
    const { healthCode } = await cast.done(cast.office, 'issueCode', { documents: [resident.document] });
    const renewed = { ...resident, code: healthCode as string };
    const kept = [edges.map(({ node }) => node.id), edges.map(({ cursor }) => cursor)] as const;
    expect(await allWays(resident, ...kept)).toEqual([]);
    expect(await allWays(renewed, ...kept)).toEqual([]);
    const consents = only(
      await api.post(
        resident.token,
        '{ me { consents { __typename ... on ConsentConnection { edges { node { state } } } } } }',
      ),
    );
    const states = nodesOf(page<{ state: string }>(consents.consents)).map(({ state }) => state);
    expect(states.sort()).toEqual(['DENIED', 'REVOKED', 'REVOKED']);
    const late = {
      consentId,
      terms: terms(grace, { purposes: ['HRESCH'], categories: ['OUTPATIENT'] }),
      evidence: EVIDENCE,
    };
    expect(only(await cast.tell(resident.token, 'grantConsent', late))).toMatchObject({ __typename: 'Refusal' });
  });
});
