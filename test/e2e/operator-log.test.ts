import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { mintDevelopmentToken } from '../../src/auth/development-token.ts';
import { fromEpochMs } from '../../src/kernel/instant.ts';
import type { Clock } from '../../src/kernel/ports.ts';
import { nodeEntropy } from '../../src/suite-node/entropy.ts';
import { createKeyring } from '../../src/vault/keyring.ts';
import { writeKeyring } from '../../src/vault/keyring-file.ts';
import { nodesOf, only, page, post, type Reply } from '../support/api.ts';
import { type Cast, CONTENT, castOf, MY_LOG, RECORDS, type RecordNode, TRAIL } from '../support/cast.ts';
import { type FakeCollector, fakeCollector } from '../support/collector.ts';
import { asSuperuser, type FreshDatabase, freshDatabase } from '../support/database.ts';
import { type PostgresProxy, postgresProxy } from '../support/postgres-proxy.ts';
import { dataFolder, type Served, serve } from '../support/programs.ts';

/**
 * `npm start` with everything switched on, at the most talkative, through a story with faults; then what it said is searched for what
 * was planted in the story.
 */

const PLANTED = {
  name: '欧阳种植',
  phone: '13900000042',
  address: '种植路四十二号',
  document: 'P4242424242',
  title: 'Planted finding',
  content: 'planted content',
  hospital: 'Planted hospital',
  doctor: 'Doctor Planted',
  path: 'planted-path',
  field: 'plantedField',
  header: 'planted-header',
  body: 'planted-body',
  variable: 'planted-variable',
  code: 'planted-code',
  tokenText: 'planted.token.text',
} as const;
/** X-Request-Id of each request of the story that is looked for in the log. */
const ID = (n: number): string => `story-request-${n}`;

let folder: Awaited<ReturnType<typeof dataFolder>>;
let database: FreshDatabase;
let proxy: PostgresProxy;
let collector: FakeCollector;
let server: Served;
let cast: Cast;
/** Ids, codes and tokens that came about in the story. */
const secrets: string[] = [];
let metrics = '';
let ended: { readonly code: number | null; readonly stdout: string; readonly stderr: string };

const key = createKeyring(nodeEntropy);
const clock: Pick<Clock, 'now'> = { now: () => fromEpochMs(Date.now()) };
const mint: Parameters<typeof castOf>[0]['mint'] = async (token) => {
  const minted = await mintDevelopmentToken(key.developmentToken, { minutes: 30, ...token }, clock);
  secrets.push(minted, token.subject);
  return minted;
};
const send = (
  token: string | undefined,
  query: string,
  variables: Record<string, unknown> = {},
  headers: Record<string, string> = {},
): Promise<Reply> => post(server.url, token, query, variables, headers);
const raw = (init: RequestInit, path = ''): Promise<Response> =>
  fetch(`${server.url}${path}`, { method: 'POST', ...init });

beforeAll(async () => {
  [folder, database, collector] = await Promise.all([dataFolder(), freshDatabase(), fakeCollector()]);
  proxy = await postgresProxy(database.url);
  await writeKeyring(`${folder.dataDir}/keyring.json`, key);
  server = await serve({
    DATA_DIR: folder.dataDir,
    DATABASE_URL: proxy.url,
    SEED_RESIDENTS: '0',
    LOG_LEVEL: 'trace',
    METRICS_PORT: '0',
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20collector-secret',
    RATE_LIMIT_PER_MINUTE: '100',
  });
  const region = '110000';
  cast = await castOf({
    mint,
    post: (...request) => send(...(request as Parameters<typeof send>)),
    node: { config: { region } } as never,
  });
  await story();
  server.child.kill('SIGTERM');
  ended = await server.ended;
}, 180_000);
afterAll(async () => {
  await folder.end(...(server === undefined ? [] : [server]));
  await proxy?.close();
  await database?.drop();
  collector?.close();
});

