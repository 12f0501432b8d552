import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBothEngines } from '../../src/config.ts';
import { abortCopy, type TwoEngines } from '../../src/copy-ledger.ts';
import { isFault } from '../../src/kernel/fault.ts';
import type { StreamName } from '../../src/kernel/id.ts';
import { countingTail } from '../../src/ledger/counting-tail.ts';
import { eventStorePutter } from '../../src/ledger/eventstore/put-events.ts';
import { AppendOvertaken } from '../../src/ledger/faults.ts';
import { requireHome } from '../../src/ledger/home/home.ts';
import type { Ledger, RecordedEvent, SealedPart } from '../../src/ledger/port.ts';
import { logger } from '../../src/log.ts';
import { nodeSuite as suite } from '../../src/suite-node/suite.ts';
import { bareLedgers, copy, eventsOf, settingsOf, withoutPlace } from '../support/copying.ts';
import { type FreshDatabase, freshDatabase } from '../support/database.ts';
import { type EventStoreUnderTest, eventStoreName, openEventStore } from '../support/eventstore/open.ts';
import { TEST_IDENTITY } from '../support/postgres-ledger.ts';
import { run, type Settings, start } from '../support/programs.ts';
import { decidedAt, sealedEvents } from '../support/sealed-events.ts';
import { machineClock, seededEntropy } from '../support/seeded.ts';
import { SIZES, WHOLE } from '../support/sizes.ts';

/** A ledger of events as engines see them, moved by processes that are killed, beside processes that go on appending. */

const EVENTS = 5 * SIZES.killAppends;
const KILLS = WHOLE ? 5 : 2;
/** There and back; in a run of a tenth, there. */
const WAYS = (
  [
    ['postgres', 'eventstore'],
    ['eventstore', 'postgres'],
  ] as const
).slice(0, WHOLE ? 2 : 1);
const TYPES = ['access.permitted@1', 'consent.granted@1', 'access.denied@1', 'record.registered@1'];
const random = seededEntropy(`kills ${process.pid}`);
const below = (limit: number): number => new DataView(random.bytes(4).buffer).getUint32(0) % limit;
const silent = logger({ level: 'silent' });

let server: EventStoreUnderTest;
beforeAll(async () => {
  server = await openEventStore();
});
afterAll(() => server.close());

interface Place {
  readonly database: FreshDatabase;
  readonly settings: Settings;
  readonly config: TwoEngines;
}

const placeOf = (database: FreshDatabase): Place => {
  const settings = { ...settingsOf(database, server), DATA_DIR: '/tmp/hrl-no-data' };
  return { database, settings, config: readBothEngines(settings) };
};

/** As a first start says it. */
const claim = (database: FreshDatabase, engine: 'postgres' | 'eventstore') =>
  database.sql`insert into ledger_home (engine) values (${engine})`;

async function fill(ledger: Ledger, count: number, seed: string): Promise<void> {
  const make = sealedEvents(seededEntropy(seed));
  const streams = Array.from({ length: 40 }, () => make.stream());
  let made = 0;
  while (made < count) {
    const appends = Array.from({ length: 64 }, () => make.events(1 + below(4), TYPES[below(TYPES.length)]));
    made += appends.flat().length;
    await Promise.all(
      appends.map((events) =>
        ledger.append(streams[below(streams.length)] as StreamName, events, decidedAt(machineClock.now())),
      ),
    );
  }
}

async function contents(place: Place): Promise<{ readonly [E in 'postgres' | 'eventstore']: RecordedEvent[] }> {
  const ledgers = bareLedgers(place.database.ownerSql, place.config);
  const [postgres, eventstore] = [await ledgers.postgres('read'), await ledgers.eventstore('read')];
  try {
    return { postgres: await eventsOf(postgres), eventstore: await eventsOf(eventstore) };
  } finally {
    await Promise.all([postgres.close(), eventstore.close()]);
  }
}

async function expectSame(place: Place): Promise<void> {
  const { postgres, eventstore } = await contents(place);
  expect(postgres.length).toBeGreaterThan(0);
  expect(eventstore.map(withoutPlace)).toEqual(postgres.map(withoutPlace));
}

