import { Agent, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { AuthMisconfigured } from '../../src/auth/faults.ts';
import { tokenVerifier } from '../../src/auth/verifier.ts';
import { MAX_BODY_BYTES } from '../../src/graphql/body.ts';
import { type ApiServer, type ApiServerOptions, createApiServer, type Readiness } from '../../src/graphql/server.ts';
import { type FakePlatform, fakePlatform } from '../support/fake-platform.ts';
import { DEVELOPMENT_KEY, keptLog, type LoggedLine, posted, tokenOf } from '../support/graphql-api.ts';
import { seededClock, seededEntropy } from '../support/seeded.ts';

const READY: Readiness = { ready: true, checks: { ledger: true, database: true, projectorLag: 0 } };
const clock = seededClock();

interface Running {
  readonly server: ApiServer;
  readonly platform: FakePlatform;
  readonly lines: LoggedLine[];
  readonly url: string;
}
const running: ApiServer[] = [];

async function start(options: Partial<ApiServerOptions> = {}, host = '127.0.0.1'): Promise<Running> {
  const platform = fakePlatform();
  const { log, lines } = keptLog();
  const verifier = await tokenVerifier({
    provider: undefined,
    host: '127.0.0.1',
    developmentKey: DEVELOPMENT_KEY,
    clock,
  });
  const server = createApiServer({
    platform,
    verifier,
    entropy: seededEntropy('server'),
    log,
    development: true,
    ratePerMinute: 1000,
    readiness: async () => READY,
    ...options,
  });
  running.push(server);
  return { server, platform, lines, url: await server.listen(0, host) };
}
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop(0)));
});

async function post(url: string, query = '{ policy { hash } }', headers: Record<string, string> = {}) {
  const authorization = `Bearer ${await tokenOf('resident', clock)}`;
  const all = { 'content-type': 'application/json', authorization, ...headers };
  return posted(await fetch(url, { method: 'POST', headers: all, body: JSON.stringify({ query }) }));
}

/** What a server answers to bytes that no HTTP library would send. */
function raw(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    let text = '';
    socket.setEncoding('utf8');
    socket.setTimeout(5_000, () => socket.destroy(new Error('no answer')));
    socket.on('data', (part: string) => {
      text += part;
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(text));
  });
}

describe('the server', () => {
  it('serves GraphQL on a free port of loopback, and its URL is the endpoint itself', async () => {
    const { server, url } = await start();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/graphql$/);
    expect(server.url).toBe(url);
    expect((await post(url)).data).toEqual({ policy: { hash: 'cG9saWN5' } });
  });

  it('says what it serves before it listens: nothing', async () => {
    const verifier = await tokenVerifier({ provider: undefined, host: '::1', developmentKey: DEVELOPMENT_KEY, clock });
    const server = createApiServer({
      platform: fakePlatform(),
      verifier,
      entropy: seededEntropy(),
      log: keptLog().log,
      development: false,
      ratePerMinute: 1,
      readiness: async () => READY,
    });
    expect(() => server.url).toThrow();
  });

  it('does not listen where others reach it while it takes development tokens', async () => {
    await expect(start({}, '0.0.0.0')).rejects.toThrow(AuthMisconfigured);
    const provider = { kind: 'provider' as const, verify: () => Promise.reject(new Error('never')) };
    const { url } = await start({ verifier: provider }, '0.0.0.0');
    expect(url).toMatch(/^http:\/\/0\.0\.0\.0:/);
  });

  it('does not listen twice on one port', async () => {
    const { url } = await start();
    const { server } = await start();
    await expect(server.listen(Number(new URL(url).port), '127.0.0.1')).rejects.toThrow();
  });

  it.each([
    '/',
    '/graphql/',
    '/graphqlx',
    '/GraphQL',
    '/health',
    '/health/ready/',
    '/health/live/../live',
    '/.env',
    '/graphql/%2e%2e',
    '//graphql',
  ])('has nothing at %s', async (path) => {
    const { url, platform } = await start();
    const { status, body } = await new Promise<{ status: number; body: string }>((resolve, reject) => {
      const { hostname, port } = new URL(url);
      const req = request({ hostname, port, path, method: 'POST' }, (res) => {
        let text = '';
        res.on('data', (part: Buffer) => {
          text += part.toString();
        });
        res.on('end', () => resolve({ status: res.statusCode ?? 0, body: text }));
      });
      req.on('error', reject);
      req.end('{}');
    });
    expect([status, JSON.parse(body).errors[0].extensions]).toEqual([404, { code: 'BAD_INPUT', path: 'path' }]);
    expect(platform.calls).toEqual([]);
  });
});

