import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mixedEvents } from '../../test/support/any-events.ts';
import { type FreshDatabase, freshDatabase } from '../../test/support/database.ts';
import { foldBatches, projected } from '../../test/support/fold-read-model.ts';
import { appendPlain, eventIdOf, openPlain, type PlainEvent, testLedger } from '../../test/support/plain-events.ts';
import { createTallies, tallied, tally } from '../../test/support/tally.ts';
import { Malformed } from '../kernel/fault.ts';
import type { Ledger } from '../ledger/port.ts';
import type { AnyProjection } from './define.ts';
import { ProjectorStopped, ReadModelsStale } from './faults.ts';
import type { OpenRetained } from './project-events.ts';
import { READ_MODELS } from './read-models.ts';
import { rowStore } from './row-store.ts';
import { type Projector, type ProjectorOptions, type ProjectorReport, startProjector } from './runner.ts';
import { type ReadPosition, readPosition } from './wait.ts';

let db: FreshDatabase;
let ledger: Ledger;
let position: ReadPosition;
let started: Projector[];
let reports: ProjectorReport[];

beforeEach(async () => {
  db = await freshDatabase();
  await createTallies(db.ownerSql);
  ledger = testLedger();
  position = readPosition({ sql: db.sql, ledger });
  started = [];
  reports = [];
});
afterEach(async () => {
  await Promise.all(started.map((projector) => projector.stop()));
  await position.close();
  await db.drop();
});

function start(over: Partial<ProjectorOptions> = {}): Projector {
  const projector = startProjector({
    sql: db.sql,
    ledger,
    openRetained: openPlain,
    projections: [...READ_MODELS, tally()],
    owner: `owner ${started.length}`,
    report: (what) => reports.push(what),
    ...over,
  });
  started.push(projector);
  return projector;
}

async function reachEnd(): Promise<void> {
  const end = await ledger.end();
  if (end === undefined) throw new Error('the ledger is empty');
  expect(await position.waitFor(end, 20_000)).toBe(true);
}

/** Every table holds exactly what folding these events in memory gives, and each event was projected once. */
async function expectRowsOf(events: readonly PlainEvent[]): Promise<void> {
  const all = await projected(events);
  for (const projection of [...READ_MODELS, tally()]) {
    const wanted = foldBatches(projection, [all]);
    const [row] = await db.sql<{ keys: string[] }[]>`
      select coalesce(array_agg(${db.sql(projection.keyColumn)}::text), '{}') as keys from ${db.sql(projection.table)}`;
    expect([projection.name, row?.keys.sort()]).toEqual([projection.name, [...wanted.keys()]]);
    expect(await rowStore(projection).load(db.sql, new Set(wanted.keys()))).toEqual(wanted);
  }
}

/** Breaks connections of the projector, wherever it is in its work, until told to stop. */
function breakConnections(): () => Promise<number> {
  let running = true;
  let broken = 0;
  const done = (async () => {
    while (running) {
      const killed = await db.sql`
        select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and application_name = 'hrl projector'`;
      broken += killed.count;
      await new Promise((resolve) => setTimeout(resolve, 5 + (broken % 7) * 9));
    }
  })();
  return async () => {
    running = false;
    await done;
    return broken;
  };
}

