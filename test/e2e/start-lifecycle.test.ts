import { rename, stat, unlink } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runningUrls } from '../../src/postgres/embedded/control.ts';
import { openSql } from '../../src/postgres/pools.ts';
import { nodeEntropy } from '../../src/suite-node/entropy.ts';
import { createKeyring } from '../../src/vault/keyring.ts';
import { writeKeyring } from '../../src/vault/keyring-file.ts';
import { nodesOf, only, page, post, type Reply } from '../support/api.ts';
import { mutation, TRAIL, type TrailNode } from '../support/cast.ts';
import { dataFolder, run, runningIn, type Served, serve } from '../support/programs.ts';

/** One data folder through its life: each test goes on where the one before has stopped. */

let folder: Awaited<ReturnType<typeof dataFolder>>;
let settings: Record<string, string>;
let server: Served;
/** What `npm start` printed the first time. */
let tokens: Readonly<Record<string, string>>;
beforeAll(async () => {
  folder = await dataFolder();
  settings = { DATA_DIR: folder.dataDir, SEED_RESIDENTS: '3' };
  server = await serve(settings);
  tokens = tokensOf(server.stdout());
});
afterAll(() => folder.end(server), 60_000);

function tokensOf(stdout: string): Record<string, string> {
  const lines = [...stdout.matchAll(/^ {2}(\w+) +(ey[\w-]+\.[\w-]+\.[\w-]+)$/gm)];
  return Object.fromEntries(lines.map(([, role = '', token = '']) => [role, token]));
}
function queriesOf(stdout: string): { role: string; query: string }[] {
  return [...stdout.matchAll(/^ {2}(\w+) +(\{.*\})$/gm)].map(([, role = '', query = '']) => ({ role, query }));
}
const as = (role: string, query: string, variables = {}, headers = {}): Promise<Reply> =>
  post(server.url, tokens[role], query, variables, headers);

/** Read past the API, by the running server's own address. */
async function eventsInLedger(): Promise<Map<string, number>> {
  const sql = openSql((await runningUrls(folder.dataDir)).appUrl, { max: 1, applicationName: 'test' });
  try {
    const rows = await sql<{ type: string; n: number }[]>`
      select type, count(*)::integer as n from events group by type order by type`;
    return new Map(rows.map(({ type, n }) => [type, n]));
  } finally {
    await sql.end({ timeout: 1 });
  }
}

const register = (i: number): Promise<Reply> => {
  const input = { identifiers: [{ system: 'urn:uscc', number: `killed-${i}` }], name: `Hospital ${i}` };
  return as('regulator', mutation('registerInstitution'), { requestId: `killed-while-${i}`, input });
};

