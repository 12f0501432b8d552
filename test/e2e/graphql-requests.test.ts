import { describe, expect, it } from 'vitest';
import { mintDevelopmentToken } from '../../src/auth/development-token.ts';
import { MAX_BODY_BYTES } from '../../src/graphql/body.ts';
import { Malformed } from '../../src/kernel/fault.ts';
import { LedgerBusy } from '../../src/ledger/faults.ts';
import { DEVELOPMENT_KEY, posted, type TestApi, testApi, tokenOf } from '../support/graphql-api.ts';

const QUERY = '{ policy { hash } }';
const BODY = JSON.stringify({ query: QUERY });

async function send(
  api: TestApi,
  init: {
    method?: string;
    headers?: Record<string, string>;
    body?: string | Uint8Array | ReadableStream;
    token?: string | null;
  },
) {
  const token = init.token === undefined ? `Bearer ${await tokenOf('resident', api.clock)}` : init.token;
  const headers = {
    'content-type': 'application/json',
    ...(token === null ? {} : { authorization: token }),
    ...init.headers,
  };
  const method = init.method ?? 'POST';
  const body = method === 'GET' || method === 'HEAD' ? {} : { body: init.body ?? BODY, duplex: 'half' };
  return posted(await api.fetch({ method, headers, ...body } as RequestInit));
}

describe('a request without a valid token', () => {
  it.each([
    ['no header', async () => null, 'Bearer realm="health-record-ledger"'],
    ['another scheme', async () => 'Basic cmVzaWRlbnQ6cHc=', /error="invalid_token"/],
    ['no JWS', async () => 'Bearer opaque', /error="invalid_token"/],
    ['a JWS of somebody', async () => 'Bearer e30.e30.AAAA', /error="invalid_token"/],
    ['a huge token', async () => `Bearer ${'a'.repeat(9000)}.b.c`, /error="invalid_token"/],
    [
      'a signature of another key',
      async (api: TestApi) => {
        const token = await mintDevelopmentToken(
          new Uint8Array(32).fill(9),
          { role: 'resident', subject: 's', minutes: 5 },
          api.clock,
        );
        return `Bearer ${token}`;
      },
      /error="invalid_token"/,
    ],
    [
      'an expired one',
      async (api: TestApi) => {
        const token = await mintDevelopmentToken(
          DEVELOPMENT_KEY,
          { role: 'resident', subject: 's', minutes: 1 },
          api.clock,
        );
        api.clock.advance(60_000);
        return `Bearer ${token}`;
      },
      /error="invalid_token", error_description="the token has expired"/,
    ],
  ])('(%s) is 401 with a challenge, and nothing is looked up, parsed or executed', async (_what, token, challenge) => {
    const api = await testApi();
    const { status, headers, data, errors } = await send(api, { token: await token(api), body: 'not even JSON' });
    expect([status, data]).toEqual([401, undefined]);
    expect(errors.map(({ extensions }) => extensions)).toEqual([{ code: 'UNAUTHENTICATED' }]);
    expect(headers.get('www-authenticate')).toMatch(challenge);
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f]{32}$/);
    expect([api.platform.claims, api.platform.calls]).toEqual([[], []]);
  });

  it.each(['GET', 'PUT', 'DELETE', 'OPTIONS'])('is 401 however it comes, such as by %s', async (method) => {
    const { status } = await send(await testApi(), { method, token: null, headers: { 'content-type': 'text/plain' } });
    expect(status).toBe(401);
  });

  it('is 401 too when nobody is registered under it, or when no use case can read its claims', async () => {
    const api = await testApi();
    api.platform.onActorOf(async () => undefined);
    expect((await send(api, {})).status).toBe(401);
    api.platform.onActorOf(() => Promise.reject(new Malformed('document.issuer', 'is missing')));
    expect((await send(api, {})).status).toBe(401);
    expect(api.platform.calls).toEqual([]);
  });

  it('but one that nobody can check now is no 401', async () => {
    const api = await testApi();
    api.platform.onActorOf(() => Promise.reject(new LedgerBusy(1500)));
    const { status, headers, errors } = await send(api, {});
    expect([status, headers.get('retry-after')]).toEqual([503, '2']);
    expect(errors[0]?.extensions).toEqual({ code: 'BUSY', retryAfterMs: 1500 });
    api.platform.onActorOf(() => Promise.reject(new Error('PLANTED')));
    const bug = await send(api, {});
    expect([bug.status, bug.errors[0]?.extensions.code]).toEqual([500, 'INTERNAL']);
    expect(bug.text).not.toContain('PLANTED');
  });

  it.each(['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'via'])(
    'is also a development token that came through a proxy (%s)',
    async (name) => {
      const api = await testApi();
      expect((await send(api, { headers: { [name]: '10.0.0.1' } })).status).toBe(401);
      expect(api.platform.claims).toEqual([]);
    },
  );
});

