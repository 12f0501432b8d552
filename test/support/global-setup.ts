import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import type { TestProject } from 'vitest/node';
import { openEmbedded } from '../../src/postgres/embedded/open.ts';
import { embeddedStatus } from '../../src/postgres/embedded/status.ts';
import { migrate } from '../../src/postgres/migrate.ts';
import { sizesText } from './sizes.ts';

/** What the run's server tells the test files; `failure` when there is none, so that only those who need one fail. */
export type TestServer =
  | { readonly kind: 'running'; readonly adminUrl: string; readonly ownerUrl: string; readonly appUrl: string }
  | { readonly kind: 'failed'; readonly failure: string };

declare module 'vitest' {
  interface ProvidedContext {
    testServer: TestServer;
  }
}

const PREFIX = 'hrl-vitest-';

/**
 * One real PostgreSQL for the whole run, with fsync on as in earnest. Its database `hrl` is migrated and then only copied
 * (test/support/database.ts). A run that was killed leaves a folder; the next run removes it.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  process.stderr.write(`${sizesText()}\n`);
  await removeLeftovers();
  const dataDir = await mkdtemp(`${tmpdir()}/${PREFIX}`);
  const remove = () => rm(dataDir, { recursive: true, force: true });
  try {
    const server = await openEmbedded({ dataDir, log: (line) => process.stderr.write(`test database: ${line}\n`) });
    const teardown = async () => {
      await server.close();
      await remove();
    };
    const { adminUrl, ownerUrl, appUrl } = server;
    try {
      await migrate({ ownerUrl, appUrl });
    } catch (error) {
      await teardown();
      throw error;
    }
    project.provide('testServer', { kind: 'running', adminUrl, ownerUrl, appUrl });
    return teardown;
  } catch (error) {
    await remove();
    const failure = error instanceof Error ? error.message : String(error);
    project.provide('testServer', { kind: 'failed', failure });
    return async () => {};
  }
}

async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const dataDir = `${tmpdir()}/${name}`;
    if (!name.startsWith(PREFIX) || !(await isOldAndOurs(dataDir))) continue;
    const { server, holders } = await embeddedStatus(dataDir);
    if (server === undefined && holders.length === 0) await rm(dataDir, { recursive: true, force: true });
  }
}

/** Another run may be making its folder at this moment and have no lease in it yet. */
async function isOldAndOurs(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && found.uid === process.geteuid?.() && Date.now() - found.mtimeMs > 60_000;
}
