import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiUnderTest, nodesOf, only, openApi, page, type Reply, type Variables } from '../support/api.ts';
import {
  type Cast,
  CONTENT,
  CONTENT_OF,
  castOf,
  type Doctor,
  type Hospital,
  MY_LOG,
  RECORD_PAGE,
  RECORDS,
  type RecordNode,
  type Resident,
  TRAIL,
} from '../support/cast.ts';

const MY_RECORDS = `query ($first: Int = 20, $after: String) { me { __typename records(first: $first, after: $after) { ${RECORD_PAGE} } } }`;
const MY_CONTENT = `query ($record: ID!) { me { __typename content(record: $record) { ${CONTENT_OF} } } }`;

let api: ApiUnderTest;
let cast: Cast;
let west: Hospital;
let lin: Doctor;
/** Dr Zhao and Dr Wu work in one hospital and may read the same. */
let zhao: Doctor;
let wu: Doctor;
/** Both let that hospital read everything: whatever is refused here is so for the id or the cursor alone. */
let ann: Resident;
let bo: Resident;
const streams = new Map<Resident, string>();

const rows = async (token: string, { code }: Resident, variables: Variables = {}): Promise<readonly RecordNode[]> =>
  nodesOf(page<RecordNode>(only(await api.post(token, RECORDS, { code, ...variables }))));
const idOf = async (token: string, resident: Resident): Promise<string> => (await rows(token, resident))[0]?.id ?? '';
const myRows = async ({ token }: Resident): Promise<readonly RecordNode[]> =>
  nodesOf(page<RecordNode>((only(await api.post(token, MY_RECORDS)) as unknown as { records: unknown }).records));
const cursorOf = async (token: string, { code }: Resident, variables: Variables = {}): Promise<string> =>
  page(only(await api.post(token, RECORDS, { code, first: 1, ...variables }))).pageInfo.endCursor ?? '';

/** Notes which account is theirs, so that an event can be said to stand in it. */
async function noteStream(resident: Resident): Promise<void> {
  const { events } = await api.written(() => api.post(resident.token, MY_RECORDS));
  streams.set(resident, events[0]?.stream ?? '');
}

