import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventStoreFaults } from './faults.ts';
import { startEventStoreProcess } from './server-process.ts';
import { startEventStore } from './start.ts';

/** The EventStoreDB that a suite runs against. */
export interface EventStoreUnderTest {
  /** The client's connection string. */
  readonly url: string;
  /** Which of the two it is, for the output: `test server`, or the real one that EVENTSTORE_URL names. */
  readonly name: string;
  /** Connection strings of the single nodes. */
  readonly nodeUrls: readonly string[];
  /** Absent with a real server. */
  readonly faults?: EventStoreFaults;
  close(): Promise<void>;
}

export interface OpenOptions {
  /**
   * `memory`: in this process, its log in memory, crashes played. `disk`: the same with its log in a folder, synced before an append is
   * acknowledged. `process`: that in a process of its own, whose crash is kill -9 and whose freeze stops it. `memory` unless told.
   */
  readonly shape?: 'memory' | 'disk' | 'process';
  /** The nodes of the cluster, which share one log. 1 unless told. */
  readonly nodes?: number;
}

/** The real server that EVENTSTORE_URL names, if it does. */
const realUrl = (): string | undefined => process.env.EVENTSTORE_URL || undefined;

/** Which server `openEventStore` opens: for titles, so without what a connection string may hold besides hosts. */
export function eventStoreName(): string {
  const url = realUrl();
  return url === undefined ? 'test server' : `EVENTSTORE_URL ${/^[^:]+:\/\/(?:[^@/]*@)?([^/?]*)/.exec(url)?.[1] ?? ''}`;
}

/** Opens the test server, or, with EVENTSTORE_URL set, that real server: shared with others, so use names of your own. */
export async function openEventStore({ shape = 'memory', nodes = 1 }: OpenOptions = {}): Promise<EventStoreUnderTest> {
  const real = realUrl();
  if (real !== undefined) return { url: real, name: eventStoreName(), nodeUrls: [real], close: async () => {} };
  const folder = await mkdtemp(join(tmpdir(), 'hrl-eventstore-'));
  const ports = Array.from({ length: nodes }, () => 0);
  const server =
    shape === 'process'
      ? await startEventStoreProcess({ folder, ports })
      : await startEventStore(shape === 'disk' ? { folder, ports } : { ports });
  const hosts = server.ports.map((port) => `127.0.0.1:${port}`);
  return {
    url: `esdb://${hosts.join(',')}?tls=false`,
    name: eventStoreName(),
    nodeUrls: hosts.map((host) => `esdb://${host}?tls=false`),
    faults: server.faults,
    close: async () => {
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