async function story(): Promise<void> {
  const hospital = await cast.hospital(PLANTED.hospital);
  const doctor = await cast.doctor(hospital, { name: PLANTED.doctor });
  const { name, phone, address, document: number } = PLANTED;
  const document = { type: '03', number };
  const input = { region: '110105', name, phone, address, documents: [document] };
  const code = (await cast.done(cast.office, 'registerResident', input)).healthCode as string;
  const token = await mint({ role: 'resident', subject: 'planted-subject', document });
  const resident = { code, name, document, subject: 'planted-subject', token };
  secrets.push(code, hospital.id, doctor.id, 'planted-subject');
  const content = JSON.stringify({ said: PLANTED.content });
  await send(token, '{ me { profile { ... on Profile { name phone address } } } }');
  await cast.record(doctor, resident, { title: PLANTED.title, content });
  await cast.record(doctor, resident, { title: `${PLANTED.title} 2`, content: `${content} ` });
  const consentId = await cast.grant(resident, hospital);
  const records = nodesOf(
    page<RecordNode>(only(await send(doctor.token, RECORDS, { code }, { 'x-request-id': ID(1) }))),
  );
  expect(records).toHaveLength(2);
  const record = records[0]?.id ?? '';
  secrets.push(consentId, record);
  await send(doctor.token, CONTENT, { code, record }, { 'x-request-id': ID(2), traceparent: 'planted-header' });
  await send(token, MY_LOG);
  await send(cast.regulator, TRAIL);

  // Bad tokens, and requests that are not ones.
  for (const bad of [undefined, PLANTED.tokenText, `${doctor.token.slice(0, -4)}AAAA`])
    await send(bad, RECORDS, { code });
  const authorized = { authorization: `Bearer ${doctor.token}`, 'content-type': 'application/json' };
  await raw({ headers: authorized, body: `{"query": "${PLANTED.body}` });
  await raw({ headers: authorized, body: JSON.stringify({ query: `{ ${PLANTED.field}(name: "${name}") }` }) });
  await raw({
    headers: authorized,
    body: JSON.stringify({ query: `query ($x: ${PLANTED.field}!) { me { records } }` }),
  });
  await raw({ headers: { ...authorized, 'x-channel': PLANTED.header }, body: '{}' });
  await raw({ headers: { ...authorized, 'content-type': PLANTED.header }, body: PLANTED.body });
  await raw({ headers: authorized, body: 'x' }, `/${PLANTED.path}?${PLANTED.path}=${number}`);
  await raw({ headers: { ...authorized, 'content-length': '99999999' }, body: PLANTED.body }).catch(() => undefined);
  await send(doctor.token, RECORDS, { code: { planted: PLANTED.variable }, [PLANTED.variable]: name });
  await send(doctor.token, RECORDS, { code: PLANTED.code });
  await send(cast.office, RECORDS, { code: PLANTED.code });
  await cast.tell(cast.office, 'registerResident', { ...input, name: `${name}\ud800` });
  await garbage();

  // What was stored is not what was written: a fault of ours, which the log explains and the answer does not.
  const superuser = asSuperuser(database);
  await superuser`update emr_index set personal = overlay(personal placing '\\xdead'::bytea from 20)`;
  await superuser.end();
  const broken = await send(doctor.token, RECORDS, { code }, { 'x-request-id': ID(3) });
  expect(broken.errors[0]?.extensions).toEqual({ code: 'INTERNAL', correlationId: ID(3) });

  // The database goes away, with requests under way, and comes back.
  const under = Array.from({ length: 8 }, () => send(doctor.token, RECORDS, { code }, { 'x-request-id': ID(4) }));
  proxy.sever();
  await Promise.all(under);
  const away = await send(doctor.token, RECORDS, { code }, { 'x-request-id': ID(5) });
  expect(away.errors[0]?.extensions.code).toMatch(/^(?:BUSY|UNAVAILABLE)$/);
  expect((await server.health('ready')).status).toBe(503);
  const url = /"url":"(http:[^"]*\/metrics)"/.exec(server.stderr())?.[1] ?? '';
  const soon = { timeout: 30_000, interval: 200 };
  await vi.waitFor(async () => expect(await (await fetch(url)).text()).toContain('\nhrl_database_up 0\n'), soon);
  await proxy.restore();
  await vi.waitFor(async () => expect((await server.health('ready')).status).toBe(200), soon);
  for (let i = 0; i < 120; i += 20) {
    await Promise.all(
      Array.from({ length: 20 }, () => send(cast.regulator, '{ policy { hash } }', {}, { 'x-request-id': ID(6) })),
    );
  }
  metrics = await (await fetch(url)).text();
}

