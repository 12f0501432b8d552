import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mixedEvents } from '../../test/support/any-events.ts';
import { type FreshDatabase, freshDatabase } from '../../test/support/database.ts';
import { appendPlain, eventIdOf, openPlain, testLedger } from '../../test/support/plain-events.ts';
import { createTallies, tallied, tally } from '../../test/support/tally.ts';
import { Malformed } from '../kernel/fault.ts';
import type { Ledger } from '../ledger/port.ts';
import { openConnection } from '../postgres/connection.ts';
import { compareWithRebuild } from './compare.ts';
import { ProjectorStopped, ReadModelsStale } from './faults.ts';
import { READ_MODELS } from './read-models.ts';
import { ensureVersions, type RebuildOptions, rebuild } from './rebuild.ts';
import { type Projector, startProjector } from './runner.ts';
import { type ReadPosition, readPosition } from './wait.ts';

const EVENTS = mixedEvents(700);
const CODES = EVENTS.filter(({ event }) => event.type.startsWith('code.')).length;
const ALL = [...READ_MODELS, tally()];

let db: FreshDatabase;
let ledger: Ledger;
let position: ReadPosition;
let projectors: Projector[];

beforeEach(async () => {
  db = await freshDatabase();
  await createTallies(db.ownerSql);
  ledger = testLedger();
  position = readPosition({ sql: db.sql, ledger });
  projectors = [];
});
afterEach(async () => {
  await Promise.all(projectors.map((projector) => projector.stop()));
  await position.close();
  await db.drop();
});

function project(projections = ALL): Projector {
  const owner = `projector ${projectors.length}`;
  const projector = startProjector({
    sql: db.sql,
    ledger,
    openRetained: openPlain,
    projections,
    owner,
    leaseMs: 600,
    maxBatch: 20,
  });
  projectors.push(projector);
  return projector;
}

async function reachEnd(): Promise<void> {
  expect(await position.waitFor((await ledger.end()) ?? ('m0' as never), 20_000)).toBe(true);
}

const options = (over: Partial<RebuildOptions> = {}): RebuildOptions => ({
  ownerSql: db.ownerSql,
  ledger,
  openRetained: openPlain,
  projections: ALL,
  owner: 'rebuild',
  ...over,
});

const differences = () => compareWithRebuild({ sql: db.sql, ledger, openRetained: openPlain, projections: ALL });

/** What an operator, a later migration and the application see of a table beside its rows. */
async function shape(): Promise<unknown> {
  const names = ALL.map(({ table }) => table);
  return {
    indexes: await db.ownerSql`select indexdef from pg_indexes where tablename = any(${names}) order by 1`,
    columns: await db.ownerSql`
      select attrelid::regclass::text as "table", attname, attnum, atttypid::regtype::text as type, attnotnull, attstorage, attcollation
      from pg_attribute where attrelid = any(${names}::text[]::regclass[]) and attnum > 0 order by 1, 3`,
    grants: await db.ownerSql`
      select relname, relowner::regrole::text as owner, relacl::text as acl from pg_class where relname = any(${names}) order by 1`,
    beside: await db.ownerSql`select relname from pg_class where relname like '%\\_\\_%'`,
  };
}

