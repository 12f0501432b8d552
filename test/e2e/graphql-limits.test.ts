import { getIntrospectionQuery } from 'graphql';
import { describe, expect, it } from 'vitest';
import { MAX_COST } from '../../src/graphql/cost.ts';
import {
  MAX_ALIASES,
  MAX_DEPTH,
  MAX_DIRECTIVES,
  MAX_DOCUMENT_LETTERS,
  MAX_TOKENS,
} from '../../src/graphql/document-limits.ts';
import { testApi } from '../support/graphql-api.ts';

const VERIFY = 'verifyCode(code: "c") { __typename }';

describe('a document that asks too much at once', () => {
  const repeated = (n: number, part: (i: number) => string): string =>
    Array.from({ length: n }, (_, i) => part(i)).join(' ');

  it.each([
    ['depth', `{ ${'a { '.repeat(MAX_DEPTH)} a ${'}'.repeat(MAX_DEPTH)} }`],
    ['aliases', `{ ${repeated(MAX_ALIASES + 1, (i) => `a${i}: ${VERIFY}`)} }`],
    ['tokens', `{ ${'__typename '.repeat(MAX_TOKENS)} }`],
    ['directives', `{ __typename ${'@skip(if: false) '.repeat(MAX_DIRECTIVES + 1)} }`],
    ['length', `{ __typename } ${'#'.repeat(MAX_DOCUMENT_LETTERS)}`],
    ['cost', `{ ${repeated(6, (i) => `a${i}: records(code: "c", purpose: TREAT, first: 200) { __typename }`)} }`],
  ])('in %s is LIMIT without retryAfterMs, whether or not it is valid, and calls nothing', async (_what, query) => {
    const api = await testApi();
    const { status, data, errors } = await api.post('practitioner', query);
    expect([status, data]).toEqual([400, undefined]);
    expect(errors.map(({ extensions }) => extensions)).toEqual([{ code: 'LIMIT' }]);
    expect(errors[0]?.message).not.toMatch(/Syntax Error/);
    expect(api.platform.calls).toEqual([]);
    expect(api.counts()).toMatchObject({ LIMIT: 1 });
  });

  it('has a limit that whole pages of every role stay below', async () => {
    expect(MAX_COST).toBeGreaterThan(20 * (10 + 20));
    const api = await testApi();
    const codes = Array.from({ length: 20 }, (_, i) => `"code-${i}"`).join(', ');
    const { errors } = await api.post(
      'practitioner',
      `{ recordsOfSeveral(codes: [${codes}], purpose: TREAT) { code } }`,
    );
    expect(errors).toEqual([]);
    expect(api.platform.calls).toHaveLength(20);
  });

  it('cannot hide in fragments of fragments', async () => {
    const api = await testApi();
    const links = 30;
    const bomb = repeated(links, (i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`);
    const { errors } = await api.post('practitioner', `{ ...F0 } ${bomb} fragment F${links} on Query { a: ${VERIFY} }`);
    expect(errors[0]?.extensions.code).toBe('LIMIT');
  });

  it('in a ring of fragments is refused', async () => {
    const api = await testApi();
    const query = `{ ...A } fragment A on Query { ...B ${VERIFY} } fragment B on Query { ...A }`;
    const { errors } = await api.post('practitioner', query);
    expect(errors[0]?.extensions.code).toBe('BAD_INPUT');
    expect(api.platform.calls).toEqual([]);
  });
});

describe('introspection', () => {
  it('is answered in development, whole', async () => {
    const api = await testApi({ development: true });
    const { data, errors } = await api.post(
      'resident',
      getIntrospectionQuery({ descriptions: true, inputValueDeprecation: true }),
    );
    expect(errors).toEqual([]);
    expect(data.__schema.queryType.name).toBe('Query');
  });

  it.each([
    ['__schema', '{ __schema { queryType { name } } }'],
    ['__type', '{ __type(name: "Query") { name } }'],
    ['an alias', '{ a: __schema { queryType { name } } }'],
    ['a fragment', '{ ...F } fragment F on Query { __schema { queryType { name } } }'],
  ])('by %s is refused elsewhere, and a misspelt field suggests none', async (_what, query) => {
    const api = await testApi({ development: false });
    const { status, data, errors } = await api.post('resident', query);
    expect([status, data, errors[0]?.extensions.code]).toEqual([400, undefined, 'BAD_INPUT']);
    const misspelt = await api.post('resident', '{ polici { hash } }');
    expect(misspelt.text).not.toContain('Did you mean');
    expect((await api.post('resident', '{ __typename policy { __typename } }')).data.policy.__typename).toBe('Policy');
  });

  it('does not stop a misspelt field from being explained in development', async () => {
    const api = await testApi({ development: true });
    expect((await api.post('resident', '{ polici { hash } }')).text).toContain('Did you mean');
  });
});

describe('the rate', () => {
  it('is that of one actor for one purpose: beyond it LIMIT with retryAfterMs, before the platform, for this field alone', async () => {
    const api = await testApi({ ratePerMinute: 3 });
    const read = (purpose: string): string => `records(code: "c", purpose: ${purpose}) { __typename }`;
    const query = `{ a: ${read('TREAT')} b: ${read('TREAT')} c: ${read('TREAT')} d: ${read('TREAT')} e: ${read('CAREMGT')} }`;
    const { status, data, errors } = await api.post('practitioner', query);
    expect(status).toBe(200);
    expect(
      Object.entries(data)
        .filter(([, value]) => value === null)
        .map(([name]) => name),
    ).toEqual(['d']);
    expect(errors).toMatchObject([{ path: ['d'], extensions: { code: 'LIMIT' } }]);
    const retryAfterMs = errors[0]?.extensions.retryAfterMs;
    expect(retryAfterMs).toBeGreaterThan(0);
    expect(retryAfterMs).toBeLessThanOrEqual(60_000);
    expect(api.platform.calls).toHaveLength(4);
    expect(api.counts()).toMatchObject({ LIMIT: 1 });
  });

  it('of others is not touched', async () => {
    const api = await testApi({ ratePerMinute: 1 });
    const query = '{ me { profile { __typename } } }';
    const code = async (role: 'resident' | 'practitioner') => (await api.post(role, query)).errors[0]?.extensions.code;
    expect([await code('resident'), await code('resident'), await code('practitioner')]).toEqual([
      undefined,
      'LIMIT',
      undefined,
    ]);
  });

  it('counts each of several codes', async () => {
    const api = await testApi({ ratePerMinute: 3 });
    const query = 'query ($c: [String!]!) { recordsOfSeveral(codes: $c, purpose: TREAT) { code } }';
    expect((await api.post('practitioner', query, { c: ['a', 'b', 'c', 'd'] })).errors[0]?.extensions.code).toBe(
      'LIMIT',
    );
    expect(api.platform.calls).toEqual([]);
  });

  it('logs that it was passed, and not by whom', async () => {
    const api = await testApi({ ratePerMinute: 1 });
    for (let i = 0; i < 2; i++) await api.post('resident', '{ policy { hash } }', {}, { 'x-request-id': 'request-42' });
    const logged = api.lines.filter(({ message }) => message === 'limit');
    expect(logged.map(({ fields }) => fields)).toEqual([{ requestId: 'request-42', code: 'LIMIT' }]);
  });
});
