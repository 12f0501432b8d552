import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

function generate(...args: readonly string[]) {
  const script = ['--import', 'tsx', 'scripts/generate.ts', ...args];
  const { status, stderr } = spawnSync(process.execPath, script, { cwd: ROOT, encoding: 'utf8' });
  return { status, said: stderr };
}

describe('npm run generate', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hrl-generate-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('prints what is committed', () => {
    expect(generate('--check')).toEqual({ status: 0, said: '' });
  });

  it('--check names each file that is missing or differs, and writes nothing', async () => {
    const missing = generate('--check', '--into', folder);
    expect(missing.status).toBe(1);
    for (const path of ['schema/events.json', 'schema/schema.graphql', 'README.md'])
      expect(missing.said).toContain(path);
    expect(generate('--into', folder).status).toBe(0);
    expect(generate('--check', '--into', folder)).toEqual({ status: 0, said: '' });

    const file = join(folder, 'schema/events.json');
    const changed = (await readFile(file, 'utf8')).replace('"retention": "life"', '"retention": "access"');
    await writeFile(file, changed);
    const differing = generate('--check', '--into', folder);
    expect(differing.status).toBe(1);
    expect(differing.said).toMatch(
      /^stale: schema\/events\.json is not what the sources print\nNext: npm run generate[^\n]*\n$/,
    );
    expect(await readFile(file, 'utf8')).toBe(changed);
  });

  it('replaces a marked section of a page and leaves the rest of it alone', async () => {
    const page = join(folder, 'README.md');
    await writeFile(page, 'before\n<!-- settings -->\nwas printed before\n<!-- /settings -->\nafter\n');
    expect(generate('--into', folder).status).toBe(0);
    const text = await readFile(page, 'utf8');
    expect(text).toMatch(
      /^before\n<!-- settings -->\n\| Setting \|[\s\S]*\| `PORT` \|[\s\S]*\n<!-- \/settings -->\nafter\n$/,
    );
    expect(text).not.toContain('was printed before');
  });
});
