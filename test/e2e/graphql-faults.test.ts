import { describe, expect, it } from 'vitest';
import { Malformed } from '../../src/kernel/fault.ts';
import {
  AppendTooLarge,
  AppendUnknown,
  LedgerBusy,
  LedgerCorrupt,
  LedgerUnavailable,
} from '../../src/ledger/faults.ts';
import { testApi } from '../support/graphql-api.ts';

const REVOKE = 'mutation { revokeConsent(requestId: "request-1", input: { consentId: "x" }) { __typename } }';
const PROFILE = '{ me { profile { __typename } } }';

describe('a fault of a field', () => {
  it.each([
    ['BUSY', new LedgerBusy(350), { retryAfterMs: 350 }],
    ['UNKNOWN_OUTCOME', new AppendUnknown(new Error('PLANTED')), {}],
    ['UNAVAILABLE', new LedgerUnavailable(new Error('PLANTED')), {}],
    ['TOO_LARGE', new AppendTooLarge('9 MiB'), {}],
    ['BAD_INPUT', new Malformed('input.consentId', 'not id16'), { path: 'input.consentId' }],
  ])('is told as %s, and everything else of the answer stands', async (code, error, extensions) => {
    const api = await testApi();
    api.platform.on('revokeConsent', () => Promise.reject(error));
    const { status, data, errors } = await api.post('resident', REVOKE);
    expect([status, data]).toEqual([200, { revokeConsent: null }]);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({ path: ['revokeConsent'] });
    expect(errors[0]?.extensions).toEqual({ code, ...extensions });
    expect(api.counts()).toMatchObject({ [code]: 1 });
  });

  it.each([
    ['a bug', new TypeError('cannot read PLANTED')],
    ['what is no error', 'PLANTED'],
    ['a contradiction in the ledger', new LedgerCorrupt('x')],
    ['a driver’s error', Object.assign(new Error('Key (name)=(PLANTED)'), { code: '23505', detail: 'PLANTED' })],
    ['stored bytes that do not parse', new Malformed('record.registered@1 personal', 'PLANTED')],
    ['many errors at once', new AggregateError([new Error('PLANTED')], 'PLANTED')],
  ])(
    'that is %s is INTERNAL: its correlationId finds it in the log, and neither tells what it says',
    async (_what, error) => {
      const api = await testApi();
      api.platform.on('myProfile', () => Promise.reject(error));
      const { status, data, errors, text, headers } = await api.post(
        'resident',
        PROFILE,
        {},
        { 'x-request-id': 'request-77' },
      );
      expect([status, data]).toEqual([200, { me: { profile: null } }]);
      expect(errors[0]?.extensions).toEqual({ code: 'INTERNAL', correlationId: 'request-77' });
      expect(text).not.toContain('PLANTED');
      expect(headers.get('x-request-id')).toBe('request-77');
      const logged = api.lines.filter(({ level }) => level === 'error');
      expect(logged).toHaveLength(1);
      expect(logged[0]?.fields.requestId).toBe('request-77');
      if (!(error instanceof Malformed)) expect(JSON.stringify(api.lines)).not.toContain('PLANTED');
      expect(api.counts()).toMatchObject({ INTERNAL: 1 });
    },
  );

  it('below a call, such as a value that its type does not know, is masked, logged and counted too', async () => {
    const api = await testApi();
    const page = { event: 'e', hasNextPage: false, endCursor: null, total: 0 };
    const planted = { cursor: 'PLANTED', title: 'PLANTED', category: 'PLANTED', index: 'EMR' };
    api.platform.on('myRecords', async () => ({ kind: 'done', value: { ...page, records: [planted] } }));
    const query =
      '{ me { records { __typename ... on RecordConnection { edges { node { category custodian { id } } } } } } }';
    const { status, data, errors, text } = await api.post('resident', query);
    expect([status, data]).toEqual([200, { me: { records: null } }]);
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['INTERNAL']);
    expect(text).not.toContain('PLANTED');
    expect(JSON.stringify(api.lines)).not.toContain('PLANTED');
    expect(api.counts()).toMatchObject({ INTERNAL: 1 });
  });

  it('of an open field without a union is told like any other', async () => {
    const api = await testApi();
    api.platform.on('policy', () => Promise.reject(new LedgerUnavailable(new Error('x'))));
    const { data, errors } = await api.post(
      'resident',
      '{ policy { hash } institution(id: "AAAAAAAAAAAAAAAAAAAAAA") { name } }',
    );
    expect(data).toEqual({ policy: null, institution: { name: 'Hospital A' } });
    expect(errors).toMatchObject([{ path: ['policy'], extensions: { code: 'UNAVAILABLE' } }]);
  });
});