describe('a request that came another way', () => {
  it.each(['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY'])('by %s is 405', async (method) => {
    const api = await testApi();
    const { status, headers, errors } = await send(api, { method });
    expect([status, headers.get('allow'), errors[0]?.extensions]).toEqual([
      405,
      'POST',
      { code: 'BAD_INPUT', path: 'method' },
    ]);
  });

  it('with its query in the URL executes nothing', async () => {
    const api = await testApi();
    const authorization = `Bearer ${await tokenOf('resident', api.clock)}`;
    const headers = { authorization, 'content-type': 'application/json', accept: 'application/json' };
    const response = await api.fetch({ method: 'GET', headers });
    expect(response.status).toBe(405);
    expect(api.platform.calls).toEqual([]);
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/graphql',
    'application/json; charset=utf-16',
    'application/json, text/plain',
    'application/json; x=y',
    'text/json',
    '',
  ])('as %j is 415', async (type) => {
    const api = await testApi();
    const { status, errors } = await send(api, { headers: { 'content-type': type } });
    expect([status, errors[0]?.extensions]).toEqual([415, { code: 'BAD_INPUT', path: 'content-type' }]);
    expect(api.platform.calls).toEqual([]);
  });

  it.each([
    'application/json',
    'Application/JSON',
    'application/json;charset=UTF-8',
    'application/json; charset="utf-8"',
  ])('as %j is served', async (type) => {
    expect((await send(await testApi(), { headers: { 'content-type': type } })).status).toBe(200);
  });

  it('compressed is 415', async () => {
    const { status } = await send(await testApi(), { headers: { 'content-encoding': 'gzip' } });
    expect(status).toBe(415);
  });

  it('from a page of another site gets no permission to read the answer', async () => {
    const api = await testApi();
    const { headers } = await send(api, { headers: { origin: 'https://evil.example' } });
    expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  });
});

describe('a header', () => {
  it.each([
    ['x-request-id', 'short'],
    ['x-request-id', 'with space'],
    ['x-request-id', 'a'.repeat(65)],
    ['x-channel', '300'],
    ['x-channel', '030a'],
    ['x-care-step', '10101'],
    ['x-care-step', '010101x'],
  ])('%s: %s is BAD_INPUT by name, and not repeated', async (name, value) => {
    const api = await testApi();
    const { status, errors, headers } = await send(api, { headers: { [name]: value } });
    expect([status, errors[0]?.extensions]).toEqual([400, { code: 'BAD_INPUT', path: name }]);
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f]{32}$/);
    expect(api.platform.calls).toEqual([]);
  });
});

