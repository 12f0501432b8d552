import { describe, expect, it } from 'vitest';
import { refusal } from '../../src/app/outcome.ts';
import { Malformed } from '../../src/kernel/fault.ts';
import { LedgerBusy } from '../../src/ledger/faults.ts';
import { testApi } from '../support/graphql-api.ts';

const records = (args: string): string =>
  `records(code: "c", purpose: TREAT${args}) { __typename ... on RecordConnection { totalCount edges { node { title custodian { name } } } } }`;

describe('each occurrence of a field is a call of its own', () => {
  it('under each alias, also with the same arguments', async () => {
    const api = await testApi();
    const { errors } = await api.post(
      'practitioner',
      `{ a: ${records('')} b: ${records('')} c: ${records(', first: 3')} }`,
    );
    expect(errors).toEqual([]);
    expect(api.platform.calls.map(({ operation, input }) => [operation, (input as { first: number }).first])).toEqual([
      ['openRecords', 20],
      ['openRecords', 20],
      ['openRecords', 3],
    ]);
  });

  it('but the same field written twice, or spread from fragments, is one occurrence (GraphQL merges it)', async () => {
    const api = await testApi();
    const query = `{ ${records('')} ${records('')} ...F } fragment F on Query { ${records('')} }`;
    expect((await api.post('practitioner', query)).errors).toEqual([]);
    expect(api.platform.calls).toHaveLength(1);
  });

  it('and in each request', async () => {
    const api = await testApi();
    for (let i = 0; i < 3; i++)
      await api.post('practitioner', `{ ${records('')} }`, {}, { 'x-request-id': 'the-same-id' });
    expect(api.platform.calls).toHaveLength(3);
  });

  it('so one that is skipped is no call', async () => {
    const api = await testApi();
    const query = `query ($no: Boolean!) { a: ${records('').replace(' {', ' @include(if: $no) {')} b: ${records('').replace(' {', ' @skip(if: true) {')} }`;
    expect((await api.post('practitioner', query, { no: false })).data).toEqual({});
    expect(api.platform.calls).toEqual([]);
  });

  it('while the fields below it, and what groups fields, call nothing', async () => {
    const api = await testApi();
    const below =
      'edges { node { id index category custodian { id name } author { id name } period { from to } title } cursor }';
    const deep = `me { records { ... on RecordConnection { ${below} again: ${below} pageInfo { endCursor } totalCount } } }`;
    expect((await api.post('resident', `{ ${deep} }`)).errors).toEqual([]);
    expect(api.platform.calls.map(({ operation }) => operation)).toEqual(['myRecords']);
    const { data } = await api.post('resident', '{ me { __typename } a: me { __typename } __typename }');
    expect(data).toEqual({ me: { __typename: 'Me' }, a: { __typename: 'Me' }, __typename: 'Query' });
    expect(api.platform.calls).toHaveLength(1);
  });
});