/** Tips and what stands beside accesses, as both engines tell them. */
async function expectSameTails(place: Place): Promise<void> {
  const ledgers = bareLedgers(place.database.ownerSql, place.config);
  const [postgres, eventstore] = [await ledgers.postgres('tails'), await ledgers.eventstore('tails')];
  const streams = [...new Set((await eventsOf(postgres)).map(({ stream }) => stream))];
  const queries = streams.map((stream) => ({ stream, after: 2n, kinds: ['consent.', 'record.'] }));
  const plain = (tails: Awaited<ReturnType<Ledger['readTails']>>) =>
    tails.map(({ tip, known, events }) => ({
      revision: tip?.revision,
      head: tip?.head,
      known,
      events: events.map(withoutPlace),
    }));
  expect(plain(await eventstore.readTails(queries))).toEqual(plain(await postgres.readTails(queries)));
  await Promise.all([postgres.close(), eventstore.close()]);
}

/** Kills the program once the target has come some way further, and waits for its end. */
async function killAfter(settings: Settings, args: readonly string[], reached: () => Promise<boolean>): Promise<void> {
  const program = start('copy-ledger', args, settings);
  let over = false;
  void program.ended.then(() => {
    over = true;
  });
  while (!over && !(await reached())) await sleep(20);
  await sleep(below(150));
  program.child.kill('SIGKILL');
  await program.ended;
}

describe.each(WAYS)(`copying from %s to %s (${eventStoreName()})`, (from, to) => {
  let place: Place;
  beforeAll(async () => {
    place = placeOf(await freshDatabase());
    await claim(place.database, from);
    const ledger = await bareLedgers(place.database.sql, place.config)[from]('source');
    await fill(ledger, EVENTS, `source ${from}`);
    await ledger.close();
  });
  afterAll(() => place.database.drop());

  it(`goes on after each of ${KILLS} kills -9, and in the end every event is there, in order`, async () => {
    const args = ['--from', from, '--to', to];
    const target = await bareLedgers(place.database.ownerSql, place.config)[to]('target');
    const tail = countingTail(target);
    const copied = async (): Promise<bigint> => (await tail.look(1n)).last?.size ?? 0n;
    let between = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      const before = await copied();
      await killAfter(
        place.settings,
        args,
        async () => (await copied()) > before + BigInt(below(EVENTS / (4 * KILLS))),
      );
      const after = await copied();
      if (after > before && after < BigInt(EVENTS)) between += 1;
    }
    await target.close();
    expect(between).toBeGreaterThan(0);
    const ended = await run('copy-ledger', [...args, '--json'], place.settings);
    expect(ended).toMatchObject({ code: 0 });
    const { postgres } = await contents(place);
    expect(JSON.parse(ended.stdout)).toMatchObject({ from, to, events: `${postgres.length}` });
    await expectSame(place);
    await expectSameTails(place);
  });
});

describe.each(WAYS)('while a process appends to %s', (from, to) => {
  it('nothing that it was told is lost, and from then on it hears coded faults only', async () => {
    const database = await freshDatabase();
    const place = placeOf(database);
    await claim(database, from);
    const ledger = await bareLedgers(database.sql, place.config)[from]('busy');
    const make = sealedEvents(seededEntropy(`busy ${from}`));
    const streams = Array.from({ length: 8 }, () => make.stream());
    const acknowledged = new Set<string>();
    const codes = new Map<string, number>();
    let stop = false;
    const writers = streams.map(async (stream) => {
      while (!stop) {
        const events = make.events(2);
        try {
          const { events: written } = await ledger.append(stream, events, decidedAt(machineClock.now()));
          for (const { id } of written) acknowledged.add(id);
        } catch (error) {
          if (error instanceof AppendOvertaken) for (const { id } of error.written.events) acknowledged.add(id);
          else if (!isFault(error)) throw error;
          else codes.set(error.code, (codes.get(error.code) ?? 0) + 1);
          await sleep(50);
        }
      }
    });
    while (acknowledged.size < 200) await sleep(10);
    await copy(place.config, from);
    const then = acknowledged.size;
    await sleep(200);
    stop = true;
    await Promise.all(writers);
    expect(acknowledged.size).toBe(then);
    expect(then).toBeGreaterThanOrEqual(200);
    expect([...codes.keys()]).toEqual(['ledger-unavailable']);
    await ledger.close();
    const there = new Set<string>((await contents(place))[to].map(({ id }) => id));
    expect([...acknowledged].filter((id) => !there.has(id))).toEqual([]);
    await expectSame(place);
    await database.drop();
  });
});

