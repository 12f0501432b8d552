import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Ended, run } from '../support/programs.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Settings that no program could start with: help needs none. */
const WRONG = { PORT: 'none', DATABASE_URL: 'nowhere', DATA_DIR: '/dev/null/none' };
/** What is no program but a part of one. */
const PARTS = [
  'api-client',
  'bad-option',
  'cli',
  'demo-cast',
  'demo-queries',
  'first-population',
  'progress',
  'welcome',
];

let programs: readonly string[];
const help = new Map<string, Ended>();
beforeAll(async () => {
  const { scripts } = JSON.parse(await readFile(`${ROOT}/package.json`, 'utf8')) as { scripts: Record<string, string> };
  programs = Object.entries(scripts).flatMap(([name, command]) =>
    command.endsWith(` scripts/${name}.ts`) ? [name] : [],
  );
  const waiting = [...programs];
  const two = Array.from({ length: 2 }, async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      help.set(name, await run(name, ['--help'], WRONG));
    }
  });
  await Promise.all(two);
});

describe('every program of package.json', () => {
  it('is a file of scripts/, and every file of scripts/ is one, or a part of one', async () => {
    const files = (await readdir(`${ROOT}/scripts`)).filter((name) => !name.endsWith('.test.ts'));
    expect(files.map((name) => name.replace(/\.ts$/, '')).sort()).toEqual([...programs, ...PARTS].sort());
    expect(programs.length).toBeGreaterThan(10);
  });

  it('has --help, which exits 0, names it as it is called, says what it does, and needs no setting', () => {
    for (const name of programs) {
      const { code, stdout, stderr } = help.get(name) as Ended;
      expect([name, code, stderr]).toEqual([name, 0, '']);
      const called = name === 'start' ? 'npm start --' : new RegExp(`npm run (?:-s )?${name} --`);
      expect(stdout.split('\n')[0], name).toMatch(called);
      expect(stdout, name).toMatch(/USAGE npm/);
      expect(stdout.length, name).toBeGreaterThan(60);
    }
  });

  it('stands in the README', async () => {
    const readme = await readFile(`${ROOT}/README.md`, 'utf8');
    for (const name of programs) {
      const called = name === 'start' ? /npm start/ : new RegExp(`npm run (?:-s )?${name}\\b`);
      expect(called.test(readme), name).toBe(true);
    }
  });
});

describe('every option', () => {
  it('is told with what it means', () => {
    const options = programs.flatMap((name) => {
      const text = help.get(name)?.stdout ?? '';
      const at = text.indexOf('OPTIONS\n');
      return at < 0
        ? []
        : text
            .slice(at)
            .split('\n')
            .filter((line) => /^ +--/.test(line))
            .map((line) => [name, line]);
    });
    expect(options.length).toBeGreaterThan(20);
    for (const [name, line] of options) expect(line, name).toMatch(/^ +--[a-z-]+(?:=<[^>]+>)? {2,}\S+/);
  });
});