describe('a body', () => {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

  it.each([
    ['nothing', '', 'body'],
    ['no JSON', '{', 'body'],
    ['two values', '{}{}', 'body'],
    ['a byte order mark', Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(BODY)]), 'body'],
    ['no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), 'body'],
    ['UTF-16', Buffer.from(BODY, 'utf16le'), 'body'],
    ['a text', '"x"', 'body'],
    ['null', 'null', 'body'],
    ['a number', '7', 'body'],
    ['a batch', `[${BODY},${BODY}]`, 'body'],
    ['an empty batch', '[]', 'body'],
    ['a member more', JSON.stringify({ query: QUERY, id: 7 }), 'body'],
    ['__proto__', '{"query":"{ __typename }","__proto__":{"x":1}}', 'body'],
    ['no query', '{}', 'query'],
    ['a query that is null', '{"query":null}', 'query'],
    ['a query that is a list', JSON.stringify({ query: [QUERY] }), 'query'],
    ['an operationName that is a number', JSON.stringify({ query: QUERY, operationName: 7 }), 'operationName'],
    ['variables that are a list', JSON.stringify({ query: QUERY, variables: [] }), 'variables'],
    ['variables that are a text', JSON.stringify({ query: QUERY, variables: '{}' }), 'variables'],
    ['extensions that are a text', JSON.stringify({ query: QUERY, extensions: 'x' }), 'extensions'],
    ['a query that is empty', '{"query":""}', 'query'],
    ['a query of a lone surrogate', '{"query":"{ policy { hash } } #\\ud800"}', 'query'],
    ['an operation that is not there', JSON.stringify({ query: QUERY, operationName: 'A' }), 'operationName'],
    ['a subscription', JSON.stringify({ query: 'subscription { a }' }), 'query'],
  ])('that is or has %s is BAD_INPUT', async (_what, body, path) => {
    const api = await testApi();
    const { status, data, errors } = await send(api, { body });
    expect([status, data]).toEqual([400, undefined]);
    expect(errors).toHaveLength(1);
    expect(errors[0]?.extensions).toEqual({ code: 'BAD_INPUT', path });
    expect(api.platform.calls).toEqual([]);
  });

  it('may name nulls where GraphQL over HTTP does, and extensions', async () => {
    const body = JSON.stringify({ query: QUERY, operationName: null, variables: null, extensions: { client: 'x' } });
    expect((await send(await testApi(), { body })).data).toEqual({ policy: { hash: 'cG9saWN5' } });
  });

  it('nested as deep as it will is read or refused, and crashes nothing', async () => {
    const api = await testApi();
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    const unused = await send(api, { body: `{"query":"${QUERY}","variables":{"x":${deep}}}` });
    expect([200, 400]).toContain(unused.status);
    const query = 'query ($f: TrailFilter) { trail(filter: $f) { __typename } }';
    const used = await send(api, { body: `{"query":${JSON.stringify(query)},"variables":{"f":${deep}}}` });
    expect([used.status, used.errors[0]?.extensions.code]).toEqual([400, 'BAD_INPUT']);
    const query2 = `{ trail(filter: ${'['.repeat(900)}${']'.repeat(900)}) { __typename } }`;
    expect((await send(api, { body: JSON.stringify({ query: query2 }) })).status).toBe(400);
    expect((await send(api, {})).status).toBe(200);
  });

  it('larger than the cap is TOO_LARGE, whatever length it says', async () => {
    const api = await testApi();
    const chunk = new Uint8Array(1024 * 1024).fill(0x20);
    let sent = 0;
    const endless = new ReadableStream({
      pull: (controller) => {
        sent += chunk.length;
        controller.enqueue(chunk);
      },
    });
    const streamed = await send(api, { body: endless });
    expect([streamed.status, streamed.errors[0]?.extensions]).toEqual([413, { code: 'TOO_LARGE' }]);
    expect(sent).toBeLessThan(MAX_BODY_BYTES + 8 * chunk.length);
    const declared = await send(api, { body: bytes(BODY), headers: { 'content-length': String(MAX_BODY_BYTES + 1) } });
    expect(declared.status).toBe(413);
    expect(api.platform.calls).toEqual([]);
  });

  it('below it is read whole, and its content arrives letter for letter', async () => {
    const api = await testApi();
    const content = `{"text":"${'心电图\\n'.repeat(300_000)}"}\u{1f9ec}`;
    const query =
      'mutation ($i: RegisterRecordInput!) { registerRecord(requestId: "request-1", input: $i) { __typename } }';
    const input = {
      code: 'c',
      index: 'EMR',
      category: 'IMAGING',
      period: { from: '2026-01-01', to: '2026-01-01' },
      type: 't',
      title: 't',
      at: '2026-11-22T03:04:05.678Z',
      sourceSystem: 's',
      sourceId: '1',
      mediaType: 'text/plain',
      content,
    };
    const token = `Bearer ${await tokenOf('system', api.clock)}`;
    const { errors } = await send(api, { token, body: JSON.stringify({ query, variables: { i: input } }) });
    expect(errors).toEqual([]);
    expect((api.platform.calls[0]?.input as { content?: string } | undefined)?.content === content).toBe(true);
  });
});

describe('an answer', () => {
  it('is kept by nobody, and is GraphQL’s own media type when that is asked for', async () => {
    const api = await testApi();
    const plain = await send(api, {});
    expect(plain.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(plain.headers.get('cache-control')).toBe('no-store');
    expect(plain.headers.get('x-content-type-options')).toBe('nosniff');
    for (const accept of [
      'application/graphql-response+json',
      'application/graphql-response+json, application/json;q=0.9',
    ]) {
      const own = await send(api, { headers: { accept } });
      expect(own.headers.get('content-type')).toBe('application/graphql-response+json; charset=utf-8');
    }
    for (const accept of ['text/event-stream', 'multipart/mixed', 'image/png', '']) {
      const other = await send(api, { headers: { accept } });
      expect([other.status, other.headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8']);
      expect(other.data).toEqual({ policy: { hash: 'cG9saWN5' } });
    }
  });
});

describe('GraphiQL', () => {
  const page = (api: TestApi): Promise<Response> => api.fetch({ method: 'GET', headers: { accept: 'text/html' } });

  it('is served in development, needs no other site, and holds no token', async () => {
    const response = await page(await testApi({ development: true }));
    const html = await response.text();
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html']);
    expect(html).toContain('Health Record Ledger');
    expect(html).not.toMatch(/unpkg\.com|eyJ[A-Za-z0-9_-]+\.eyJ/);
  });

  it('is not there elsewhere', async () => {
    const response = await page(await testApi({ development: false }));
    expect(response.status).toBe(401);
    expect(response.headers.get('content-type')).toMatch(/json/);
  });
});