/** A small ledger on PostgreSQL, and a beginning of it put into a place on the server, each event changed as told. */
async function small(put: (events: readonly RecordedEvent[]) => readonly RecordedEvent[] = () => []) {
  const database = await freshDatabase();
  await claim(database, 'postgres');
  const place = placeOf(database);
  const ledger = await bareLedgers(database.sql, place.config).postgres(`small ${database.url}`);
  await fill(ledger, 60, `small ${database.url}`);
  const events = await eventsOf(ledger);
  const { url: connectionString, prefix } = place.config.eventStore;
  const putter = eventStorePutter(database.ownerSql, { identity: TEST_IDENTITY, suite, connectionString, prefix });
  await putter.put(put(events));
  await putter.close();
  const append = async () => {
    const make = sealedEvents(random);
    return ledger.append(make.stream(), make.events(1), decidedAt(machineClock.now()));
  };
  const close = async () => {
    await ledger.close();
    await database.drop();
  };
  return { place, events, append, close };
}

describe('a target', () => {
  const flipped = ({ keyId, bytes }: SealedPart): SealedPart => {
    const copied = new Uint8Array(bytes);
    copied[5] = (copied[5] ?? 0) ^ 1;
    return { keyId, bytes: copied };
  };

  it('that is a beginning of the source is gone on with', async () => {
    const { place, events, close } = await small((all) => all.slice(0, 30));
    expect(await copy(place.config, 'postgres')).toMatchObject({ copied: BigInt(events.length - 30) });
    await expectSame(place);
    await close();
  });

  it('with one bit changed in a sealed part is refused by its place, and the source goes on', async () => {
    const { place, events, append, close } = await small((all) =>
      all
        .slice(0, 30)
        .map((event, i) =>
          i === 17 ? { ...event, sealed: { ...event.sealed, personal: flipped(event.sealed.personal) } } : event,
        ),
    );
    const { stream = '', revision } = events[17] as RecordedEvent;
    const refused = copy(place.config, 'postgres');
    await expect(refused).rejects.toMatchObject({ code: 'copy-differs', number: 18n });
    await expect(refused).rejects.toThrow(`revision ${revision} of ${stream}`);
    await expect(refused).rejects.toThrow('its personal part differs');
    await append();
    await close();
  });

  it('that holds more than the source is refused, and the source goes on', async () => {
    const other = await small();
    const { place, events, append, close } = await small((all) => [...all, other.events[0] as RecordedEvent]);
    await expect(copy(place.config, 'postgres')).rejects.toMatchObject({
      code: 'copy-differs',
      number: BigInt(events.length + 1),
    });
    await append();
    await Promise.all([close(), other.close()]);
  });
});

describe('a move', () => {
  it('that stopped in its middle lets nobody start or append, until it is given up or finished', async () => {
    const { place, append, close } = await small();
    const { sql } = place.database;
    const stopped = new Error('stopped');
    const stop = () => {
      throw stopped;
    };
    await expect(copy(place.config, 'postgres', (stage) => (stage === 'copied' ? stop() : undefined))).rejects.toBe(
      stopped,
    );
    await expect(append()).rejects.toMatchObject({ code: 'ledger-unavailable' });
    await expect(requireHome(sql, 'postgres', true)).rejects.toMatchObject({ code: 'ledger-moving' });
    await expect(requireHome(sql, 'eventstore', true)).rejects.toMatchObject({ code: 'ledger-elsewhere' });
    await expect(copy(place.config, 'eventstore')).rejects.toMatchObject({ code: 'ledger-elsewhere' });
    // Whoever only checks may read it where it was.
    await requireHome(sql, 'postgres', false);

    const ended = await run('copy-ledger', ['--abort', '--json'], place.settings);
    expect(ended).toMatchObject({ code: 0, stdout: '{"aborted":true,"engine":"postgres"}\n' });
    await requireHome(sql, 'postgres', true);
    await append();
    expect(await copy(place.config, 'postgres')).toMatchObject({ already: false });
    await expect(append()).rejects.toMatchObject({ code: 'ledger-unavailable' });
    await expectSame(place);
    await close();
  });

  it('is not begun where the application keeps its right to append, nor beside another, nor of nothing', async () => {
    const { place, append, close } = await small();
    const { database, config } = place;
    const asOwner = { ...config, databaseUrl: database.ownerUrl };
    await expect(copy(asOwner, 'postgres')).rejects.toMatchObject({ code: 'source-writable' });
    await append();
    let second: Promise<unknown> | undefined;
    await copy(config, 'postgres', (stage) => {
      if (stage === 'copied') second ??= copy(config, 'postgres').catch((error: unknown) => error);
    });
    expect(await second).toMatchObject({ code: 'copy-running' });
    await close();
    const empty = await freshDatabase();
    await expect(copy(placeOf(empty).config, 'postgres')).rejects.toMatchObject({ code: 'ledger-absent' });
    await expect(abortCopy(placeOf(empty).config, silent)).rejects.toMatchObject({ code: 'ledger-absent' });
    await empty.drop();
  });
});