describe('health', () => {
  const get = async (url: string, path: string, init: RequestInit = {}) => {
    const response = await fetch(url.replace('/graphql', path), init);
    return { status: response.status, text: await response.text(), headers: response.headers };
  };

  it('is live without a token', async () => {
    const { url } = await start();
    const { status, text } = await get(url, '/health/live');
    expect([status, JSON.parse(text)]).toEqual([200, { live: true }]);
    expect((await get(url, '/health/live', { method: 'HEAD' })).status).toBe(200);
    const written = await get(url, '/health/live', { method: 'POST' });
    expect([written.status, written.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  it('is ready as its parts are, and not when nobody can tell', async () => {
    const unready: Readiness = { ready: false, checks: { ledger: true, database: false, projectorLag: null } };
    for (const [readiness, status, body] of [
      [async () => READY, 200, READY],
      [async () => unready, 503, unready],
      [() => Promise.reject(new Error('PLANTED')), 503, { ready: false }],
    ] as const) {
      const { url } = await start({ readiness });
      const answer = await get(url, '/health/ready');
      expect([answer.status, JSON.parse(answer.text)]).toEqual([status, body]);
      expect(answer.headers.get('cache-control')).toBe('no-store');
    }
  });
});

describe('a request line', () => {
  it('is logged with method, path, status, time and request id, and nothing that somebody typed', async () => {
    const { url, lines } = await start();
    await post(url, '{ verifyCode(code: "PLANTED") { __typename } }', {
      'x-request-id': 'request-1234',
      'user-agent': 'PLANTED',
    });
    await fetch(`${url}/PLANTED?code=PLANTED`, { headers: { 'x-request-id': 'PLANTED WITH SPACES' } });
    await expect.poll(() => lines.filter(({ message }) => message === 'request').length).toBe(2);
    const logged = lines.filter(({ message }) => message === 'request').map(({ fields }) => fields);
    expect(logged[0]).toEqual({
      method: 'POST',
      path: '/graphql',
      status: 200,
      ms: expect.any(Number),
      requestId: 'request-1234',
    });
    expect(logged[1]).toMatchObject({
      method: 'GET',
      path: 'other',
      status: 404,
      requestId: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    expect(JSON.stringify(lines)).not.toContain('PLANTED');
  });
});

describe('bytes that are hardly HTTP', () => {
  it.each([
    ['no HTTP', 'hello\r\n\r\n', 400],
    ['headers beyond all measure', `GET /health/live HTTP/1.1\r\nhost: x\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`, 431],
    ['two lengths', 'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n', 400],
    [
      'a length and chunks',
      'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    ['no host', 'GET /health/live HTTP/1.1\r\n\r\n', 400],
  ])('such as %s are refused, and the server goes on', async (_what, bytes, status) => {
    const { url } = await start();
    expect(await raw(url, bytes)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect((await post(url)).status).toBe(200);
  });

  it.each(['%%%', 'a b', '[::1', 'evil.example/x?y', ''])(
    'such as the host %j change nothing and tell no stack',
    async (host) => {
      const { url, platform } = await start();
      const token = await tokenOf('resident', clock);
      const body = JSON.stringify({ query: '{ policy { hash } }' });
      const head = `POST /graphql HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
      const answer = await raw(url, head + body);
      expect(answer).toMatch(/^HTTP\/1\.1 (?:200|400|500) /);
      expect(answer).not.toMatch(/node_modules|\bat .*\.ts|TypeError/);
      expect(platform.calls.length).toBeLessThanOrEqual(1);
    },
  );
});

describe('a large body', () => {
  it('is answered TOO_LARGE while it still comes, and the connection serves on', async () => {
    const { url, platform } = await start();
    const authorization = `Bearer ${await tokenOf('resident', clock)}`;
    const headers = { 'content-type': 'application/json', authorization };
    const tooLarge = await posted(
      await fetch(url, { method: 'POST', headers, body: new Uint8Array(MAX_BODY_BYTES + 1) }),
    );
    expect([tooLarge.status, tooLarge.errors[0]?.extensions.code]).toEqual([413, 'TOO_LARGE']);
    expect((await post(url)).status).toBe(200);
    expect(platform.calls).toHaveLength(1);
  });

  it('of somebody without a token is not waited for', async () => {
    const { url } = await start();
    const head =
      'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: 20000000\r\n\r\n';
    const { hostname, port } = new URL(url);
    const first = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(port), hostname, () => socket.write(head));
      socket.once('data', (part: Buffer) => {
        socket.destroy();
        resolve(part.toString());
      });
      socket.once('error', reject);
    });
    expect(first).toMatch(/^HTTP\/1\.1 401 /);
  });

  it('that breaks off ends quietly', async () => {
    const { url, server, lines } = await start();
    const token = await tokenOf('resident', clock);
    const head = `POST /graphql HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{"query"`;
    const { hostname, port } = new URL(url);
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), hostname, () =>
        socket.write(head, () => setTimeout(() => socket.destroy(), 30)),
      );
      socket.once('close', () => resolve());
    });
    await expect.poll(() => lines.some(({ fields }) => fields.status === 'aborted')).toBe(true);
    expect(server.faultCounts()).toMatchObject({ INTERNAL: 0 });
    expect((await post(url)).status).toBe(200);
  });
});

describe('stopping', () => {
  it('lets what runs finish, tells new work BUSY, and closes every connection', async () => {
    const { server, url, platform } = await start();
    let finish = (): void => undefined;
    const waiting = new Promise<void>((resolve) => {
      finish = resolve;
    });
    let began = (): void => undefined;
    const running = new Promise<void>((resolve) => {
      began = resolve;
    });
    platform.on('policy', async () => {
      began();
      await waiting;
      return { hash: 'h', policy: { version: '1', rules: [] } };
    });
    const slow = post(url);
    await running;
    const stopped = server.stop();
    const refused = await post(url, '{ policy { hash } }', { 'x-request-id': 'request-55' });
    expect([refused.status, refused.headers.get('retry-after'), refused.errors[0]?.extensions]).toEqual([
      503,
      '1',
      { code: 'BUSY', retryAfterMs: 1000 },
    ]);
    expect(refused.headers.get('x-request-id')).toBe('request-55');
    expect((await fetch(url.replace('/graphql', '/health/ready'))).status).toBe(503);
    expect((await fetch(url.replace('/graphql', '/health/live'))).status).toBe(200);
    finish();
    expect((await slow).data).toEqual({ policy: { hash: 'h' } });
    await stopped;
    await expect(post(url)).rejects.toThrow();
    expect(platform.calls).toHaveLength(1);
  });

  it('while it lingers tells callers so on the last answer of their connections, and ends when the last has heard it', async () => {
    const { server, url } = await start();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const authorization = `Bearer ${await tokenOf('resident', clock)}`;
    const ask = () =>
      new Promise<{ res: IncomingMessage; reused: boolean; text: string }>((resolve, reject) => {
        const headers = { 'content-type': 'application/json', authorization };
        const req = request(url, { agent, method: 'POST', headers }, (res) => {
          let text = '';
          res.on('data', (part: Buffer) => {
            text += part.toString();
          });
          res.on('end', () => resolve({ res, reused: req.reusedSocket, text }));
        });
        req.on('error', reject);
        req.end('{"query":"{ policy { hash } }"}');
      });
    expect((await ask()).res.headers.connection).toBe('keep-alive');
    const began = performance.now();
    const stopped = server.stop(1_000, 20_000);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const { res, reused, text } = await ask();
    expect([reused, res.statusCode, res.headers.connection]).toEqual([true, 503, 'close']);
    const { code, retryAfterMs } = JSON.parse(text).errors[0].extensions;
    expect(code).toBe('BUSY');
    // Whoever comes when told to finds no connection that is just being closed.
    expect(performance.now() + retryAfterMs).toBeGreaterThan(began + 20_000);
    expect(Number(res.headers['retry-after']) * 1000).toBeGreaterThanOrEqual(retryAfterMs);
    await stopped;
    expect(performance.now() - began).toBeLessThan(10_000);
    agent.destroy();
  });

  it('lingers no longer than told for those who say nothing', async () => {
    const { server, url } = await start();
    await post(url);
    const began = performance.now();
    await server.stop(1_000, 500);
    expect(performance.now() - began).toBeGreaterThanOrEqual(500);
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  it('answers a request whose body is still coming: its caller reads BUSY, and not a connection that broke', async () => {
    const { server, url } = await start();
    await post(url);
    const stopped = server.stop(1_000, 1_500);
    const body = 'x'.repeat(4_000_000);
    const { hostname, port } = new URL(url);
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(port), hostname, () => {
        socket.pause();
        socket.write(`POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n`);
        // Meanwhile the answer could be out, and the connection closed.
        setTimeout(() => socket.write(body, () => socket.resume()), 200);
      });
      let text = '';
      socket.on('data', (part) => {
        text += part.toString();
      });
      socket.on('error', reject);
      socket.on('end', () => resolve(text));
    });
    expect(answer).toMatch(/^HTTP\/1\.1 503 [\s\S]*"code":"BUSY"/);
    await stopped;
  });

  it('cuts off what does not finish in time', async () => {
    const { server, url, platform } = await start();
    platform.on('policy', () => new Promise(() => undefined));
    const never = post(url).catch(() => 'cut off');
    await expect.poll(() => platform.calls.length).toBe(1);
    await server.stop(50);
    expect(await never).toBe('cut off');
  });

  it('of an idle server takes no time, open connections or not', async () => {
    const { server, url } = await start();
    await post(url);
    const began = performance.now();
    await server.stop();
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});
