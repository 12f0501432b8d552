import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tokenVerifier } from '../../src/auth/verifier.ts';
import { type ApiServer, createApiServer } from '../../src/graphql/server.ts';
import { keptLog } from '../support/graphql-api.ts';
import { openTestNode, type TestNode } from '../support/test-node.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const hasTools = ['bash', 'curl'].every((tool) => spawnSync(tool, ['--version']).status === 0);

/** The shell that docs/api.md shows, from top to bottom. */
const script = [...readFileSync(`${ROOT}/docs/api.md`, 'utf8').matchAll(/```sh\n([\s\S]*?)```/g)]
  .map(([, text]) => text)
  .join('\n');

describe(`the calls of docs/api.md${hasTools ? '' : ' (skipped: this machine has no bash and curl)'}`, () => {
  let node: TestNode;
  let server: ApiServer;
  beforeAll(async () => {
    node = await openTestNode();
    const { keyring, platform, app } = node;
    const verifier = await tokenVerifier({
      provider: undefined,
      host: '127.0.0.1',
      developmentKey: keyring.developmentToken,
      clock: app.clock,
    });
    server = createApiServer({
      platform,
      verifier,
      entropy: app.entropy,
      log: keptLog().log,
      development: false,
      ratePerMinute: 1000,
      readiness: () => node.health(),
    });
    await server.listen(0, '127.0.0.1');
  });
  afterAll(async () => {
    await server.stop();
    await node.close();
  });

  it.skipIf(!hasTools)('can be pasted into a shell, and tell the story that the page tells', async () => {
    const env = { ...process.env, URL: server.url, DATA_DIR: dirname(node.config.keyringFile), KEYRING_FILE: '' };
    const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script], { cwd: ROOT, env });
    const answers = stdout
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => JSON.parse(line) as { data: Record<string, object>; errors?: unknown });
    expect(answers.map(({ errors }) => errors)).toEqual(answers.map(() => undefined));
    const [doctor, record, opened, seen] = answers.map(({ data }) => data);
    expect(doctor).toEqual({ registerPractitioner: { id: expect.stringMatching(/^[\w-]{22}$/) } });
    expect(record).toEqual({ registerRecord: { record: expect.any(String) } });
    const hospital = { name: 'Hospital A' };
    const at = '2026-01-05T08:30:00.000Z';
    const row = { node: { id: expect.any(String), title: 'Blood count', at, custodian: hospital } };
    expect(opened).toEqual({ records: { totalCount: 1, event: expect.any(String), edges: [row] } });
    const time = expect.any(String);
    expect(seen).toEqual({
      me: {
        records: { edges: [{ node: { title: 'Blood count' } }] },
        accessLog: {
          edges: expect.arrayContaining([
            { node: { time, kind: 'PERMITTED', purpose: 'TREAT', actor: { name: 'Dr B' }, organisation: hospital } },
          ]),
        },
      },
    });
    expect(answers).toHaveLength(4);
  });
});
