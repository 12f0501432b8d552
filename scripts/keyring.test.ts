import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hrl-keyring-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const SCRIPT = fileURLToPath(new URL('keyring.ts', import.meta.url));

/** Runs the command line as a person does. */
function keyring(...args: string[]): Promise<{ code: number; out: string; talk: string }> {
  const env = { ...process.env, KEYRING_FILE: join(folder, 'by-setting.json') };
  return new Promise((done) => {
    execFile(process.execPath, ['--import', 'tsx', SCRIPT, ...args], { env }, (error, out, talk) =>
      done({ code: error === null ? 0 : Number(error.code), out, talk }),
    );
  });
}

describe('npm run keyring', () => {
  it('makes a keyring where it is told, else where the settings say, and prints the path alone to stdout', async () => {
    const told = join(folder, 'told.json');
    expect(await keyring('create', '--file', told)).toMatchObject({ code: 0, out: `${told}\n` });
    expect(await keyring('create')).toMatchObject({ code: 0, out: `${join(folder, 'by-setting.json')}\n` });
    expect(await readFile(told, 'utf8')).not.toBe(await readFile(join(folder, 'by-setting.json'), 'utf8'));
  });

  it('overwrites nothing, and says what to do next', async () => {
    const path = join(folder, 'once.json');
    await keyring('create', '--file', path);
    const before = await readFile(path, 'utf8');
    const again = await keyring('create', '--file', path);
    expect(again).toMatchObject({ code: 1, out: '' });
    expect(again.talk).toMatch(/keyring-exists: .*\nNext: /);
    expect(await readFile(path, 'utf8')).toBe(before);
    const absent = await keyring('show-ids', '--file', join(folder, 'absent.json'));
    expect(absent).toMatchObject({ code: 1, out: '' });
    expect(absent.talk).toContain('keyring-missing');
  });

  it('shows names and check values, and not one secret', async () => {
    const path = join(folder, 'shown.json');
    await keyring('create', '--file', path);
    const shown = await keyring('show-ids', '--file', path);
    expect(shown.code).toBe(0);
    const names = shown.out
      .trim()
      .split('\n')
      .map((line) => line.split('\t')[0]);
    expect(names).toEqual(['kek/1', 'retention/1', 'index/1', 'request', 'actor', 'cursor', 'developmentToken']);
    const secrets = (await readFile(path, 'utf8')).match(/[\w-]{43}/g) ?? [];
    expect(secrets).toHaveLength(7);
    for (const secret of secrets) expect(shown.out + shown.talk).not.toContain(secret);
  });

  it('says what it can do when it is not told what to do', async () => {
    expect(await keyring('--help')).toMatchObject({ code: 0, out: expect.stringContaining('show-ids') });
    expect((await keyring('nonsense')).code).toBe(1);
  });
});
