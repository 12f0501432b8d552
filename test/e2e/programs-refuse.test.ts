import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ended, run } from '../support/programs.ts';

/** Calls that fail before any database is looked at, or for want of one. */

let home: string;
beforeAll(async () => {
  home = await mkdtemp('/tmp/hrl-e2e-');
});
afterAll(() => rm(home, { recursive: true }));

const NOWHERE = { DATABASE_URL: 'postgres://nobody:secret-word@127.0.0.1:1/none', LOG_LEVEL: 'fatal' };
/** program, arguments, code, what stderr names. For npm start and npm run demo there are files of their own. */
const CALLS: readonly (readonly [string, readonly string[], string, RegExp])[] = [
  ['seed', ['--resident', '5'], 'bad-option', /--resident is no option/],
  ['import', ['/nowhere/bundle.json'], 'bad-option', /\/nowhere\/bundle\.json is no file or folder/],
  ['fsck', ['--anchr', 'anchor.txt'], 'bad-option', /--anchr is no option/],
  ['rebuild', ['--projection', 'none'], 'bad-option', /name one of residents, /],
  ['export', ['--format', 'ndjson'], 'bad-option', /missing required argument --token/],
  ['token', ['--role', 'king'], 'bad-option', /--role is not one of resident, /],
  ['keyring', ['destroy'], 'bad-option', /unknown command destroy/],
  ['db', ['url'], 'postgres-not-running', /npm start/],
  ['migrate', [], 'database-unreachable', /ECONNREFUSED/],
  ['generate', ['--check', '--into', '/nowhere'], 'stale', /npm run generate/],
];

describe('a program that cannot do what it was asked', () => {
  const ended = new Map<number, Ended>();
  beforeAll(async () => {
    const waiting = [...CALLS.keys()];
    const two = Array.from({ length: 2 }, async () => {
      for (let i = waiting.shift(); i !== undefined; i = waiting.shift()) {
        const [name, args] = CALLS[i] as (typeof CALLS)[number];
        ended.set(i, await run(name, args, { ...NOWHERE, DATA_DIR: `${home}/data` }));
      }
    });
    await Promise.all(two);
  });

  it.each(CALLS.map(([name, args, code, says], i) => [`${name} ${args.join(' ')}`.trim(), i, code, says] as const))(
    'exits 1, says `code: message` and `Next:` on stderr, and prints no data: %s',
    (_call, i, code, says) => {
      const { code: status, stdout, stderr } = ended.get(i) as Ended;
      expect([status, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(new RegExp(`^${code}: \\S.*\n(?:${code}: .*\n)*Next: \\S.*\n$`, 'm'));
      expect(stderr).toMatch(says);
      // Neither a stack nor a password.
      expect(stderr).not.toMatch(/^ {4}at |secret-word/m);
    },
  );

  it('has made nothing where it was not to', async () => {
    expect(await readdir(home)).toEqual([]);
  });
});
