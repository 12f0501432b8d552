import { createServer } from 'node:net';
import { join } from 'node:path';
import { type Running, type Served, type Settings, serve } from './programs.ts';
import type { TestNode } from './test-node.ts';

/** `npm start` several times over one database and keyring, each with a port and a data folder of its own. */
export interface ApiProcesses {
  readonly urls: readonly string[];
  /** The process that serves at that place now; undefined while there is none. */
  at(place: number): Served | undefined;
  start(place: number): Promise<Served>;
  /** SIGTERM, and how it ended. */
  stop(place: number): Promise<Awaited<Running['ended']>>;
  /** SIGKILL. */
  kill(place: number): Promise<void>;
  /** Ends what is left of them. */
  close(): Promise<void>;
}

/** Starts them all at the same moment, as they are at the first start of a new region. */
export async function apiProcesses(node: TestNode, count: number): Promise<ApiProcesses> {
  const { dataDir, keyringFile } = node.config;
  const { url: DATABASE_URL, ownerUrl: DATABASE_OWNER_URL } = node.database;
  const ports = await freePorts(count);
  const running: (Served | undefined)[] = [];
  const settings = (place: number): Settings => ({
    NODE_ENV: 'test',
    LOG_LEVEL: 'warn',
    PORT: String(ports[place]),
    DATA_DIR: join(dataDir, `process-${place}`),
    KEYRING_FILE: keyringFile,
    DATABASE_URL,
    DATABASE_OWNER_URL,
    ...node.place.settings,
    POOL_MAX: '8',
    SEED_RESIDENTS: '0',
    RATE_LIMIT_PER_MINUTE: '1000000',
  });
  const start = async (place: number): Promise<Served> => {
    const served = await serve(settings(place));
    running[place] = served;
    return served;
  };
  const ended = async (place: number, signal: NodeJS.Signals) => {
    const served = running[place];
    if (served === undefined) throw new Error(`nothing runs at ${place}`);
    served.child.kill(signal);
    const how = await served.ended;
    running[place] = undefined;
    return how;
  };
  const close = async (): Promise<void> => {
    for (const [place, served] of running.entries()) if (served !== undefined) await ended(place, 'SIGKILL');
  };
  const begun = await Promise.allSettled(ports.map((_, place) => start(place)));
  const failed = begun.find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') {
    await close();
    throw failed.reason;
  }
  return {
    urls: ports.map((port) => `http://127.0.0.1:${port}/graphql`),
    at: (place) => running[place],
    start,
    stop: (place) => ended(place, 'SIGTERM'),
    kill: async (place) => void (await ended(place, 'SIGKILL')),
    close,
  };
}

/** Ports that nobody listens on now: a process that comes back must be found where it was. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
