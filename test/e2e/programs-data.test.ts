import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OPERATOR_SYSTEM } from '../../src/app/local-caller.ts';
import { mintDevelopmentToken } from '../../src/auth/development-token.ts';
import {
  encounter,
  observation,
  organization,
  patient,
  practitioner,
  type Resource,
  SYSTEM,
} from '../../src/fhir/fixture.ts';
import { fromEpochMs } from '../../src/kernel/instant.ts';
import { readKeyring } from '../../src/vault/keyring-file.ts';
import { type FreshDatabase, freshDatabase } from '../support/database.ts';
import { type Ended, run, type Served, serve } from '../support/programs.ts';

/** One database through the hands of its operator: each test goes on where the one before has stopped. */

let home: string;
let database: FreshDatabase;
let settings: Record<string, string>;
beforeAll(async () => {
  home = await mkdtemp('/tmp/hrl-e2e-');
  database = await freshDatabase();
  settings = {
    DATABASE_URL: database.url,
    DATABASE_OWNER_URL: database.ownerUrl,
    DATA_DIR: home,
    SEED_RESIDENTS: '0',
    LOG_LEVEL: 'warn',
  };
});
afterAll(async () => {
  await database.drop();
  await rm(home, { recursive: true });
});

async function leaves(): Promise<number> {
  const [row] = await database.sql<{ n: number }[]>`select count(*)::integer as n from events`;
  return row?.n ?? 0;
}

const bundle = (...resources: readonly Resource[]): string =>
  JSON.stringify({
    resourceType: 'Bundle',
    type: 'transaction',
    entry: resources.map((resource) => ({ fullUrl: `urn:uuid:${resource.id}`, resource })),
  });
const person = (id: string, number: string): Resource =>
  patient({ id, identifier: [{ type: { coding: [{ code: 'MR' }] }, system: SYSTEM, value: number }] });
const of = (id: string) => ({ subject: { reference: `urn:uuid:${id}` } });

describe('npm run keyring', () => {
  it('prints the path of the keyring that it made, and nothing else', async () => {
    const { code, stdout } = await run('keyring', ['create'], settings);
    expect([code, stdout]).toEqual([0, `${home}/keyring.json\n`]);
  });
});

/** What a program said beside its progress, of which a slow machine shows more lines than a quick one. */
const talkOf = ({ stderr }: Ended): string => stderr.replace(/^[a-z ]+: \d+(?: of \d+)?\n/gm, '');

describe('npm run migrate', () => {
  it('prints the names of what it applied: none on a database that has all', async () => {
    const { code, stdout, stderr } = await run('migrate', [], settings);
    expect([code, stdout]).toEqual([0, '']);
    expect(stderr).toMatch(/^0 applied, \d+ had been applied before$/m);
  });
});

describe('npm run seed', () => {
  it('prints what it brought in as JSON, and again adds nothing', async () => {
    const first = await run('seed', ['--residents', '2'], settings);
    expect([first.code, talkOf(first)]).toEqual([0, '']);
    const told = JSON.parse(first.stdout) as Record<string, number>;
    expect(told).toMatchObject({ residents: 2, newResidents: 2 });
    expect(told.records).toBeGreaterThan(1);
    const before = await leaves();
    expect(before).toBeGreaterThan(told.records ?? 0);
    const again = await run('seed', ['--residents', '2'], settings);
    expect([again.code, JSON.parse(again.stdout)]).toEqual([0, { ...told, records: 0, newResidents: 0 }]);
    expect(await leaves()).toBe(before);
  });
});

interface Report {
  readonly files: number;
  readonly rows: readonly ({ readonly type: string } & Readonly<Record<string, number>>)[];
  readonly total: Readonly<Record<string, number>>;
  readonly failed: readonly { readonly file: string; readonly code: string; readonly message: string }[];
}

