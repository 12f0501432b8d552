import { randomUUID } from 'node:crypto';
import type { Member } from './cluster-info.ts';
import { eventLog } from './event-log.ts';
import type { EventStoreFaults } from './faults.ts';
import { type Gateway, openGateway } from './gateway.ts';
import { liveFeed } from './live-feed.ts';
import { openLogFile } from './log-file.ts';
import { type Endpoint, type Node, node } from './node.ts';
import type { LogRecord } from './record.ts';
import { serve } from './server.ts';
import { type Writer, writer } from './writer.ts';

export interface StartOptions {
  /** Where the log is kept, written and synced before an append is acknowledged. Without it the log lives in this process, crashes and all. */
  readonly folder?: string;
  /** One node each; 0: any port that is free. One node on any port unless told. Several are a cluster that shares one log. */
  readonly ports?: readonly number[];
}

export interface RunningEventStore {
  readonly ports: readonly number[];
  readonly faults: EventStoreFaults;
  close(): Promise<void>;
}

const HOST = '127.0.0.1';

/** What runs between a start and a crash. */
interface Life {
  readonly writer: Writer;
  readonly nodes: readonly Node[];
  readonly servers: readonly { readonly port: number; stop(): void }[];
  readonly records: readonly LogRecord[];
}

/** The server in this process: a node for each port, behind a door of its own, over one log. Node 0 leads at first. */
export async function startEventStore({ folder, ports = [0] }: StartOptions): Promise<RunningEventStore> {
  const gateways = await Promise.all(ports.map((port) => openGateway(port)));
  const endpoints = gateways.map(({ port }): Endpoint => ({ address: HOST, port }));
  let leader = 0;
  let life: Life | undefined;
  /** What a crash leaves of a log that has no folder. */
  let kept: readonly LogRecord[] = [];

  const members = (): Member[] =>
    endpoints.map((endpoint, i) => ({ ...endpoint, role: i === leader ? 'leader' : 'follower', alive: true }));
  const start = async (): Promise<void> => {
    const opened = folder === undefined ? undefined : await openLogFile(folder);
    const log = eventLog(opened?.stored ?? kept);
    const feed = liveFeed();
    const theWriter = writer(log, opened?.file, feed.committed);
    const nodes = endpoints.map((_, i) =>
      node({ log, feed, write: theWriter.write }, () => (i === leader ? undefined : endpoints[leader])),
    );
    await writeOwnEvents(theWriter, endpoints[0]?.port ?? 0);
    const servers = await Promise.all(nodes.map((each) => serve(each, members)));
    life = { writer: theWriter, nodes, servers, records: log.all };
    await Promise.all(gateways.map((gateway, i) => gateway.leadTo(servers[i]?.port)));
  };
  const stop = async (waiting: 'stored' | 'lost'): Promise<void> => {
    const ended = life;
    life = undefined;
    await Promise.all(gateways.map((gateway) => gateway.leadTo(undefined)));
    await ended?.writer.crash(waiting);
    for (const server of ended?.servers ?? []) server.stop();
    kept = ended?.records ?? kept;
  };
  await start();

  const each = async (act: (gateway: Gateway, i: number) => unknown): Promise<void> => {
    await Promise.all(gateways.map(act));
  };
  const faults: EventStoreFaults = {
    freeze: () => each((gateway) => gateway.freeze()),
    thaw: () => each((gateway) => gateway.thaw()),
    dropConnections: () => each((gateway) => gateway.drop()),
    refuseConnections: () => each((gateway) => gateway.leadTo(undefined)),
    acceptConnections: () => each((gateway, i) => gateway.leadTo(life?.servers[i]?.port)),
    slow: (ms) => each((gateway) => gateway.slow(ms)),
    holdWrites: async (what) => life?.writer.hold(what),
    releaseWrites: async () => life?.writer.release(),
    dropSubscriptions: async () => {
      for (const { subscriptions } of life?.nodes ?? []) for (const drop of [...subscriptions]) drop();
    },
    elect: async (index) => {
      leader = index;
    },
    crash: (waiting = 'lost') => stop(waiting),
    restart: start,
  };
  return {
    ports: endpoints.map(({ port }) => port),
    faults,
    close: async () => {
      await stop('stored');
      await each((gateway) => gateway.close());
    },
  };
}

/** A real server's log has events of its own: whoever reads the whole log meets them. */
async function writeOwnEvents({ write }: Writer, port: number): Promise<void> {
  const name = `$stats-${HOST}:${port}`;
  const event = (type: string, data: string) => ({
    id: randomUUID(),
    type,
    json: true,
    data: Buffer.from(data),
    metadata: new Uint8Array(),
  });
  const append = (stream: string, type: string, data: string) =>
    write({ stream, expected: 'any', what: { kind: 'append', events: [event(type, data)] } });
  await append(`$$${name}`, '$metadata', '{"$maxAge":604800}');
  await append(name, '$statsCollected', `{"proc-startTime":"${new Date().toISOString()}"}`);
}