/** Refused in the one way, with one event in that resident's account. */
async function refused(ask: () => Promise<Reply>, resident: Resident, rule = 'not-covered'): Promise<void> {
  const { answer, events } = await api.written(ask);
  expect(answer.text).toMatch(/\{"__typename":"Refusal","code":"NOT_AVAILABLE","message":"Nothing is available to you/);
  expect(answer.text).not.toMatch(/Connection|"Content"/);
  expect(events).toMatchObject([{ type: 'access.denied@1', stream: streams.get(resident), retained: { rule } }]);
}

beforeAll(async () => {
  api = await openApi();
  cast = await castOf(api);
  lin = await cast.doctor(await cast.hospital());
  west = await cast.hospital();
  zhao = await cast.doctor(west);
  wu = await cast.doctor(west);
  for (const name of ['Ann', 'Bo']) {
    const resident = await cast.resident(name);
    await cast.record(lin, resident);
    await cast.record(lin, resident, { category: 'PRESCRIPTION' });
    await cast.record(lin, resident, { category: 'PRESCRIPTION', index: 'EHR' });
    await cast.grant(resident, west);
    await noteStream(resident);
    if (name === 'Ann') ann = resident;
    else bo = resident;
  }
});
afterAll(() => api.close());

describe('the id of a record: an approval for one record opens no other', () => {
  it('opens that record to whom it was given, and to them only', async () => {
    const record = await idOf(zhao.token, ann);
    expect(only(await api.post(zhao.token, CONTENT, { code: ann.code, record })).__typename).toBe('Content');
    await refused(() => api.post(wu.token, CONTENT, { code: ann.code, record }), ann);
    await refused(() => api.post(ann.token, MY_CONTENT, { record }), ann);
    const [own] = await myRows(ann);
    await refused(() => api.post(zhao.token, CONTENT, { code: ann.code, record: own?.id }), ann);
    await refused(() => api.post(bo.token, MY_CONTENT, { record: own?.id }), bo);
  });

  it('opens nothing of another resident, though the same doctor may read both', async () => {
    const [ofAnn, ofBo] = [await idOf(zhao.token, ann), await idOf(zhao.token, bo)];
    await refused(() => api.post(zhao.token, CONTENT, { code: bo.code, record: ofAnn }), bo);
    await refused(() => api.post(zhao.token, CONTENT, { code: ann.code, record: ofBo }), ann);
  });

  it('is of no use when the consent that showed it is gone, or a narrower one has taken its place', async () => {
    const resident = await cast.resident();
    await cast.record(lin, resident);
    await cast.record(lin, resident, { category: 'PRESCRIPTION' });
    const wide = await cast.grant(resident, west);
    await noteStream(resident);
    const shown = await rows(zhao.token, resident);
    const ask = (category: string) => () =>
      api.post(zhao.token, CONTENT, {
        code: resident.code,
        record: shown.find((row) => row.category === category)?.id,
      });
    await cast.revoke(resident, wide);
    await refused(ask('PRESCRIPTION'), resident, 'no-consent');
    await cast.grant(resident, west, { categories: ['PRESCRIPTION'] });
    expect(only(await ask('PRESCRIPTION')()).__typename).toBe('Content');
    await refused(ask('OUTPATIENT'), resident);
  });

  it('is of no use when the record was withdrawn', async () => {
    const resident = await cast.resident();
    const sourceId = cast.requestId();
    await cast.record(lin, resident, { sourceId });
    await cast.grant(resident, west);
    await noteStream(resident);
    const record = await idOf(zhao.token, resident);
    const source = { sourceSystem: 'urn:his:test', type: 'Encounter', sourceId };
    await cast.done(lin.token, 'withdrawRecord', { code: resident.code, ...source, reason: 'ENTERED_IN_ERROR' });
    await refused(() => api.post(zhao.token, CONTENT, { code: resident.code, record }), resident);
    expect(await rows(zhao.token, resident)).toEqual([]);
  });

  it('says nothing, is another for each actor, and cannot be made', async () => {
    const record = await idOf(zhao.token, ann);
    expect(await idOf(wu.token, ann)).not.toBe(record);
    const flipped = `${record.slice(0, -2)}${record.at(-2) === 'A' ? 'B' : 'A'}${record.slice(-1)}`;
    const cursor = await cursorOf(zhao.token, ann);
    const event = only(await api.post(zhao.token, RECORDS, { code: ann.code })).event as string;
    for (const made of [flipped, record.slice(0, -4), `${record}AAAA`, 'A'.repeat(22), event, cursor, '{"r":1}']) {
      await refused(() => api.post(zhao.token, CONTENT, { code: ann.code, record: made }), ann);
    }
  });
});

describe('the cursor of a page is checked again on use', () => {
  it('goes on where the page ended, for whom it was given', async () => {
    const first = page<RecordNode>(only(await api.post(zhao.token, RECORDS, { code: ann.code, first: 2 })));
    expect([first.totalCount, first.pageInfo.hasNextPage]).toEqual([3, true]);
    const after = first.pageInfo.endCursor;
    const { answer, events } = await api.written(() =>
      api.post(zhao.token, RECORDS, { code: ann.code, first: 2, after }),
    );
    const second = page<RecordNode>(only(answer));
    const seen = [...nodesOf(first), ...nodesOf(second)].map(({ title }) => title);
    expect([new Set(seen).size, second.pageInfo.hasNextPage]).toEqual([3, false]);
    expect(events).toMatchObject([{ type: 'access.permitted@1', retained: { selection: { page: 2 } } }]);
  });

  it('is of no use to another actor who may read the same', async () => {
    const after = await cursorOf(zhao.token, ann);
    await refused(() => api.post(wu.token, RECORDS, { code: ann.code, first: 1, after }), ann);
    await refused(() => api.post(ann.token, MY_RECORDS, { first: 1, after }), ann);
  });

  it('is of no use for other rows than those it was given for', async () => {
    const after = await cursorOf(zhao.token, ann);
    const others: readonly Variables[] = [
      { index: 'EMR' },
      { categories: ['PRESCRIPTION'] },
      { period: { from: '2024-01-01', to: '2024-12-31' } },
    ];
    for (const other of others) {
      await refused(() => api.post(zhao.token, RECORDS, { code: ann.code, first: 1, after, ...other }), ann);
    }
    await refused(() => api.post(zhao.token, RECORDS, { code: bo.code, first: 1, after }), bo);
    const several = `query ($codes: [String!]!, $after: String) {
      recordsOfSeveral(codes: $codes, purpose: TREAT, first: 1, after: $after) { result { ${RECORD_PAGE} } }
    }`;
    await refused(() => api.post(zhao.token, several, { codes: [bo.code], after }), bo);
  });

  it('stops working when the consent is revoked, in the middle of a page', async () => {
    const resident = await cast.resident();
    for (let i = 0; i < 3; i++) await cast.record(lin, resident);
    const consent = await cast.grant(resident, west);
    await noteStream(resident);
    const after = await cursorOf(zhao.token, resident);
    const next = () => api.post(zhao.token, RECORDS, { code: resident.code, first: 1, after });
    expect(nodesOf(page(only(await next())))).toHaveLength(1);
    await cast.revoke(resident, consent);
    await refused(next, resident, 'no-consent');
    await cast.grant(resident, west, { categories: ['IMAGING'] });
    expect(page(only(await next()))).toMatchObject({ totalCount: 0, edges: [] });
  });

  it('cannot be made', async () => {
    const cursor = await cursorOf(zhao.token, ann);
    const flipped = `${cursor.slice(0, -2)}${cursor.at(-2) === 'A' ? 'B' : 'A'}${cursor.slice(-1)}`;
    const record = await idOf(zhao.token, ann);
    for (const after of [flipped, cursor.slice(4), record, '2024-03-02', 'MTA=']) {
      await refused(() => api.post(zhao.token, RECORDS, { code: ann.code, first: 1, after }), ann);
    }
  });

  it('of a trail is the reader’s own, for that filter', async () => {
    const cut = (token: string, filter: Variables, after?: string) => () =>
      api.post(token, TRAIL, { filter, first: 1, ...(after === undefined ? {} : { after }) });
    const filter = { code: ann.code };
    const after = page(only(await cut(cast.regulator, filter)())).pageInfo.endCursor ?? '';
    expect(nodesOf(page(only(await cut(cast.regulator, filter, after)())))).toHaveLength(1);
    const colleague = await api.mint({ role: 'regulator', subject: 'regulator-2', organisation: cast.operator });
    await refused(cut(colleague, filter, after), ann);
    await refused(cut(cast.regulator, { code: bo.code }, after), bo);
    await refused(cut(cast.regulator, { ...filter, purpose: 'TREAT' }, after), ann);
  });

  it('of the own log or consents is of no use to another resident', async () => {
    const log = `query ($after: String) { me { accessLog(first: 1, after: $after) { __typename ... on Refusal { code message }
      ... on TrailEntryConnection { pageInfo { endCursor } } } } }`;
    const mine = only(await api.post(ann.token, log)) as unknown as {
      accessLog: { pageInfo: { endCursor: string } };
    };
    await refused(() => api.post(bo.token, log, { after: mine.accessLog.pageInfo.endCursor }), bo);

    const consents = `query ($after: String) { me { consents(first: 1, after: $after) { __typename ... on Refusal { code }
      ... on ConsentConnection { pageInfo { endCursor } } } } }`;
    const given = only(await api.post(ann.token, consents)) as unknown as {
      consents: { pageInfo: { endCursor: string } };
    };
    const after = given.consents.pageInfo.endCursor;
    expect(only(await api.post(ann.token, consents, { after }))).toMatchObject({
      consents: { __typename: 'ConsentConnection' },
    });
    expect(only(await api.post(bo.token, consents, { after }))).toEqual({
      consents: { __typename: 'Refusal', code: 'NOT_AVAILABLE' },
    });
  });
});

describe('the log', () => {
  it('names a person and an organisation for every access by others, and shows the refused ones to the resident', async () => {
    const me = only(await api.post(ann.token, MY_LOG)) as unknown as { accessLog: unknown };
    const entries = nodesOf(page<Record<string, { id: string; name: string | null } | string>>(me.accessLog));
    const others = entries.filter(({ actorKind }) => actorKind !== 'RESIDENT');
    expect(new Set(others.map(({ kind }) => kind))).toEqual(new Set(['PERMITTED', 'DENIED', 'LOG_READ']));
    for (const { actor, actorKind, organisation } of others) {
      expect(organisation).toMatchObject({ id: expect.stringMatching(/^.{22}$/), name: expect.any(String) });
      const named = actorKind === 'PRACTITIONER' ? expect.stringContaining('Doctor') : null;
      expect(actor).toMatchObject({ id: expect.stringMatching(/^.{22}$/), name: named });
    }
  });
});