describe('a rebuild', () => {
  it('mends what a hand has changed, while the projector goes on and events come in', async () => {
    await appendPlain(ledger, 'law', EVENTS.slice(0, 500));
    project();
    await reachEnd();
    await db.ownerSql`delete from ehr_index`;
    await db.ownerSql`update codes set state = 'active'`;
    await db.ownerSql`update access_trail set purpose = 'HRESCH'`;
    await db.ownerSql`insert into residents select 'nobody', region, state, registered_at, deceased_at, revision, event_id, event_type from residents limit 1`;
    expect((await differences()).map(({ table }) => table).sort()).toEqual([
      'access_trail',
      'codes',
      'ehr_index',
      'residents',
    ]);

    let rebuilding = true;
    const appending = (async () => {
      for (let i = 500; i < 700 && rebuilding; i++) {
        await appendPlain(ledger, `law ${i}`, [EVENTS[i] as (typeof EVENTS)[number]]);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    })();
    const steps: bigint[] = [];
    const report = await rebuild(options({ progress: (done) => steps.push(done) }));
    rebuilding = false;
    await appending;
    expect(report.projections).toEqual(ALL.map(({ name }) => name));
    expect(report.events).toBeGreaterThanOrEqual(500n);
    expect(steps).toEqual([...steps].sort((a, b) => (a < b ? -1 : 1)));

    await reachEnd();
    expect(await differences()).toEqual([]);
  });

  it('keeps names of indexes, columns, owner, rights and storage, and leaves nothing beside', async () => {
    await appendPlain(ledger, 'law', EVENTS.slice(0, 50));
    const before = await shape();
    await rebuild(options());
    expect(await shape()).toEqual(before);
    await rebuild(options());
    expect(await shape()).toEqual(before);
  });

  it('of an empty ledger leaves empty tables', async () => {
    expect(await rebuild(options())).toMatchObject({ events: 0n });
    expect(await differences()).toEqual([]);
  });

  it('that fails half-way leaves the live tables as they were, and the next one is right', async () => {
    await appendPlain(ledger, 'law', EVENTS);
    project();
    await reachEnd();
    const before = await shape();
    const bad = eventIdOf('law', 650);
    await expect(
      rebuild(
        options({
          openRetained: async (refs) => {
            if (refs.some(({ id }) => id === bad)) throw new Malformed('sealed retained', 'tag does not fit');
            return openPlain(refs);
          },
        }),
      ),
    ).rejects.toBeInstanceOf(ProjectorStopped);
    expect(await differences()).toEqual([]);
    expect(await shape()).toEqual(before);
    await rebuild(options());
    expect(await differences()).toEqual([]);
    expect(await tallied(db.sql)).toBe(CODES);
  });

  it('whose connection breaks leaves tables beside, and the next one drops them', async () => {
    await appendPlain(ledger, 'law', EVENTS);
    project();
    await reachEnd();
    const broken = rebuild(
      options({
        progress: () =>
          void db.ownerSql`
            select pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and application_name = 'hrl rebuild'`.then(),
        openRetained: async (refs) => {
          await new Promise((resolve) => setTimeout(resolve, 100));
          return openPlain(refs);
        },
      }),
    );
    await expect(broken).rejects.toMatchObject({ code: 'connection-broken' });
    expect(await shape()).toMatchObject({ beside: expect.arrayContaining([{ relname: 'residents__next' }]) });
    expect(await differences()).toEqual([]);
    await rebuild(options());
    expect(await shape()).toMatchObject({ beside: [] });
    expect(await differences()).toEqual([]);
  });

  it('waits for a reader who holds on to a live table, and the projector goes on meanwhile', async () => {
    await appendPlain(ledger, 'law', EVENTS.slice(0, 300));
    project();
    await reachEnd();
    const reader = openConnection(db.sql, 'slow reader');
    await reader.run(async (sql) => {
      await sql`begin`;
      await sql`select count(*) from codes`;
    });
    let swapped = false;
    const rebuilding = rebuild(options()).then(() => (swapped = true));
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await appendPlain(ledger, 'more', EVENTS.slice(300, 320));
    await reachEnd();
    expect(swapped).toBe(false);
    await reader.end();
    await rebuilding;
    await reachEnd();
    expect(await differences()).toEqual([]);
  });

  it('two at once come one after the other', async () => {
    await appendPlain(ledger, 'law', EVENTS.slice(0, 300));
    project();
    await reachEnd();
    const reports = await Promise.all([rebuild(options()), rebuild(options({ owner: 'another' }))]);
    expect(reports.map(({ events }) => events)).toEqual([300n, 300n]);
    expect(await differences()).toEqual([]);
  });
});

describe('versions', () => {
  it('tables that show nothing yet are of the version that comes first', async () => {
    expect(await ensureVersions({ ...options(), sql: db.sql })).toEqual({ projections: [], events: 0n });
    const rows = await db.sql<{ name: string }[]>`select name from projections order by name`;
    expect(rows.map(({ name }) => name)).toEqual(ALL.map(({ name }) => name).sort());
  });

  it('a table of another version, or of none, is rebuilt before serving, and only that one', async () => {
    await appendPlain(ledger, 'law', EVENTS.slice(0, 200));
    const projector = project(READ_MODELS as typeof ALL);
    await reachEnd();
    await projector.stop();
    await db.ownerSql`update projections set version = 99 where name = 'codes'`;
    await db.ownerSql`update codes set state = 'closed'`;
    const { ownerSql, ...withoutOwner } = options();
    await expect(ensureVersions({ ...withoutOwner, sql: db.sql })).rejects.toMatchObject({
      code: 'read-models-stale',
      projections: ['codes', 'tallies'],
    });
    const report = await ensureVersions({ ...withoutOwner, ownerSql, sql: db.sql });
    expect(report).toEqual({ projections: ['codes', 'tallies'], events: 200n });
    expect(await differences()).toEqual([]);
    expect(await ensureVersions({ ...withoutOwner, ownerSql, sql: db.sql })).toEqual({ projections: [], events: 0n });
  });

  it('of several processes that start with a new version, one rebuilds', async () => {
    await appendPlain(ledger, 'law', EVENTS.slice(0, 200));
    const projector = project();
    await reachEnd();
    await projector.stop();
    await db.ownerSql`update projections set version = 0`;
    const reports = await Promise.all(
      ['a', 'b', 'c'].map((owner) => ensureVersions({ ...options({ owner }), sql: db.sql })),
    );
    expect(reports.filter(({ projections }) => projections.length > 0)).toHaveLength(1);
    expect(await differences()).toEqual([]);
  });

  it('a process of an older version is put out by the swap and does not come back', async () => {
    await appendPlain(ledger, 'law', EVENTS.slice(0, 200));
    const old = project();
    await reachEnd();
    await rebuild(options({ projections: [tally(2)] }));
    await expect(old.done).rejects.toBeInstanceOf(ReadModelsStale);
    await appendPlain(ledger, 'more', EVENTS.slice(200, 300));
    project([...READ_MODELS, tally(2)]);
    await reachEnd();
    expect(await differences()).toEqual([]);
  });
});