describe('npm run import', () => {
  const importAll = (): Promise<Ended> => run('import', ['--json', `${home}/bundles`], settings);
  beforeAll(async () => {
    const parties = [organization('east'), practitioner('lin')];
    const files: Record<string, string | Uint8Array> = {
      'a-good.json': bundle(
        ...parties,
        person('ann', '1'),
        encounter('e1', 'east', '2024-03-01', of('ann')),
        observation('o1', { ...of('ann'), encounter: { reference: 'urn:uuid:e1' } }),
      ),
      'b-no-json.json': '{\n  "resourceType": "Bundle",\n  "type" "transaction"\n}',
      'c-no-bundle.json': JSON.stringify({ resourceType: 'Patient' }),
      'd-no-gzip.json.gz': gzipSync('{}').subarray(0, 12),
      'e-good.json.gz': gzipSync(
        bundle(...parties, person('bo', '2'), encounter('e2', 'east', '2024-04-01', of('bo'))),
      ),
      'f-not-looked-at.txt': 'a note',
    };
    await mkdir(`${home}/bundles`);
    for (const [name, content] of Object.entries(files)) await writeFile(`${home}/bundles/${name}`, content);
  });

  it('names each bad file with the line, goes on with the rest, and exits 1', async () => {
    const { code, stdout, stderr } = await importAll();
    expect(code, stderr).toBe(1);
    const report = JSON.parse(stdout) as Report;
    expect(report.files).toBe(2);
    expect(report.failed.map(({ file }) => file.slice(home.length))).toEqual([
      '/bundles/b-no-json.json',
      '/bundles/c-no-bundle.json',
      '/bundles/d-no-gzip.json.gz',
    ]);
    expect(stderr).toMatch(/^bundle-not-json: \/.*\/b-no-json\.json:3:\d+: /m);
    expect(stderr).toMatch(/^bundle-not-transaction: \/.*\/c-no-bundle\.json/m);
    expect(stderr).toMatch(/^bundle-not-gzip: \/.*\/d-no-gzip\.json\.gz: /m);
    expect(stderr).toMatch(/\nNext: mend these files and import them again; what was taken is known\n$/);
    // Nothing of what the files hold.
    expect(stderr).not.toMatch(/resourceType|Example|Ada/);
    const taken = Object.fromEntries(report.rows.map(({ type, taken: n }) => [type, n]));
    expect(taken).toEqual({ Encounter: 2, Observation: 1, Organization: 1, Patient: 2, Practitioner: 1 });
    for (const { entries = 0, taken: n = 0, known = 0, merged = 0, left = 0 } of [...report.rows, report.total]) {
      expect(entries).toBe(n + known + merged + left);
    }
  });

  it('again adds nothing', async () => {
    const before = await leaves();
    const { code, stdout } = await importAll();
    const report = JSON.parse(stdout) as Report;
    expect([code, report.total.taken, report.total.known]).toEqual([1, 0, report.total.entries]);
    expect(await leaves()).toBe(before);
  });

  it('of good files alone exits 0, and without --json prints a table for people', async () => {
    const ended = await run('import', [`${home}/bundles/a-good.json`], settings);
    const { code, stdout } = ended;
    expect([code, talkOf(ended)]).toEqual([0, '']);
    expect(stdout).toMatch(/^\| type +\| entries \| taken \| already known \| merged \| left \| why \|\n/);
    expect(stdout).toMatch(/\n1 files read, 0 not\n$/);
  });
});

describe('npm run fsck', () => {
  it('prints its verdict as one JSON document, and writes an anchor with which the ledger is then intact', async () => {
    const anchor = `${home}/anchor.txt`;
    const { code, stdout } = await run('fsck', ['--json', '--write-anchor', anchor], settings);
    expect([code, JSON.parse(stdout)]).toMatchObject([
      0,
      { verdict: 'consistent, not anchored', events: String(await leaves()) },
    ]);
    expect(await readFile(anchor, 'utf8')).toMatch(/\n$/);
    const again = await run('fsck', ['--anchor', anchor], settings);
    expect([again.code, again.stdout.split('\n')[0]]).toEqual([0, expect.not.stringContaining('not anchored')]);
  });

  it('--json says as JSON, too, why there is no verdict', async () => {
    const { code, stdout, stderr } = await run('fsck', ['--json', '--anchor', `${home}/none.txt`], settings);
    expect([code, JSON.parse(stdout)]).toMatchObject([
      1,
      { verdict: 'not checked', fault: { code: expect.any(String) } },
    ]);
    expect(stderr).toMatch(/^[a-z-]+: .*\nNext: .*\n$/m);
  });
});

