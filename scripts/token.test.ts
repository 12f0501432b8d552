import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tokenVerifier } from '../src/auth/verifier.ts';
import { fromEpochMs } from '../src/kernel/instant.ts';
import { nodeEntropy } from '../src/suite-node/entropy.ts';
import { createKeyring } from '../src/vault/keyring.ts';
import { writeKeyring } from '../src/vault/keyring-file.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const keyring = createKeyring(nodeEntropy);
let folder: string;

function run(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = ['--import', 'tsx', 'scripts/token.ts', ...args];
    const options = { cwd: ROOT, env: { PATH: process.env.PATH ?? '', DATA_DIR: folder, ...env } };
    execFile(process.execPath, child, options, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, stdout, stderr });
    });
  });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hrl-token-'));
  await writeKeyring(join(folder, 'keyring.json'), keyring);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('npm run -s token', () => {
  it('prints a token and nothing else on stdout; a server with that keyring accepts it', async () => {
    const args = [
      '--role',
      'practitioner',
      '--subject',
      'dr-b',
      '--organisation',
      'urn:a|1',
      '--practitioner',
      'urn:b|2|3',
      '--minutes',
      '5',
    ];
    const { code, stdout, stderr } = await run(args);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    expect(stderr).toContain('a practitioner for 5 minutes');
    const clock = { now: () => fromEpochMs(Date.now()) };
    const verifier = await tokenVerifier({
      provider: undefined,
      host: '127.0.0.1',
      developmentKey: keyring.developmentToken,
      clock,
    });
    expect(await verifier.verify(stdout.trim())).toMatchObject({
      role: 'practitioner',
      subject: 'dr-b',
      organisation: { system: 'urn:a', number: '1' },
      practitioner: { system: 'urn:b', number: '2|3' },
    });
  });

  it.each([
    [['--role', 'admin'], {}, 'bad-option: --role is not one of'],
    [['--role', 'practitioner'], {}, 'bad-option: --practitioner'],
    [['--role', 'issuer', '--minutes', '721'], {}, 'bad-option: --minutes'],
    [['--role', 'issuer', '--organisation', 'urn:a'], {}, 'bad-option: --organisation is not system|number'],
    [['--role', 'resident', '--document', '01'], {}, 'bad-option: --document'],
    [['--role', 'issuer'], { KEYRING_FILE: '/nowhere/keyring.json' }, 'keyring-missing'],
    [
      ['--role', 'issuer'],
      { OIDC_JWKS_URL: 'https://idp.example/jwks', OIDC_ISSUER: 'i', OIDC_AUDIENCE: 'a' },
      'provider-configured',
    ],
  ])('%j with %j says what is wrong and what to do next, and prints no token', async (args, env, said) => {
    const { code, stdout, stderr } = await run(args, env);
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain(said);
    expect(stderr).toMatch(/next/i);
  });
});
