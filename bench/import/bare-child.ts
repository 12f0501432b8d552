import { randomUUID } from 'node:crypto';
import { type Connection, openConnection } from '../../src/ledger/eventstore/client.ts';
import { encodeFrame } from '../../src/ledger/eventstore/frame.ts';
import { answerParent } from '../support/child.ts';
import type { Round } from '../support/rounds.ts';
import { openBenchNode } from '../support/server.ts';

/**
 * The process that writes the same events as an import did by the bare client of EventStoreDB: made beforehand, each stream's in as large appends as
 * the server takes, so many streams under way at once, without parsing, hash, seal, claim or condition, and with nothing beside them in Postgres.
 */
export interface BareRound {
  readonly url: string;
  readonly prefix: string;
  readonly parallel: number;
}

/** Bytes of data in one append: the server takes less than 1 MiB. */
const MOST_DATA = 512 * 1024;
const MOST_EVENTS = 1_024;

interface Ready {
  readonly type: string;
  readonly contentType: 'application/octet-stream';
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

const streams = new Map<string, Ready[][]>();
let events = 0;
let connection: Connection | undefined;

async function load(environment: Readonly<Record<string, string>>): Promise<void> {
  const node = await openBenchNode(environment, { project: false });
  streams.clear();
  events = 0;
  for await (const { stream, type, leaf, ...event } of node.app.ledger.readAll()) {
    const appends = streams.get(stream) ?? [[]];
    streams.set(stream, appends);
    const last = appends.at(-1) ?? [];
    const bytes = last.reduce((sum, { data }) => sum + data.length, 0);
    const metadata = encodeFrame({ ...event, beside: -1n });
    const ready: Ready = { type, contentType: 'application/octet-stream', data: leaf, metadata };
    if (last.length === MOST_EVENTS || bytes + leaf.length > MOST_DATA) appends.push([ready]);
    else last.push(ready);
    events += 1;
  }
  await node.close();
}

answerParent({
  load,
  append: async ({ url, prefix, parallel }: BareRound): Promise<Round> => {
    connection ??= openConnection(url);
    const { client } = connection;
    const began = performance.now();
    const work = streams.entries();
    const lane = async (): Promise<void> => {
      for (const [stream, appends] of work) {
        let revision = -1n;
        for (const ready of appends) {
          const given = ready.map((event) => ({ id: randomUUID(), ...event }));
          const expectedRevision = revision < 0n ? 'no_stream' : revision;
          revision = (await client.appendToStream(`${prefix}${stream}`, given, { expectedRevision }))
            .nextExpectedRevision;
        }
      }
    };
    await Promise.all(Array.from({ length: parallel }, lane));
    return { done: events, seconds: (performance.now() - began) / 1000, latenciesMs: [], failures: [] };
  },
  end: async () => connection?.close(),
});
