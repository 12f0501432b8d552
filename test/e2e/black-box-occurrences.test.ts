import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type ApiUnderTest, nodesOf, only, openApi, page, type Written } from '../support/api.ts';
import {
  type Cast,
  castOf,
  type Doctor,
  MY_LOG,
  RECORD_PAGE,
  RECORDS,
  type Resident,
  TRAIL_PAGE,
  type TrailNode,
} from '../support/cast.ts';

let api: ApiUnderTest;
let cast: Cast;
let zhao: Doctor;
let open: Resident;
let hidden: Resident;
beforeAll(async () => {
  api = await openApi();
  cast = await castOf(api);
  const lin = await cast.doctor(await cast.hospital());
  zhao = await cast.doctor(await cast.hospital());
  open = await cast.resident();
  hidden = await cast.resident();
  await cast.record(lin, open);
  await cast.record(lin, hidden);
  await cast.grant(open, zhao.hospital);
});
afterAll(() => api.close());

const kinds = (events: readonly Written[]): string[] => events.map(({ type }) => type).sort();
const [PERMITTED, DENIED, MISSED] = ['access.permitted@1', 'access.denied@1', 'access.missed@1'];
const REFUSED = { __typename: 'Refusal', code: 'NOT_AVAILABLE' };
const ONE = '{ __typename ... on Refusal { code } ... on RecordConnection { totalCount event } }';
const ask = (query: string, variables: object = {}) =>
  api.written(() => api.post(zhao.token, query, { open: open.code, hidden: hidden.code, ...variables }));
const HEAD = 'query ($open: String!, $hidden: String!)';