describe('commands of one request', () => {
  it('run one after the other, in the order written, each under its own requestId', async () => {
    const api = await testApi();
    const running: string[] = [];
    api.platform.on('resumeCode', async ({ code }: { code: string }) => {
      running.push(`begin ${code}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running.push(`end ${code}`);
      return { kind: 'done', value: {} };
    });
    const query = `mutation {
      first: resumeCode(requestId: "request-1", input: { code: "a" }) { __typename }
      second: resumeCode(requestId: "request-2", input: { code: "b" }) { __typename }
    }`;
    expect((await api.post('issuer', query)).errors).toEqual([]);
    expect(running).toEqual(['begin a', 'end a', 'begin b', 'end b']);
    expect(api.platform.calls.map(({ requestId }) => requestId)).toEqual(['request-1', 'request-2']);
  });

  it('do not undo each other: a fault of one leaves the answer of the others', async () => {
    const api = await testApi();
    api.platform.on('resumeCode', async ({ code }: { code: string }) => {
      if (code === 'b') throw new LedgerBusy(10);
      return { kind: 'done', value: {} };
    });
    const part = (code: string): string =>
      `${code}: resumeCode(requestId: "request-${code}", input: { code: "${code}" }) { __typename }`;
    const { status, data, errors } = await api.post('issuer', `mutation { ${part('a')} ${part('b')} ${part('c')} }`);
    expect(status).toBe(200);
    expect(data).toEqual({ a: { __typename: 'Receipt' }, b: null, c: { __typename: 'Receipt' } });
    expect(errors).toMatchObject([{ path: ['b'], extensions: { code: 'BUSY', retryAfterMs: 10 } }]);
  });

  it.each(['short', 'a'.repeat(65), 'with space', 'ümlaut-12', '', 'new\nline-1', '12345678\n'])(
    'under the requestId %j are refused before the platform hears of them',
    async (requestId) => {
      const api = await testApi();
      const query = 'mutation ($r: String!) { resumeCode(requestId: $r, input: {}) { __typename } }';
      const { data, errors } = await api.post('issuer', query, { r: requestId });
      expect(data).toEqual({ resumeCode: null });
      expect(errors[0]?.extensions).toEqual({ code: 'BAD_INPUT', path: 'requestId' });
      expect(api.platform.calls).toEqual([]);
    },
  );
});

describe('several codes', () => {
  const QUERY = `query ($codes: [String!]!) {
    recordsOfSeveral(codes: $codes, purpose: TREAT, first: 5) {
      code
      result { __typename ... on Refusal { code } ... on RecordConnection { totalCount } }
    }
  }`;

  it('are asked one by one, in order, the same code as often as it is given', async () => {
    const api = await testApi();
    const { errors, data } = await api.post('practitioner', QUERY, { codes: ['b', 'a', 'b'] });
    expect(errors).toEqual([]);
    expect(api.platform.calls.map(({ input }) => input)).toEqual([
      { code: 'b', purpose: 'TREAT', first: 5 },
      { code: 'a', purpose: 'TREAT', first: 5 },
      { code: 'b', purpose: 'TREAT', first: 5 },
    ]);
    expect(data.recordsOfSeveral.map(({ code }: { code: string }) => code)).toEqual(['b', 'a', 'b']);
  });

  it('do not touch each other: neither by a refusal nor by a fault', async () => {
    const api = await testApi();
    api.platform.on('openRecords', async ({ code }: { code: string }) => {
      if (code === 'no') return refusal('not-available');
      if (code === 'busy') throw new LedgerBusy(7);
      if (code === 'bug') throw new Error('PLANTED');
      if (code === 'bad') throw new Malformed('input.code', 'not so');
      return { kind: 'done', value: { event: 'e', records: [], hasNextPage: false, endCursor: null, total: 0 } };
    });
    const { status, data, errors } = await api.post('practitioner', QUERY, {
      codes: ['no', 'a', 'busy', 'bug', 'bad', 'z'],
    });
    expect(status).toBe(200);
    expect(data.recordsOfSeveral).toEqual([
      { code: 'no', result: { __typename: 'Refusal', code: 'NOT_AVAILABLE' } },
      { code: 'a', result: { __typename: 'RecordConnection', totalCount: 0 } },
      { code: 'busy', result: null },
      { code: 'bug', result: null },
      { code: 'bad', result: null },
      { code: 'z', result: { __typename: 'RecordConnection', totalCount: 0 } },
    ]);
    const told = errors.map(({ path, extensions }) => [path?.[1], extensions.code]);
    expect(told.sort()).toEqual([
      [2, 'BUSY'],
      [3, 'INTERNAL'],
      [4, 'BAD_INPUT'],
    ]);
    expect(api.counts()).toMatchObject({ BUSY: 1, INTERNAL: 1, BAD_INPUT: 1 });
  });

  it.each([[[]], [Array(21).fill('c')]])('must be 1 to 20', async (codes) => {
    const api = await testApi();
    const { data, errors } = await api.post('practitioner', QUERY, { codes });
    expect(data).toEqual({ recordsOfSeveral: null });
    expect(errors[0]?.extensions).toEqual({ code: 'BAD_INPUT', path: 'codes' });
    expect(api.platform.calls).toEqual([]);
  });
});

describe('a page', () => {
  it('says where it stands, and that a cursor was given', async () => {
    const api = await testApi();
    const query = (after: string): string =>
      `{ me { records(first: 2${after}) { ... on RecordConnection { totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor } } } } }`;
    const first = await api.post('resident', query(''));
    expect(first.data.me.records).toEqual({
      totalCount: 7,
      pageInfo: { hasNextPage: true, hasPreviousPage: false, startCursor: 'cursor-1', endCursor: 'cursor-2' },
      edges: [{ cursor: 'cursor-1' }, { cursor: 'cursor-2' }],
    });
    const second = await api.post('resident', query(', after: "cursor-2"'));
    expect(second.data.me.records.pageInfo.hasPreviousPage).toBe(true);
    expect(api.platform.calls.map(({ input }) => input)).toEqual([{ first: 2 }, { first: 2, after: 'cursor-2' }]);
  });

  it('without rows has no cursor', async () => {
    const api = await testApi();
    api.platform.on('myRecords', async () => ({
      kind: 'done',
      value: { event: 'e', records: [], hasNextPage: false, endCursor: null, total: 0 },
    }));
    const { data } = await api.post(
      'resident',
      '{ me { records { ... on RecordConnection { edges { cursor } pageInfo { startCursor endCursor } } } } }',
    );
    expect(data.me.records).toEqual({ edges: [], pageInfo: { startCursor: null, endCursor: null } });
  });
});

describe('what comes with a request', () => {
  it('reaches the platform: who asks, by which request, on which channel, at which step', async () => {
    const api = await testApi();
    const headers = { 'x-request-id': 'trace.id_1-x', 'x-channel': '0300', 'x-care-step': '010101' };
    const { headers: answered } = await api.post('practitioner', `{ ${records('')} }`, {}, headers);
    expect(api.platform.calls[0]?.caller).toMatchObject({
      actor: { role: 'practitioner', subject: 'practitioner-1', until: '2026-11-22T03:34:05.000Z' },
      trace: 'trace.id_1-x',
      channel: '0300',
      careStep: '010101',
    });
    expect(answered.get('x-request-id')).toBe('trace.id_1-x');
  });

  it('gets an id when it has none: the same in the answer and at the platform, another for each request', async () => {
    const api = await testApi();
    const ids = [];
    for (let i = 0; i < 2; i++)
      ids.push((await api.post('practitioner', `{ ${records('')} }`)).headers.get('x-request-id'));
    expect(ids[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(ids[0]).not.toBe(ids[1]);
    expect(api.platform.calls.map(({ caller }) => caller.trace)).toEqual(ids);
    expect(Object.keys(api.platform.calls[0]?.caller ?? {}).sort()).toEqual(['actor', 'trace']);
  });
});