/** Bytes that are no HTTP, and a request that is cut off. */
async function garbage(): Promise<void> {
  const { hostname, port } = new URL(server.url);
  for (const bytes of [
    `GET /${PLANTED.path} HTP/9\r\n\r\n`,
    `POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{`,
  ]) {
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), hostname, () => socket.write(bytes));
      socket.on('error', () => resolve());
      socket.on('close', () => resolve());
      setTimeout(() => socket.destroy(), 200);
    });
  }
}

interface Line {
  readonly level: number;
  readonly time: number;
  readonly msg: string;
  readonly requestId?: string;
  readonly [field: string]: unknown;
}
const lines = (): Line[] =>
  ended.stderr
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

/** Said for one request, so that its X-Request-Id must stand in them. */
const OF_A_REQUEST = ['request', 'fault', 'internal fault', 'limit', 'a snapshot was not used'];

describe('the log of a story with faults', () => {
  it('is JSON lines with level, time and message, and the program ends well', () => {
    expect(ended.code, ended.stderr.slice(-2_000)).toBe(0);
    const began = Date.now() - 600_000;
    for (const line of lines()) {
      expect(line).toMatchObject({ level: expect.any(Number), time: expect.any(Number), msg: expect.any(String) });
      expect(line.time).toBeGreaterThan(began);
    }
    expect(lines().length).toBeGreaterThan(100);
  });

  it('bears the X-Request-Id in every line of a request, as given or as minted', () => {
    const of = lines().filter(({ msg }) => OF_A_REQUEST.includes(msg));
    for (const line of of) expect(line.requestId, JSON.stringify(line)).toMatch(/^(?:[0-9a-f]{32}|story-request-\d)$/);
    const messages = (n: number): string[] =>
      [...new Set(of.filter(({ requestId }) => requestId === ID(n)).map(({ msg }) => msg))].sort();
    expect(messages(1)).toEqual(['request']);
    expect(messages(3)).toEqual(['internal fault', 'request']);
    expect(messages(5)).toEqual(['fault', 'request']);
    expect(messages(6)).toEqual(['limit', 'request']);
    // Nothing else is said while a request runs but by those who work for nobody in particular.
    const others = new Set(
      lines()
        .map(({ msg }) => msg)
        .filter((msg) => !OF_A_REQUEST.includes(msg)),
    );
    expect(
      [...others].filter(
        (msg) =>
          !/^(?:projector|metrics|stopping|malformed request|the sweep of contents|what is seen of the ledger)/.test(
            msg,
          ),
      ),
    ).toEqual([]);
  });

  it('explains a fault of ours where it was thrown, and finds its trace', () => {
    const internal = lines().find(({ msg, requestId }) => msg === 'internal fault' && requestId === ID(3));
    expect(internal?.error).toMatchObject({
      name: expect.any(String),
      frames: expect.arrayContaining([expect.stringContaining('src/')]),
    });
    const request = lines().find(({ msg, requestId }) => msg === 'request' && requestId === ID(3));
    expect(request?.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(collector.received.some(({ body }) => body.includes(String(request?.traceId)))).toBe(true);
  });

  it('holds nothing of anybody, nor do stdout, metrics and traces', () => {
    const sent = collector.received.map(({ body }) => body).join('\n');
    expect(
      collector.received.every(
        ({ path, authorization }) => path === '/v1/traces' && authorization === 'Bearer collector-secret',
      ),
    ).toBe(true);
    expect([sent, metrics].map((text) => text.includes('openRecords'))).toEqual([true, true]);
    const planted = [
      ...Object.values(PLANTED),
      ...secrets,
      database.url,
      'collector-secret',
      new URL(proxy.url).password,
    ];
    expect(planted.length).toBeGreaterThan(25);
    for (const [where, text] of Object.entries({ ...ended, metrics, sent })) {
      if (typeof text === 'string') expect([where, planted.filter((one) => text.includes(one))]).toEqual([where, []]);
    }
  });
});