describe('npm start in an empty folder', () => {
  it('says where it listens, and its last line is `ready` and the endpoint itself', async () => {
    const lines = server.stdout().trimEnd().split('\n');
    expect(lines.at(-1)).toBe(`ready ${server.url}`);
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/graphql$/);
    expect(lines).toContain(`GraphQL and GraphiQL   ${server.url}`);
    expect(lines).toContain(`Health                 ${server.url.replace('/graphql', '/health/ready')}`);
    const graphiql = await fetch(server.url, { headers: { accept: 'text/html' } });
    expect([graphiql.status, graphiql.headers.get('content-type')]).toEqual([
      200,
      expect.stringContaining('text/html'),
    ]);
    expect(await graphiql.text()).toContain('GraphiQL');
    // Data goes to stdout, talk and logs to stderr, as JSON lines.
    expect(server.stdout()).not.toContain('"msg"');
    for (const line of server.stderr().trimEnd().split('\n')) {
      // How far the population has come is told only where that takes long.
      if (!/^making up residents: \d+ of \d+$/.test(line)) expect(() => JSON.parse(line), line).not.toThrow();
    }
  });

  it('is live, and ready with ledger, database and projector', async () => {
    expect(await server.health('live')).toEqual({ status: 200, body: { live: true } });
    const checks = { ledger: true, database: true, projectorLag: 0 };
    expect(await server.health('ready')).toEqual({ status: 200, body: { ready: true, checks } });
  });

  it('prints a token for each role, and each is taken', async () => {
    expect(Object.keys(tokens).sort()).toEqual(['issuer', 'practitioner', 'regulator', 'resident']);
    for (const role of Object.keys(tokens)) {
      expect((await as(role, '{ policy { hash rules { id } } }')).text, role).toContain('"own-records"');
    }
    expect(only(await as('resident', '{ me { profile { __typename } } }'))).toEqual({
      profile: { __typename: 'Profile' },
    });
    expect(only(await as('practitioner', '{ verifyCode(code: "none") { ... on Refusal { code } } }'))).toEqual({
      code: 'NOT_AVAILABLE',
    });
    expect(only(await as('issuer', '{ verifyCode(code: "none") { ... on Refusal { code } } }'))).toEqual({
      code: 'NOT_AVAILABLE',
    });
  });

  it('prints three queries, and each answers something as printed', async () => {
    const queries = queriesOf(server.stdout());
    expect(queries.map(({ role }) => role)).toEqual(['resident', 'resident', 'regulator']);
    for (const { role, query } of queries) {
      const { errors, text } = await as(role, query);
      expect([errors, text], query).toEqual([[], expect.stringMatching(/"edges":\[\{"node":\{"\w+":"/)]);
    }
  });

  it('has put the asked number of residents into it, with records and consents', async () => {
    const events = await eventsInLedger();
    expect(events.get('identity.registered@1')).toBe(3);
    expect(events.get('code.issued@1')).toBe(3);
    expect(events.get('record.registered@1')).toBeGreaterThan(3);
    expect(events.get('consent.granted@1')).toBeGreaterThan(0);
  });
});

/** What the ledger held before the server was told to stop, and how many accesses were answered after that. */
let before: Map<string, number>;
let answered = 0;

describe('SIGTERM while requests run', () => {
  const codes = Array.from({ length: 20 }, (_, i) => `nobody-has-this-${i}`);
  const SEVERAL = `query ($codes: [String!]!) { recordsOfSeveral(codes: $codes, purpose: TREAT, first: 1) {
    code result { __typename ... on Refusal { code } } } }`;

  it('lets them finish or tells them BUSY, exits 0 and leaves no process of that folder', async () => {
    // Connections that stand already: what comes over them has reached the server.
    await Promise.all(Array.from({ length: 20 }, () => server.health('live')));
    before = await eventsInLedger();
    const running = Array.from({ length: 20 }, (_, i) =>
      as('practitioner', SEVERAL, { codes }, { 'x-request-id': `while-stopping-${i}` }),
    );
    await Promise.race([...running, sleep(100)]);
    server.child.kill('SIGTERM');
    await expect.poll(() => server.stderr(), { timeout: 10_000, interval: 1 }).toContain('"stopping"');
    const late = await as('practitioner', SEVERAL, { codes }).catch((error: TypeError) => error.cause);
    // When everything was finished by now, nobody listens any more.
    if (!('status' in (late as object)))
      expect(late).toMatchObject({ code: expect.stringMatching(/^(?:ECONN|UND_ERR)/) });
    else {
      const { status, errors, headers } = late as Reply;
      expect([status, errors[0]?.extensions.code]).toEqual([503, 'BUSY']);
      expect(errors[0]?.extensions.retryAfterMs).toBeGreaterThan(0);
      expect(headers.get('retry-after')).toMatch(/^\d+$/);
    }

    for (const reply of await Promise.all(running)) {
      if (reply.status === 503) expect(reply.errors[0]?.extensions.code).toBe('BUSY');
      else {
        expect([reply.status, reply.errors]).toEqual([200, []]);
        expect(reply.data?.recordsOfSeveral).toHaveLength(codes.length);
        answered += codes.length;
      }
    }
    expect(answered).toBeGreaterThan(0);
    const { code, stderr } = await server.ended;
    expect(code, stderr).toBe(0);
    expect(await runningIn(folder.dataDir)).toEqual([]);
  });
});

describe('a start with other keys', () => {
  const keyring = (): string => `${folder.dataDir}/keyring.json`;
  const refused = async (): Promise<string> => {
    const { code, stdout, stderr } = await run('start', [], { ...settings, PORT: '0', LOG_LEVEL: 'warn' });
    expect([code, stdout]).toEqual([1, '']);
    expect(await runningIn(folder.dataDir)).toEqual([]);
    return stderr;
  };

  it('that belong to another ledger says wrong-keyring and what to do, exits 1 and serves nothing', async () => {
    await rename(keyring(), `${keyring()}.right`);
    await writeKeyring(keyring(), createKeyring(nodeEntropy));
    expect(await refused()).toMatch(
      /^wrong-keyring: the keyring does not belong to this ledger.*\nNext: bring back the keyring/m,
    );
  });

  it('or none at all makes none, because nothing that is sealed could be opened by it', async () => {
    await unlink(keyring());
    expect(await refused()).toMatch(
      /^keyring-missing: .*\nNext: bring back the keyring that was made with this database/m,
    );
    await expect(stat(keyring())).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('the next start', () => {
  let found: Map<string, number>;
  beforeAll(async () => {
    await rename(`${folder.dataDir}/keyring.json.right`, `${folder.dataDir}/keyring.json`);
    server = await serve(settings);
    found = await eventsInLedger();
  });

  it('finds every access event that was answered: none waited in a queue that died with the process', () => {
    const missed = (of: Map<string, number>): number => of.get('access.missed@1') ?? 0;
    expect(missed(found) - missed(before)).toBeGreaterThanOrEqual(answered);
  });

  it('seeds nothing, and finds everything', async () => {
    for (const [type, n] of before) if (type !== 'access.missed@1') expect([type, found.get(type)]).toEqual([type, n]);
    expect(Object.keys(tokensOf(server.stdout())).sort()).toEqual(['issuer', 'practitioner', 'regulator', 'resident']);
    // The keyring is the same: tokens of before are taken still, and what was sealed opens.
    const filter = { trace: 'while-stopping-0' };
    const trail = page<TrailNode>(only(await as('regulator', TRAIL, { filter, first: 5 })));
    expect(nodesOf(trail).map(({ kind }) => kind)).toEqual(Array.from({ length: 5 }, () => 'MISSED'));
    const records = queriesOf(server.stdout())[0]?.query ?? '';
    expect((await as('resident', records)).text).toMatch(/"edges":\[\{"node":\{"title":"/);
  });
});

describe('kill -9 during appends', () => {
  it('loses nothing that was acknowledged and doubles nothing that is sent again', async () => {
    const total = 80;
    const acknowledged = new Map<number, string>();
    const before = (await eventsInLedger()).get('institution.registered@1') ?? 0;
    let next = 0;
    const sender = async (): Promise<void> => {
      while (next < total) {
        const i = next++;
        const reply = await register(i).catch(() => undefined);
        if (reply?.status === 200) acknowledged.set(i, reply.text);
        if (acknowledged.size === total / 2) server.child.kill('SIGKILL');
      }
    };
    await Promise.all(Array.from({ length: 8 }, sender));
    expect((await server.ended).code).toBe(null);
    expect(acknowledged.size).toBeGreaterThanOrEqual(total / 2);
    expect(acknowledged.size).toBeLessThan(total);

    server = await serve(settings);
    const found = ((await eventsInLedger()).get('institution.registered@1') ?? 0) - before;
    expect(found).toBeGreaterThanOrEqual(acknowledged.size);
    for (let i = 0; i < total; i++) {
      const reply = await register(i);
      expect(only(reply).__typename).toBe('PartyRef');
      if (acknowledged.has(i)) expect(reply.text).toBe(acknowledged.get(i));
    }
    expect(((await eventsInLedger()).get('institution.registered@1') ?? 0) - before).toBe(total);
  });

  it('leaves a ledger that fsck finds consistent, while the server runs', async () => {
    const { code, stdout, stderr } = await run('fsck', ['--json'], { ...settings, LOG_LEVEL: 'warn' });
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'consistent, not anchored' });
    expect(code).toBe(0);
  });
});

describe('another start in the folder of one that runs', () => {
  it('prints no token of people who are not there, when it would have made up others', async () => {
    const other = await serve({ ...settings, SEED_RESIDENTS: '24' });
    try {
      const printed = tokensOf(other.stdout());
      for (const token of Object.values(printed)) {
        expect((await post(other.url, token, '{ policy { hash } }')).status).toBe(200);
      }
      expect(Object.keys(printed)).toEqual(expect.arrayContaining(['regulator', 'issuer']));
      for (const { role, query } of queriesOf(other.stdout())) {
        expect((await post(other.url, printed[role], query)).errors).toEqual([]);
      }
    } finally {
      other.child.kill('SIGTERM');
      await other.ended;
    }
    // The database belongs to the folder: it stays for the one that still runs.
    expect((await server.health('ready')).status).toBe(200);
  });

  it('ends on a signal though connections stand open, and leaves nothing behind', async () => {
    server.child.kill('SIGTERM');
    const { code, stderr } = await server.ended;
    expect(code, stderr).toBe(0);
    expect(await runningIn(folder.dataDir)).toEqual([]);
  });
});

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
