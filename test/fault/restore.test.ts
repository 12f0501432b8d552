import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { replayLedger } from '../../src/audit/replay/replay.ts';
import { type Config, readConfig } from '../../src/config.ts';
import { logger } from '../../src/log.ts';
import { type Node, type NodeOptions, openNode } from '../../src/main.ts';
import { nodeEntropy } from '../../src/suite-node/entropy.ts';
import { createKeyring } from '../../src/vault/keyring.ts';
import { writeKeyring } from '../../src/vault/keyring-file.ts';
import { CLEAN, terms, value, verdictOn, worldOf } from '../support/people.ts';
import { run } from '../support/programs.ts';

/**
 * A cold backup of the embedded database and of the keyring, restored: an older one is not opened until somebody says so, and that it
 * was is in the ledger for ever. What the data folder has seen is not part of the backup.
 */

let home: string;
let config: Config;
const dataDir = (): string => join(home, 'data');
const cluster = (): string => join(dataDir(), 'postgres');
const backup = (name: string): string => join(home, name);
const settings = () => ({ DATA_DIR: dataDir(), LOG_LEVEL: 'warn' });
const WITH_READ_TABLES = { project: true };
const open = (options: Partial<NodeOptions> = {}): Promise<Node> =>
  openNode({ config, log: logger({ level: 'silent' }), project: false, ...options });

/** Opens, works, and closes: the last to close stops the server, so that its folder can be copied cold. */
async function opened<T>(work: (node: Node) => Promise<T>, options: Partial<NodeOptions> = {}): Promise<T> {
  const node = await open(options);
  try {
    return await work(node);
  } finally {
    await node.close();
  }
}
const size = (node: Node): Promise<number> => node.app.ledger.end().then((end) => 1 + Number.parseInt(String(end), 10));

async function takeBackup(name: string): Promise<void> {
  await cp(cluster(), backup(name), { recursive: true, preserveTimestamps: true });
}
async function restore(name: string): Promise<void> {
  await rm(cluster(), { recursive: true });
  await cp(backup(name), cluster(), { recursive: true, preserveTimestamps: true });
}
const seenFile = async (): Promise<string> => {
  const [name = ''] = await readdir(join(dataDir(), 'heads'));
  return join(dataDir(), 'heads', name);
};
const seenSize = async (): Promise<number> => Number((await readFile(await seenFile(), 'utf8')).split('\n')[2]);

let code: string;
beforeAll(async () => {
  home = await mkdtemp('/tmp/hrl-restore-');
  config = readConfig({ NODE_ENV: 'test', LOG_LEVEL: 'silent', DATA_DIR: dataDir(), POOL_MAX: '6' });
  await opened(async (node) => {
    const world = await worldOf(node);
    ({ code } = await world.resident('Anna'));
  });
  await takeBackup('early');
  await opened(async (node) => {
    const world = await worldOf(node);
    const hospital = await world.hospital();
    const resident = await world.resident('Ben');
    await world.grant(resident, terms(hospital));
  });
  await takeBackup('late');
});
afterAll(() => rm(home, { recursive: true, force: true, maxRetries: 10 }));

describe('a data folder', () => {
  it('keeps how far its ledger goes, readable by its owner only, and nothing else', async () => {
    expect((await stat(await seenFile())).mode & 0o777).toBe(0o600);
    expect(await seenSize()).toBe(await opened(size));
    expect(await readdir(join(dataDir(), 'heads'))).toHaveLength(1);
  });
});

describe('a database restored', () => {
  it('as it was seen last, is opened', async () => {
    const before = await seenSize();
    await restore('late');
    expect(await opened(size)).toBe(before);
  });

  it('to an older point, is refused by name, and named by fsck', async () => {
    await restore('early');
    await expect(open()).rejects.toMatchObject({ code: 'database-restored' });
    const { code: exit, stdout } = await run('fsck', ['--json'], settings());
    expect(exit).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'broken', finding: { kind: 'seen-truncated' } });
  });

  it('with the keyring of another ledger, is not opened even when accepted, and nothing is written', async () => {
    const other = join(home, 'other-keyring.json');
    await writeKeyring(other, createKeyring(nodeEntropy));
    const wrong = { ...config, keyringFile: other };
    await expect(open({ config: wrong, acceptRestored: { reason: 'a test' } })).rejects.toMatchObject({
      code: 'wrong-keyring',
    });
    await expect(open()).rejects.toMatchObject({ code: 'database-restored' });
  });

  it('to an older point and accepted, goes on: recorded once, told by fsck, and every decision follows', async () => {
    const expected = await seenSize();
    const told = await run('accept-restore', ['--reason', 'the disk broke'], settings());
    expect(told).toMatchObject({ code: 0 });
    const said = JSON.parse(told.stdout) as { readonly expected: string; readonly found: string };
    expect(said).toMatchObject({ accepted: true, expected: String(expected) });
    expect(Number(said.found)).toBeLessThan(expected);

    await opened(async (node) => {
      const { platform } = node;
      const world = await worldOf(node);
      expect(value(await platform.verifyCode(world.office, { code }))).toEqual({ live: 'yes' });
      const types: string[] = [];
      for await (const { type } of node.app.ledger.readAll()) types.push(type);
      expect(types.filter((type) => type === 'ledger.restored@1')).toHaveLength(1);
      expect(await verdictOn(node)).toMatchObject({ ...CLEAN, restored: 1 });
      const { byType } = await replayLedger(node.audit);
      expect(byType['ledger.restored@1']).toBe(1);
    }, WITH_READ_TABLES);
    const { code: exit, stdout } = await run('fsck', [], settings());
    expect(exit).toBe(0);
    expect(stdout).toContain('restored 1 time');
  });

  it('that has nothing to accept, is told so, and nothing is written', async () => {
    const before = await seenSize();
    const acceptRestored = { reason: 'to be sure' };
    expect(await opened(async ({ accepted }) => accepted, { acceptRestored })).toBeUndefined();
    expect(await seenSize()).toBe(before);
  });

  it('to an older point from which it has gone on elsewhere, is refused although it is longer', async () => {
    const seen = await readFile(await seenFile(), 'utf8');
    await restore('late');
    await rm(await seenFile());
    await opened(async (node) => {
      const world = await worldOf(node);
      for (let i = 0; i < 4; i++) await world.hospital();
    });
    await writeFile(join(dataDir(), 'heads', `${encodeURIComponent(config.origin)}.seen`), seen);
    await expect(open()).rejects.toMatchObject({ code: 'database-restored' });
    const { stdout } = await run('fsck', ['--json'], settings());
    expect(JSON.parse(stdout)).toMatchObject({ finding: { kind: 'seen-other' } });
  });

  it('under a file that says nothing, is refused until that is accepted', async () => {
    await writeFile(await seenFile(), 'hrl/seen/v1\nhealth.example/110000\nmany\n');
    await expect(open()).rejects.toMatchObject({ code: 'heads-unreadable' });
    expect((await run('accept-restore', ['--reason', 'the file is broken'], settings())).code).toBe(0);
    await opened(async (node) => {
      expect(await verdictOn(node)).toMatchObject({ ...CLEAN, restored: 1 });
      expect(await seenSize()).toBe(await size(node));
    });
  });
});