describe('a null that a variable brings where none may stand', () => {
  it.each([
    ['an argument', 'query ($c: String = "c") { verifyCode(code: $c) { __typename } }', { c: null }, 'code'],
    ['a directive', 'query ($b: Boolean = true) { me @skip(if: $b) { __typename } }', { b: null }, 'if'],
  ])('for %s is BAD_INPUT', async (_what, query, variables, path) => {
    const api = await testApi();
    const { status, data, errors } = await api.post('practitioner', query, variables);
    expect(errors[0]?.extensions).toEqual({ code: 'BAD_INPUT', path });
    expect([status, data]).toEqual([400, undefined]);
    expect(api.platform.calls).toEqual([]);
  });
});

describe('text that no store has one form for', () => {
  it.each(['\ud800', 'a\udc00', '\u0000', 'a\u0000b'])(
    '%j is BAD_INPUT as a variable, and not repeated',
    async (bad) => {
      const api = await testApi();
      const read = await api.post('practitioner', 'query ($c: String!) { verifyCode(code: $c) { __typename } }', {
        c: `PLANTED${bad}`,
      });
      expect(read.errors[0]?.extensions).toEqual({ code: 'BAD_INPUT', path: 'code' });
      const input = { documents: [{ type: '01', number: `PLANTED${bad}` }] };
      const query = 'mutation ($i: IssueCodeInput!) { issueCode(requestId: "request-1", input: $i) { __typename } }';
      const written = await api.post('issuer', query, { i: input });
      expect(written.errors[0]?.extensions).toEqual({ code: 'BAD_INPUT', path: 'input.documents[0].number' });
      expect(read.text + written.text).not.toContain('PLANTED');
      expect(api.platform.calls).toEqual([]);
    },
  );

  it.each(['"\\uD800"', '"\\u0000"', '"\\u{0}"', '"\\u{D800}"'])(
    '%s is BAD_INPUT inside a document',
    async (literal) => {
      const api = await testApi();
      const { errors } = await api.post('practitioner', `{ verifyCode(code: ${literal}) { __typename } }`);
      expect(errors[0]?.extensions.code).toBe('BAD_INPUT');
      expect(api.platform.calls).toEqual([]);
    },
  );
});

describe('a document that is not valid', () => {
  it('is told with its places, at most five, and none of its values', async () => {
    const api = await testApi();
    const query = '{ verifyCode(code: 11010519491231) { __typename } a b c d e f }';
    const { status, data, errors, text } = await api.post('practitioner', query);
    expect([status, data]).toEqual([400, undefined]);
    expect(errors).toHaveLength(5);
    expect(errors.every(({ extensions }) => extensions.code === 'BAD_INPUT')).toBe(true);
    expect(text).toContain('"locations"');
    expect(text).not.toContain('1101');
    expect(api.platform.calls).toEqual([]);
  });

  it.each([
    ['{ records(code: "c", purpose: SNOOP) { __typename } }', 'SNOOP'],
    ['{ records(code: "c", purpose: "PLANTED") { __typename } }', 'PLANTED'],
    ['{ trail(filter: { code: ["PLANTED"] }) { __typename } }', 'PLANTED'],
    ['{ trail(filter: { from: "PLANTED" }) { __typename } }', 'PLANTED'],
    ['{ records(code: "c", purpose: TREAT, first: 99999999999) { __typename } }', '99999999999'],
    ['query ($p: Purpose = PLANTED) { records(code: "c", purpose: $p) { __typename } }', 'PLANTED'],
  ])('%s does not have its value repeated', async (query, value) => {
    const api = await testApi();
    const { errors, text } = await api.post('practitioner', query);
    expect(errors[0]?.extensions.code).toBe('BAD_INPUT');
    expect(text).not.toContain(value);
  });

  it('is refused again and again alike: an error is not remembered for another request', async () => {
    const api = await testApi();
    const query =
      'query ($n: Int) { a: records(code: "c", purpose: TREAT, first: $n) { __typename } b: records(code: "c", purpose: TREAT, first: $n) { __typename } c: records(code: "c", purpose: TREAT, first: $n) { __typename } }';
    const ask = async (n: number) => (await api.post('practitioner', query, { n })).errors[0]?.extensions.code;
    expect([await ask(1000), await ask(3), await ask(1000), await ask(3)]).toEqual([
      'LIMIT',
      undefined,
      'LIMIT',
      undefined,
    ]);
    const bad = async () => (await api.post('practitioner', '{ nothing }')).errors[0]?.message;
    expect(await bad()).toBe(await bad());
  });
});