describe('the projector', () => {
  const events = mixedEvents(400);

  it('brings every table to what a fold of the whole ledger gives, and goes on with what is appended', async () => {
    await appendPlain(ledger, 'law', events.slice(0, 150));
    start({ maxBatch: 64 });
    await reachEnd();
    await expectRowsOf(events.slice(0, 150));
    for (const [i, event] of events.slice(150).entries()) await appendPlain(ledger, `more ${i}`, [event]);
    await reachEnd();
    expect(await tallied(db.sql)).toBe(events.filter(({ event }) => event.type.startsWith('code.')).length);
  });

  it('stopped anywhere and started again goes on behind what it has applied', async () => {
    await appendPlain(ledger, 'law', events);
    for (let i = 0; i < 4; i++) {
      const projector = start({ maxBatch: 16 });
      await new Promise((resolve) => setTimeout(resolve, 30));
      await projector.stop();
      expect(projector.state).toBe('stopped');
    }
    start({ maxBatch: 16 });
    await reachEnd();
    await expectRowsOf(events);
  });

  it('connections that break at any moment neither lose an event nor apply one twice', async () => {
    await appendPlain(ledger, 'law', events);
    const stop = breakConnections();
    start({ maxBatch: 8, leaseMs: 100 });
    await expect
      .poll(() => reports.filter((what) => what === 'retrying').length, { timeout: 20_000 })
      .toBeGreaterThan(5);
    expect(await stop()).toBeGreaterThan(5);
    await reachEnd();
    await expectRowsOf(events);
  });

  it('of several, one projects and the others stand by; none applies what another has', async () => {
    await appendPlain(ledger, 'law', events);
    const all = [start({ maxBatch: 8 }), start({ maxBatch: 8 }), start({ maxBatch: 8 })];
    await reachEnd();
    expect(all.map(({ state }) => state).sort()).toEqual(['projecting', 'standby', 'standby']);
    await expectRowsOf(events);
  });

  it('whoever stops gives the lease back, and another goes on at once', async () => {
    const first = start({ leaseMs: 60_000 });
    await expect.poll(() => first.state).toBe('projecting');
    const second = start({ leaseMs: 1_000 });
    await first.stop();
    await expect.poll(() => second.state, { timeout: 5_000 }).toBe('projecting');
    await appendPlain(ledger, 'law', events);
    await reachEnd();
    await expectRowsOf(events);
  });

  it('an owner that wakes up after another has taken over writes nothing', async () => {
    await appendPlain(ledger, 'law', events);
    let wakeUp = () => {};
    const asleep = new Promise<void>((resolve) => (wakeUp = resolve));
    let opened = 0;
    const sleepy: OpenRetained = async (refs) => {
      if (++opened === 3) await asleep;
      return openPlain(refs);
    };
    start({ openRetained: sleepy, maxBatch: 32 });
    await expect.poll(() => opened, { timeout: 5_000 }).toBe(3);
    // What a new owner does once the lease has ended.
    await db.sql`update projectors set owner = 'other', epoch = epoch + 1, lease_ends = clock_timestamp() + interval '1 minute'`;
    wakeUp();
    await expect.poll(() => reports).toContain('lease-lost');
    const [row] = await db.sql<{ applied: bigint }[]>`select applied from projectors`;
    expect(row?.applied).toBe(64n);
    await expectRowsOf(events.slice(0, 64));
  });

  it('ends at an event that does not open, by name, with all before it shown and nothing after it', async () => {
    await appendPlain(ledger, 'law', events);
    const bad = eventIdOf('law', 77);
    const projector = start({
      maxBatch: 50,
      openRetained: async (refs) => {
        if (refs.some(({ id }) => id === bad)) throw new Malformed('sealed retained', 'commitment does not fit');
        return openPlain(refs);
      },
    });
    const error = await projector.done.catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ProjectorStopped);
    expect(error).toMatchObject({ code: 'projector-stopped', eventId: bad });
    await expectRowsOf(events.slice(0, 77));
    expect(projector.state).toBe('stopped');
    const [row] = await db.sql`select owner from projectors`;
    expect(row?.owner).toBeNull();
  });

  it('ends at an event of a type that is not in the catalogue', async () => {
    await appendPlain(ledger, 'law', events.slice(0, 3));
    const stranger: Ledger = {
      ...ledger,
      follow: (after) => {
        const follower = ledger.follow(after);
        const renamed = async function* () {
          for await (const event of follower) yield { ...event, type: 'code.converted@1' };
        };
        return { [Symbol.asyncIterator]: renamed, close: () => follower.close() };
      },
    };
    await expect(start({ ledger: stranger }).done).rejects.toMatchObject({ code: 'projector-stopped' });
  });

  it('ends at an event at which a projection throws, by name, with all before it shown', async () => {
    await appendPlain(ledger, 'law', events);
    const [codes] = READ_MODELS.filter(({ name }) => name === 'codes');
    if (codes === undefined) throw new Error('there are codes');
    const [at] = events.flatMap(({ event }, n) => (event.type === 'code.issued@1' && n > 100 ? [n] : []));
    const bad = eventIdOf('law', at ?? -1);
    const throwing: AnyProjection = {
      ...codes,
      evolve: (row, event) => {
        if (event.id === bad) throw new TypeError('a bug');
        return codes.evolve(row, event);
      },
    };
    const rest = READ_MODELS.filter((projection) => projection !== codes);
    const error = await start({ projections: [...rest, throwing, tally()] }).done.catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'projector-stopped', eventId: bad, message: expect.stringContaining('codes') });
    await expectRowsOf(events.slice(0, at));
  });

  it('a vault that does not answer is asked again', async () => {
    await appendPlain(ledger, 'law', events);
    let asked = 0;
    start({
      leaseMs: 300,
      openRetained: async (refs) => {
        if (++asked < 3) throw new Error('the vault is away');
        return openPlain(refs);
      },
    });
    await reachEnd();
    await expectRowsOf(events);
  });

  it('does not write into tables that another version has made', async () => {
    await appendPlain(ledger, 'law', events);
    const first = start();
    await reachEnd();
    await first.stop();
    await db.ownerSql`update projections set version = version + 1 where name in ('codes', 'consents')`;
    const error = await start().done.catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ReadModelsStale);
    expect(error).toMatchObject({ projections: ['codes', 'consents'] });
  });
});