describe('each occurrence of a gated field is decided, logged and answered by itself', () => {
  it('under aliases', async () => {
    const { answer, events } = await ask(`${HEAD} {
      a: records(code: $open, purpose: TREAT) ${ONE}
      b: records(code: $open, purpose: TREAT) ${ONE}
      c: records(code: $hidden, purpose: TREAT) ${ONE}
      d: records(code: "nobody-has-this", purpose: TREAT) ${ONE}
      e: records(code: $open, purpose: HRESCH) ${ONE}
    }`);
    expect(kinds(events)).toEqual([DENIED, DENIED, MISSED, PERMITTED, PERMITTED]);
    const { a, b, c, d, e } = answer.data as Record<string, Answer>;
    expect([a?.totalCount, b?.totalCount, c, d, e]).toEqual([1, 1, REFUSED, REFUSED, REFUSED]);
    expect(a?.event).not.toBe(b?.event);
  });

  it('in fragments, named and inline, however deep', async () => {
    const { answer, events } = await ask(`${HEAD} { ...All ... on Query { ...More } }
      fragment All on Query { a: records(code: $hidden, purpose: TREAT) ${ONE} ...More }
      fragment More on Query { ... { b: records(code: $hidden, purpose: TREAT) { ...Said } } c: records(code: $open, purpose: TREAT) { ...Said } }
      fragment Said on RecordsResult { __typename ... on Refusal { code } ... on RecordConnection { totalCount } }`);
    expect(kinds(events)).toEqual([DENIED, DENIED, PERMITTED]);
    const { a, b, c } = answer.data as Record<string, Answer>;
    expect([a, b, c?.totalCount]).toEqual([REFUSED, REFUSED, 1]);
  });

  it('in a list of codes, in the order given, one refusal failing none of the others', async () => {
    const codes = [hidden.code, open.code, 'nobody-has-this', open.code];
    const { answer, events } = await api.written(() =>
      api.post(
        zhao.token,
        `query ($codes: [String!]!) { recordsOfSeveral(codes: $codes, purpose: TREAT) { code result ${ONE} } }`,
        { codes },
      ),
    );
    expect(events.map(({ type }) => type)).toEqual([DENIED, PERMITTED, MISSED, PERMITTED]);
    const all = Object.values(answer.data ?? {})[0] as unknown as { code: string; result: Answer }[];
    expect(all.map(({ code }) => code)).toEqual(codes);
    expect(all.map(({ result }) => result.totalCount ?? result.code)).toEqual(['NOT_AVAILABLE', 1, 'NOT_AVAILABLE', 1]);
  });

  it('on nested paths: every read below `me` is one, and `me` itself is none', async () => {
    const me = `me { __typename
      a: records ${ONE} b: records ${ONE} profile { __typename }
      accessLog { __typename } content(record: "none") { __typename ... on Refusal { code } } codes { __typename } }`;
    const { answer, events } = await api.written(() => api.post(open.token, `{ ${me} other: ${me} }`));
    expect(answer.errors).toEqual([]);
    const each = [DENIED, 'access.log-read@1', PERMITTED, PERMITTED, PERMITTED];
    // The same field under another name is another occurrence, and so is everything below it.
    expect(kinds(events)).toEqual([...each, ...each].sort());
    const none = await api.written(() => api.post(open.token, '{ me { __typename codes { __typename } } }'));
    expect(none.events).toEqual([]);
  });

  it('once where GraphQL merges it into one, and never where it is left out', async () => {
    const merged = await ask(`${HEAD} { records(code: $open, purpose: TREAT) { __typename }
      ...Again c: records(code: $hidden, purpose: TREAT) @skip(if: true) ${ONE} }
      fragment Again on Query { records(code: $open, purpose: TREAT) ${ONE} }`);
    expect(merged.answer.errors).toEqual([]);
    expect(kinds(merged.events)).toEqual([PERMITTED]);
    const named = await api.written(() =>
      fetch(api.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${zhao.token}` },
        body: JSON.stringify({
          query: `query A { records(code: "${open.code}", purpose: TREAT) ${ONE} } query B { verifyCode(code: "${open.code}") { __typename } }`,
          operationName: 'B',
        }),
      }),
    );
    expect(named.answer.status).toBe(200);
    expect(named.events).toMatchObject([{ type: PERMITTED, retained: { rule: 'code-shown' } }]);
  });

  it('though only a total or a type name is asked for, and says in the event what the answer told', async () => {
    for (const fields of ['{ __typename }', '{ ... on RecordConnection { totalCount } }']) {
      const { answer, events } = await ask(`${HEAD} { records(code: $open, purpose: TREAT, first: 1) ${fields}
        c: records(code: $hidden, purpose: TREAT, first: 1) ${fields} }`);
      expect(answer.errors).toEqual([]);
      expect(kinds(events)).toEqual([DENIED, PERMITTED]);
      const permitted = events.find(({ type }) => type === PERMITTED);
      expect(permitted?.retained).toMatchObject({ served: { count: 1, matched: 1 } });
    }
  });

  it('as often as it is asked, though the request bears the same X-Request-Id', async () => {
    const headers = { 'x-request-id': 'the-same-request' };
    const { answer, events } = await api.written(async () => [
      only(await api.post(zhao.token, RECORDS, { code: open.code }, headers)),
      only(await api.post(zhao.token, RECORDS, { code: open.code }, headers)),
    ]);
    expect(kinds(events)).toEqual([PERMITTED, PERMITTED]);
    const me = only(await api.post(open.token, MY_LOG)) as unknown as { accessLog: unknown };
    const traced = nodesOf(page<TrailNode>(me.accessLog)).filter(({ trace }) => trace === 'the-same-request');
    expect(traced.map(({ event }) => event).sort()).toEqual(answer.map(({ event }) => event).sort());
  });

  it('when a regulator reads a trail, which the resident then sees', async () => {
    const trail = `trail(filter: { code: $code }) { ${TRAIL_PAGE} }`;
    const { events } = await api.written(() =>
      api.post(cast.regulator, `query ($code: String!) { a: ${trail} b: ${trail} }`, { code: hidden.code }),
    );
    expect(kinds(events)).toEqual(['access.log-read@1', 'access.log-read@1']);
    const me = only(await api.post(hidden.token, MY_LOG)) as unknown as { accessLog: unknown };
    const reads = nodesOf(page<TrailNode>(me.accessLog)).filter(({ actorKind }) => actorKind === 'REGULATOR');
    expect(reads.map(({ kind }) => kind)).toEqual(['LOG_READ', 'LOG_READ']);
  });
});

describe('nothing is read by another way into the endpoint', () => {
  const body = () => JSON.stringify({ query: RECORDS, variables: { code: open.code } });
  const bearer = () => ({ authorization: `Bearer ${zhao.token}` });
  const json = { 'content-type': 'application/json' };
  const WAYS: readonly (readonly [string, () => Promise<Response>, number])[] = [
    ['GET', () => fetch(`${api.url}?query=${encodeURIComponent('{ policy { hash } }')}`, { headers: bearer() }), 405],
    [
      'a form',
      () =>
        fetch(api.url, {
          method: 'POST',
          headers: { ...bearer(), 'content-type': 'application/x-www-form-urlencoded' },
          body: new URLSearchParams({ query: RECORDS }),
        }),
      415,
    ],
    [
      'plain text',
      () => fetch(api.url, { method: 'POST', headers: { ...bearer(), 'content-type': 'text/plain' }, body: body() }),
      415,
    ],
    [
      'a list of operations',
      () => fetch(api.url, { method: 'POST', headers: { ...bearer(), ...json }, body: `[${body()},${body()}]` }),
      400,
    ],
    [
      'node(id)',
      () =>
        fetch(api.url, {
          method: 'POST',
          headers: { ...bearer(), ...json },
          body: JSON.stringify({ query: '{ node(id: "AAAAAAAAAAAAAAAAAAAAAA") { ... on Record { title } } }' }),
        }),
      400,
    ],
    [
      'a subscription',
      () =>
        fetch(api.url, {
          method: 'POST',
          headers: { ...bearer(), ...json },
          body: JSON.stringify({ query: 'subscription { records { __typename } }' }),
        }),
      400,
    ],
  ];

  it.each(WAYS)('%s', async (_way, send, status) => {
    const { answer, events } = await api.written(send);
    expect(answer.status).toBe(status);
    expect(await answer.text()).toMatch(/^\{"errors":\[\{"message":/);
    expect(events).toEqual([]);
  });

  it('more aliases, depth, tokens or cost than the limits, of which nothing is executed', async () => {
    const one = `records(code: "${open.code}", purpose: TREAT, first: 200) { ${RECORD_PAGE} }`;
    const documents = [
      `{ ${Array.from({ length: 31 }, (_, i) => `a${i}: records(code: "x", purpose: TREAT, first: 1) ${ONE}`).join(' ')} }`,
      `{ ${Array.from({ length: 6 }, (_, i) => `a${i}: ${one}`).join(' ')} }`,
      `{ ${'me { '.repeat(11)} __typename ${'} '.repeat(11)} }`,
      `{ ${'__typename '.repeat(2_001)} }`,
    ];
    for (const document of documents) {
      const { answer, events } = await api.written(() => api.post(zhao.token, document));
      expect([answer.status, answer.errors[0]?.extensions.code]).toEqual([400, 'LIMIT']);
      expect([answer.data, events]).toEqual([undefined, []]);
    }
  });
});