describe('npm run export', () => {
  let server: Served;
  let token: string;
  let office: string;
  beforeAll(async () => {
    server = await serve(settings);
    const minted = await run('token', ['--role', 'regulator'], settings);
    token = minted.stdout.trim();
    const { developmentToken } = await readKeyring(`${home}/keyring.json`);
    const clock = { now: () => fromEpochMs(Date.now()) };
    const organisation = { system: OPERATOR_SYSTEM, number: '110000' };
    const issuer = { role: 'issuer', subject: 'office-1', organisation, minutes: 5 } as const;
    office = await mintDevelopmentToken(developmentToken, issuer, clock);
    // Something to export: a code that nobody has, asked for by the office.
    const query = '{ verifyCode(code: "=nobody,has\\"this") { __typename } }';
    for (let i = 0; i < 2; i++) {
      const response = await fetch(server.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${office}` },
        body: JSON.stringify({ query }),
      });
      expect(response.status).toBe(200);
    }
  });
  afterAll(async () => {
    server.child.kill('SIGTERM');
    expect((await server.ended).code).toBe(0);
  });
  const exported = (...args: string[]): Promise<Ended> =>
    run('export', ['--token', token, '--url', server.url, ...args], settings);

  it('prints one JSON document a line, or CSV, and is itself in the trail that the next one shows', async () => {
    const ndjson = await exported();
    expect(ndjson.code, ndjson.stderr).toBe(0);
    const rows = ndjson.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(rows.map(({ kind }) => kind)).toEqual(['MISSED', 'MISSED']);
    expect(talkOf(ndjson)).toBe('2 accesses\n');
    const csv = await exported('--format', 'csv');
    const lines = csv.stdout.trimEnd().split('\r\n');
    expect(lines[0]).toBe(
      'event,time,kind,actorKind,actorId,actorName,organisationId,organisationName,purpose,trace,rule,basis,policy,what,categories,count,grants,servedRoot',
    );
    expect(lines.slice(1).map((line) => line.split(',')[2])).toEqual(['LOG_READ', 'MISSED', 'MISSED']);
  });

  it('with a token of another role, or none, says so on stderr and exits 1', async () => {
    const as = (given: string): Promise<Ended> => run('export', ['--token', given, '--url', server.url], settings);
    const [issuer, nobody] = await Promise.all([as(office), as('letters')]);
    expect([issuer.code, issuer.stdout, nobody.code, nobody.stdout]).toEqual([1, '', 1, '']);
    expect(issuer.stderr).toMatch(/^api-failed: NOT_PERMITTED: .*\nNext: a regulator’s token exports trails\n$/);
    expect(nobody.stderr).toMatch(/^api-failed: UNAUTHENTICATED: .*\nNext: take a new token/);
  });
});

describe('npm run rebuild', () => {
  it('prints what it made anew, from how many events, as JSON', async () => {
    const ended = await run('rebuild', ['--projection', 'codes'], settings);
    const { code, stdout } = ended;
    expect([code, talkOf(ended)]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toEqual({ rebuilt: ['codes'], events: String(await leaves()) });
  });
});

describe('npm run db', () => {
  it('status is JSON, also where there is no database', async () => {
    const { code, stdout } = await run('db', ['status'], { DATA_DIR: `${home}/none` });
    expect([code, JSON.parse(stdout)]).toEqual([0, { status: 'stopped', usedBy: [] }]);
  });
});
