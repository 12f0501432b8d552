import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeEntropy } from '../../src/suite-node/entropy.ts';
import { createKeyring } from '../../src/vault/keyring.ts';
import { writeKeyring } from '../../src/vault/keyring-file.ts';
import { emptyDatabase, type FreshDatabase, freshDatabase } from '../support/database.ts';
import { type Ended, run, type Settings } from '../support/programs.ts';

let home: string;
let database: FreshDatabase;
let empty: FreshDatabase;
let listener: Server;
beforeAll(async () => {
  home = await mkdtemp('/tmp/hrl-e2e-');
  database = await freshDatabase();
  empty = await emptyDatabase();
  await writeKeyring(`${home}/keyring.json`, createKeyring(nodeEntropy));
  listener = createServer();
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  listener.close();
  await Promise.all([database.drop(), empty.drop()]);
  await rm(home, { recursive: true });
});

/** A start that would do, but for what is told: over the test's own PostgreSQL, with a keyring. */
const started = (over: Settings): Promise<Ended> =>
  run('start', [], {
    DATABASE_URL: database.url,
    DATABASE_OWNER_URL: database.ownerUrl,
    DATA_DIR: `${home}/data`,
    KEYRING_FILE: `${home}/keyring.json`,
    PORT: '0',
    SEED_RESIDENTS: '0',
    LOG_LEVEL: 'fatal',
    ...over,
  });

interface Case {
  readonly title: string;
  readonly over: () => Promise<Settings> | Settings;
  readonly code: string;
  readonly next: RegExp;
}
const CASES: readonly Case[] = [
  {
    title: 'a setting that is not allowed',
    over: () => ({ PORT: 'eighty' }),
    code: 'setting-invalid',
    next: /set PORT to an integer from 0 to 65535/,
  },
  {
    title: 'a port that another program has',
    over: () => ({ PORT: String((listener.address() as { port: number }).port) }),
    code: 'cannot-listen',
    next: /end that program, or set PORT to a free port/,
  },
  {
    title: 'development tokens on an address that others reach',
    over: () => ({ HOST: '0.0.0.0' }),
    code: 'auth-misconfigured',
    next: /OIDC_JWKS_URL/,
  },
  {
    title: 'a database of one’s own without a keyring',
    over: () => ({ KEYRING_FILE: `${home}/none/keyring.json` }),
    code: 'keyring-missing',
    next: /make one: npm run keyring -- create --file \/.*\/none\/keyring\.json/,
  },
  {
    title: 'a database that cannot be reached',
    over: () => ({ DATABASE_URL: 'postgres://nobody:secret-word@127.0.0.1:1/none', DATABASE_OWNER_URL: '' }),
    code: 'database-unreachable',
    next: /DATABASE_URL/,
  },
  {
    title: 'a database that was never migrated, without its owner',
    over: () => ({ DATABASE_URL: empty.url, DATABASE_OWNER_URL: '' }),
    code: 'database-not-migrated',
    next: /npm run migrate/,
  },
  {
    title: 'a data folder that is a file',
    over: async () => {
      await writeFile(`${home}/file`, '');
      return { DATABASE_URL: '', DATABASE_OWNER_URL: '', DATA_DIR: `${home}/file`, KEYRING_FILE: '' };
    },
    code: 'postgres-folder-unusable',
    next: /DATA_DIR/,
  },
];

describe('npm start, when it cannot serve', () => {
  it.each(CASES.map((one) => [one.title, one] as const))(
    '%s: says by a code what is wrong and what to do, exits 1 and prints no data',
    async (_title, { over, code, next }) => {
      const ended = await started(await over());
      expect([ended.code, ended.stdout]).toEqual([1, '']);
      const [said, told, ...more] = ended.stderr.trimEnd().split('\n');
      expect(said, ended.stderr).toMatch(new RegExp(`^${code}: \\S`));
      expect(told, ended.stderr).toMatch(/^Next: /);
      expect(told).toMatch(next);
      // Neither a stack nor a password.
      expect(more).toEqual([]);
      expect(ended.stderr).not.toMatch(/secret-word|postgres:\/\//);
    },
  );

  it('has made no keyring for a database of one’s own', async () => {
    await expect(stat(`${home}/none/keyring.json`)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
