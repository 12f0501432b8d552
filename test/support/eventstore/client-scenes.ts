import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { binaryEvent, EventStoreDBClient, jsonEvent, NO_STREAM } from '@eventstore/db-client';
import { after, bytesEvent, bytesEvents } from './awaiting.ts';
import { startEventStore } from './start.ts';

/**
 * What the client does that a process may not survive: each scene is played in a process of its own, which notes every unhandled
 * rejection, tells what it saw, and ends.
 */
export interface Seen {
  /** The types of the client's errors, or what stood in place of an error, by the name of what was tried. */
  readonly [tried: string]: string | number | readonly (string | number)[];
}

export interface Played {
  readonly seen: Seen;
  /** Messages of the rejections that nobody handled. */
  readonly unhandled: readonly string[];
  /** Whether the process ended by itself. */
  readonly ended: boolean;
}

const name = (): string => `scene/${randomUUID()}`;
const CREDENTIALS = { username: 'any', password: 'any' };

/** `stored`, the type of the error and its code, or `pending` after so long: what is to settle gets time even on a busy machine. */
async function fate(append: Promise<unknown>, ms = 20_000): Promise<string> {
  if ((await after(ms, append)) === 'pending') return 'pending';
  return await append.then(
    () => 'stored',
    ({ type, code }: { type?: string; code?: number }) => `${type} ${code}`,
  );
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** How long what is to hang for ever is watched. */
const HANGS_MS = 1_000;

const poisoned = async (
  client: EventStoreDBClient,
  event: ReturnType<typeof bytesEvent>,
  options: object,
  laterMs: number,
) => {
  const append = () => client.appendToStream(name(), bytesEvent(), { expectedRevision: NO_STREAM, ...options });
  const before = await fate(append());
  const bad = await fate(client.appendToStream(name(), event, { expectedRevision: NO_STREAM, ...options }));
  const soon = await fate(append());
  await pause(2_300);
  return { before, bad, soon, later: await fate(append(), laterMs) };
};

const SCENES = {
  'malformed id': (client: EventStoreDBClient) => poisoned(client, bytesEvent('x', 'no-uuid'), {}, HANGS_MS),
  'empty type': (client: EventStoreDBClient) =>
    poisoned(client, binaryEvent({ type: '', data: Buffer.from('x') }), {}, HANGS_MS),
  'malformed id with credentials': (client: EventStoreDBClient) =>
    poisoned(client, bytesEvent('x', 'no-uuid'), { credentials: CREDENTIALS }, 20_000),

  'json that cannot be printed': async (client: EventStoreDBClient) => {
    const cycle: Record<string, unknown> = {};
    cycle.self = cycle;
    const bad = (data: unknown) => client.appendToStream(name(), jsonEvent({ type: 'x', data: data as never }));
    const [ofCycle, ofBigint] = await Promise.all([fate(bad(cycle), HANGS_MS), fate(bad({ n: 1n }), HANGS_MS)]);
    return { cycle: ofCycle, bigint: ofBigint };
  },

  'twenty mebibytes': async (client: EventStoreDBClient) => {
    await client.appendToStream(name(), bytesEvent());
    const huge = client.appendToStream(name(), bytesEvent(Buffer.alloc(20 * 1024 * 1024)));
    const fateOfHuge = fate(huge);
    await pause(5);
    const others = Array.from({ length: 32 }, () => fate(client.appendToStream(name(), bytesEvent())));
    const beside = (await Promise.all(others)).sort();
    return { huge: await fateOfHuge, beside, next: await fate(client.appendToStream(name(), bytesEvent())) };
  },

  'a clock an hour behind': async (client: EventStoreDBClient) => {
    const now = Date.now;
    const right = await fate(client.appendToStream(name(), bytesEvent()));
    Date.now = () => now() - 3_600_000;
    return { right, skewed: await fate(client.appendToStream(name(), bytesEvent())) };
  },

  'a read left half way': async (client: EventStoreDBClient) => {
    const stream = name();
    await client.appendToStream(stream, bytesEvents(10), { expectedRevision: NO_STREAM });
    for await (const _ of client.readStream(stream)) break;
    // Meanwhile the server has ended the call; the client never sees the end of it.
    await pause(300);
    return { dispose: await after(1_500, client.dispose()) };
  },

  'a client left open': async (client: EventStoreDBClient) => ({
    append: await fate(client.appendToStream(name(), bytesEvent())),
  }),
  'a client disposed of': async (client: EventStoreDBClient) => {
    const append = await fate(client.appendToStream(name(), bytesEvent()));
    await client.dispose();
    return { append };
  },

  'the pending of two clients': async () => {
    const [a, b] = [await startEventStore({}), await startEventStore({})];
    const client = ({ ports }: typeof a) =>
      EventStoreDBClient.connectionString(`esdb://127.0.0.1:${ports[0]}?tls=false`);
    const [clientA, clientB] = [client(a), client(b)];
    await Promise.all([clientA, clientB].map((each) => each.appendToStream(name(), bytesEvent())));
    await Promise.all([a, b].map(({ faults }) => faults.holdWrites('store')));
    const [inA, inB] = [clientA, clientB].map((each) => fate(each.appendToStream(name(), bytesEvent())));
    const apart = fate(clientB.appendToStream(name(), bytesEvent(), { credentials: CREDENTIALS }));
    await pause(100);
    await a.faults.dropConnections();
    const [ofA, ofB] = [await inA, await inB];
    await b.faults.releaseWrites();
    await pause(100);
    const later = await fate(clientB.appendToStream(name(), bytesEvent()), HANGS_MS);
    return { ofA: ofA ?? '', ofB: ofB ?? '', later, withCredentials: await apart };
  },
} as const;

export type Scene = keyof typeof SCENES;

/** Plays the scene against the server at `url`; scenes of faults have servers of their own. */
export async function play(scene: Scene, url: string): Promise<Played> {
  const child = fork(fileURLToPath(import.meta.url), [scene, url], { execArgv: ['--import', 'tsx'] });
  const gone = once(child, 'exit');
  const [played] = (await once(child, 'message')) as [Omit<Played, 'ended'>];
  // One that stays is watched for a while; one that ends gets time even on a busy machine.
  const ended = (await after(scene === 'a client left open' ? 2_000 : 20_000, gone)) === 'settled';
  if (!ended) child.kill('SIGKILL');
  await gone;
  return { ...played, ended };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const unhandled: string[] = [];
  process.on('unhandledRejection', (cause: Error) => unhandled.push(cause.message));
  process.on('uncaughtException', (cause: Error) => unhandled.push(cause.message));
  const [scene, url = ''] = process.argv.slice(2) as [Scene, string?];
  const seen = await SCENES[scene](EventStoreDBClient.connectionString(url));
  // A scene of a client's end is left to it; no other says anything about that.
  const end = scene.startsWith('a client') ? () => process.disconnect() : () => process.exit();
  process.send?.({ seen, unhandled } satisfies Omit<Played, 'ended'>, end);
}
