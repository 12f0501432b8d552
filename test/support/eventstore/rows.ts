import { randomUUID } from 'node:crypto';
import { EventStoreDBClient } from '@eventstore/db-client';
import { afterAll, afterEach, beforeAll, describe, it } from 'vitest';
import type { EventStoreFaults } from './faults.ts';
import { type EventStoreUnderTest, eventStoreName, type OpenOptions, openEventStore } from './open.ts';

/** What a row works with: the server, and clients and stream names of its own. */
export interface RowBench {
  readonly url: string;
  /** A client of the row's, disposed of after it. `more` is added to the connection string. */
  client(more?: string): EventStoreDBClient;
  /** One that knows a single node of the cluster. */
  nodeClient(node: number): EventStoreDBClient;
  stream(): string;
}

/** A sentence that says what server or client does, and what shows that they do. */
export interface Row {
  readonly sentence: string;
  readonly run: (bench: RowBench) => Promise<void>;
}

/** A row that can only be shown with a server that fails when it is told to. */
export interface FaultRow {
  readonly sentence: string;
  readonly runWithFaults: (bench: RowBench, faults: EventStoreFaults) => Promise<void>;
}

/** The rows as tests, against the server that there is; its name stands in their title. Rows of faults are skipped by name with a real one. */
export function describeRows(about: string, rows: readonly (Row | FaultRow)[], options: OpenOptions = {}): void {
  describe(`${eventStoreName()}: ${about}`, () => {
    let server: EventStoreUnderTest;
    let clients: EventStoreDBClient[] = [];
    beforeAll(async () => {
      server = await openEventStore(options);
    });
    afterEach(async () => {
      await Promise.all(clients.map((client) => client.dispose()));
      clients = [];
    });
    afterAll(() => server.close());
    const connected = (url: string): EventStoreDBClient => {
      const client = EventStoreDBClient.connectionString(url);
      clients.push(client);
      return client;
    };
    const bench = (): RowBench => ({
      url: server.url,
      client: (more = '') => connected(`${server.url}${more}`),
      nodeClient: (node) => connected(server.nodeUrls[node] ?? server.url),
      stream: () => `row/${randomUUID()}`,
    });
    for (const row of rows) {
      it(row.sentence, async (context) => {
        if ('run' in row) return await row.run(bench());
        const { faults } = server;
        if (faults === undefined) return context.skip('needs a server that fails when it is told to');
        await row.runWithFaults(bench(), faults);
      });
    }
  });
}
