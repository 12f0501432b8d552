import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, readConfig } from '../../src/config.ts';
import { logger } from '../../src/log.ts';
import { type Node, type NodeOptions, openNode } from '../../src/main.ts';
import { nodeEntropy } from '../../src/suite-node/entropy.ts';
import { createKeyring } from '../../src/vault/keyring.ts';
import { writeKeyring } from '../../src/vault/keyring-file.ts';
import { type FreshDatabase, freshDatabase } from './database.ts';
import { type LedgerPlace, openLedgerPlace } from './engine.ts';

/** A whole node as `npm start` has it, but for HTTP, over a database of its own, on the engine of this test file (`chooseEngine`). */
export interface TestNode extends Node {
  readonly database: FreshDatabase;
  readonly place: LedgerPlace;
  /** Opens another process's node over the same database and keyring, such as `{ audit: true }`. Close it before this one. */
  again(options?: Partial<NodeOptions>): Promise<Node>;
  /** Closes the node alone: database and keyring stay until `close`, and `again` opens them. */
  leave(): Promise<void>;
  /** Closes the node and removes database and keyring. */
  close(): Promise<void>;
}

/** Opens a node with its keyring in a temporary folder: ledger opened, operator registered, first policy adopted, read tables kept. */
export async function openTestNode(
  options: Partial<NodeOptions> = {},
  prepare: (database: FreshDatabase) => Promise<void> = async () => {},
): Promise<TestNode> {
  const folder = await mkdtemp(join(tmpdir(), 'hrl-test-node-'));
  const [database, place] = await Promise.all([freshDatabase(), openLedgerPlace()]);
  const remove = async (): Promise<void> => {
    await Promise.all([database.drop(), place.close()]);
    await rm(folder, { recursive: true, force: true });
  };
  const config: Config = readConfig({
    NODE_ENV: 'test',
    LOG_LEVEL: 'silent',
    DATA_DIR: folder,
    DATABASE_URL: database.url,
    DATABASE_OWNER_URL: database.ownerUrl,
    POOL_MAX: '8',
    ...place.settings,
  });
  const again = (over: Partial<NodeOptions> = {}): Promise<Node> =>
    openNode({ config, log: logger({ level: config.logLevel }), ...over });
  try {
    await writeKeyring(config.keyringFile, createKeyring(nodeEntropy));
    await prepare(database);
    const node = await again(options);
    return {
      ...node,
      database,
      place,
      again,
      leave: () => node.close(),
      close: async () => {
        await node.close();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
