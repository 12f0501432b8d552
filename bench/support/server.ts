import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, readConfig } from '../../src/config.ts';
import { logger } from '../../src/log.ts';
import { type Node, type NodeOptions, openNode } from '../../src/main.ts';
import { openEmbedded } from '../../src/postgres/embedded/open.ts';
import { migrate } from '../../src/postgres/migrate.ts';
import { openSql } from '../../src/postgres/pools.ts';
import { nodeEntropy } from '../../src/suite-node/entropy.ts';
import { createKeyring } from '../../src/vault/keyring.ts';
import { writeKeyring } from '../../src/vault/keyring-file.ts';
import type { Bench } from './program.ts';

/** A database of its own on the bench's server: migrated, empty, with a keyring. */
export interface BenchDatabase {
  /** As the application. */
  readonly url: string;
  readonly ownerUrl: string;
  /** What another process needs to open the same node: the environment of a child (`startChild`). */
  readonly environment: Readonly<Record<string, string>>;
}

export interface BenchServer {
  /** Such as `18.4`. */
  readonly version: string;
  newDatabase(): Promise<BenchDatabase>;
}

/**
 * The embedded Postgres as users have it, fsync on, in a temporary folder. Server and folder are gone when the bench ends; when the
 * bench is killed, the watchdog ends the server and the folder stays.
 */
export async function openBenchServer(bench: Bench): Promise<BenchServer> {
  const folder = await mkdtemp(join(tmpdir(), 'hrl-bench-'));
  bench.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));
  const { adminUrl, ownerUrl, appUrl, close } = await openEmbedded({ dataDir: join(folder, 'data'), log: bench.talk });
  bench.defer(close);
  const admin = openSql(adminUrl, { max: 1, applicationName: 'bench admin' });
  bench.defer(() => admin.end({ timeout: 1 }));
  const [row] = await admin<{ version: string }[]>`select current_setting('server_version') as version`;

  return {
    version: row?.version ?? 'unknown',
    newDatabase: async () => {
      const name = `bench_${randomBytes(6).toString('hex')}`;
      await admin.unsafe(`create database ${name} owner hrl_owner`);
      const database = { url: withDatabase(appUrl, name), ownerUrl: withDatabase(ownerUrl, name) };
      await migrate({ ownerUrl: database.ownerUrl, appUrl: database.url });
      const environment = {
        NODE_ENV: 'test',
        LOG_LEVEL: 'silent',
        DATA_DIR: join(folder, name),
        KEYRING_FILE: join(folder, name, 'keyring.json'),
        DATABASE_URL: database.url,
        DATABASE_OWNER_URL: database.ownerUrl,
      };
      await writeKeyring(environment.KEYRING_FILE, createKeyring(nodeEntropy));
      return { ...database, environment };
    },
  };
}

/** A node over such a database, in this process. A child opens its own with `openBenchNode(process.env)`. Close it yourself. */
export function openBenchNode(
  environment: Readonly<Record<string, string | undefined>>,
  options: Partial<NodeOptions> = {},
): Promise<Node> {
  const config: Config = readConfig(environment);
  return openNode({ config, log: logger({ level: config.logLevel }), ...options });
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}
