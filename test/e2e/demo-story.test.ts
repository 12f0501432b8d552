import { mkdtemp, rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeEntropy } from '../../src/suite-node/entropy.ts';
import { createKeyring } from '../../src/vault/keyring.ts';
import { writeKeyring } from '../../src/vault/keyring-file.ts';
import { type FreshDatabase, freshDatabase } from '../support/database.ts';
import { engineName, type LedgerPlace, openLedgerPlace } from '../support/engine.ts';
import { type Ended, run, type Served, serve } from '../support/programs.ts';

let home: string;
let database: FreshDatabase;
let place: LedgerPlace;
let settings: Record<string, string>;
let server: Served;
/** Two people who try it at the same moment. */
let demos: readonly Ended[];
beforeAll(async () => {
  home = await mkdtemp('/tmp/hrl-e2e-');
  [database, place] = await Promise.all([freshDatabase(), openLedgerPlace()]);
  settings = {
    DATABASE_URL: database.url,
    DATABASE_OWNER_URL: database.ownerUrl,
    DATA_DIR: home,
    SEED_RESIDENTS: '2',
    LOG_LEVEL: 'warn',
    ...place.settings,
  };
  await writeKeyring(`${home}/keyring.json`, createKeyring(nodeEntropy));
  server = await serve(settings);
  demos = await Promise.all([demo(server.url), demo(server.url)]);
});
afterAll(async () => {
  server.child.kill('SIGTERM');
  await server.ended;
  await Promise.all([database.drop(), place.close()]);
  await rm(home, { recursive: true });
});

const demo = (url: string): Promise<Ended> => run('demo', ['--url', url], settings);

describe(`npm run demo, on ${engineName()}`, () => {
  it('tells the whole story against the running API as often as one likes, and ends with the verdict of fsck', () => {
    for (const { code, stdout, stderr } of demos) {
      expect([code, stderr]).toEqual([0, '']);
      const lines = stdout.trimEnd().split('\n');
      expect(lines.at(-1)).toMatch(/^ {3}consistent, not anchored: \d+ events in \d+ streams$/);
      const steps = [...stdout.matchAll(/^(\d+)\. \S.*$/gm)].map(([, number]) => Number(number));
      expect(steps.length).toBeGreaterThan(9);
      expect(steps).toEqual(steps.map((_step, i) => i + 1));
    }
  });

  it('shows a code, a grant, what it opened, and each refusal with its text, in that order', () => {
    const { stdout } = demos[0] as Ended;
    const told = [
      /health code \S{10,}/,
      /refused: NOT_AVAILABLE\. Nothing is available to you here/,
      /pending: West Lake Hospital asks/,
      /granted/,
      /Metformin 500 mg, of East Gate Hospital/,
      /its content: \{"title":"Metformin 500 mg"/,
      /refused: NOT_AVAILABLE/,
      /refused: NOT_AVAILABLE/,
      /DENIED +HRESCH +Dr Zhao, West Lake Hospital \(not-covered/,
      /PERMITTED +TREAT +Dr Zhao, West Lake Hospital \(grant, 1 opened\)/,
      /consistent, not anchored/,
    ];
    let from = 0;
    for (const pattern of told) {
      const found = stdout.slice(from).search(pattern);
      expect(found, `${pattern} in\n${stdout.slice(from)}`).toBeGreaterThanOrEqual(0);
      from += found + 1;
    }
    // What was not granted is nowhere opened.
    expect(stdout.match(/Full blood count/g)).toBe(null);
  });

  it.each(['fsck', 'replay'])('leaves a ledger beside whose server npm run %s finds nothing wrong', async (program) => {
    const { code, stdout, stderr } = await run(program, ['--json'], settings);
    expect([code, stderr]).toEqual([0, expect.any(String)]);
    expect(JSON.parse(stdout)).toMatchObject(
      program === 'fsck' ? { verdict: 'consistent, not anchored' } : { differences: [] },
    );
  });

  it('where nobody listens says so and what to do, and exits 1', async () => {
    const { code, stderr } = await demo('http://127.0.0.1:1/graphql');
    expect(code).toBe(1);
    expect(stderr).toBe(
      'api-failed: nobody listens at http://127.0.0.1:1/graphql\nNext: run npm start in another terminal, or give --url\n',
    );
  });

  it('where something else listens says so and what to do, and exits 1', async () => {
    const { code, stderr } = await demo(server.url.replace('/graphql', '/health/live'));
    expect(code).toBe(1);
    expect(stderr).toMatch(/^api-failed: \S.*\nNext: \S.*\n$/);
  });
});
