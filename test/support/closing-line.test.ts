import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const VITEST = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));
const REPORTER = new URL('./closing-line.ts', import.meta.url).href;

const GREEN = "it('passes', () => expect(1).toBe(1));";
const RED = `
  ${GREEN}
  it('fails', () => expect(1).toBe(2));
  it('leaves a stray promise', async () => { Promise.reject(new Error('stray')); await new Promise((r) => setTimeout(r, 50)); });
  it.skip('is skipped', () => {});
  it('skips itself', ({ skip }) => skip('no server'));
  describe.skip('needs data', () => { it('x', () => {}); it('y', () => {}); });
  describe('with a broken hook', () => { beforeAll(() => { throw new Error('no'); }); it('x', () => {}); });
`;

describe('a run of tests', () => {
  let root: string;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'hrl-closing-'));
    const config = `import { closingLine } from '${REPORTER}';
      export default { test: { globals: true, include: [process.env.ONLY], reporters: ['default', closingLine()] } };`;
    await writeFile(join(root, 'vitest.config.mjs'), config);
    await writeFile(join(root, 'green.test.ts'), GREEN);
    await writeFile(join(root, 'red.test.ts'), RED);
    await writeFile(join(root, 'broken.test.ts'), "import 'an-absent-module';");
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  function run(only: string): { status: number | null; lines: string[] } {
    const env = { ...process.env, ONLY: only, NO_COLOR: '1' };
    const { status, stdout } = spawnSync(process.execPath, [VITEST, 'run'], { cwd: root, env, encoding: 'utf8' });
    return { status, lines: stdout.trimEnd().split('\n') };
  }

  it('ends with how many passed and failed', () => {
    const { status, lines } = run('green.test.ts');
    expect(status).toBe(0);
    expect(lines.at(-1)).toBe('1 passed, 0 failed');
  });

  it('counts as failed whatever makes it fail: a test, a hook, a stray promise', () => {
    const { status, lines } = run('red.test.ts');
    expect(status).not.toBe(0);
    expect(lines.at(-1)).toBe('2 passed, 3 failed, 5 skipped');
  });

  it('names what it skipped, with the reason', () => {
    expect(run('red.test.ts').lines.filter((line) => line.startsWith('skipped: '))).toEqual([
      'skipped: red.test.ts > is skipped',
      'skipped: red.test.ts > skips itself: no server',
      'skipped: red.test.ts > needs data (2)',
      'skipped: red.test.ts > with a broken hook (1): its hook failed',
    ]);
  });

  it('counts a file that cannot be read as failed', () => {
    const { status, lines } = run('broken.test.ts');
    expect(status).not.toBe(0);
    expect(lines.at(-1)).toBe('0 passed, 1 failed');
  });
});
