import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../test/support/database.ts';
import { addMs, fromEpochMs, type Instant, parseInstant, toEpochMs } from '../kernel/instant.ts';
import { openSql } from '../postgres/pools.ts';
import { betterMeasurement, databaseClock, offBy } from './database-clock.ts';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
  await database.ownerSql.unsafe(`
    create table test_clock (shows timestamptz);
    insert into test_clock values ('2026-11-22T03:04:05.678Z');
    grant select on test_clock to hrl_app`);
});
afterAll(() => database.drop());

const show = (instant: string) => database.ownerSql`update test_clock set shows = ${instant}::text::timestamptz`;

async function serverNow(): Promise<Instant> {
  const [row] = await database.sql<{ now: string }[]>`
    select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as now`;
  return parseInstant(row?.now ?? '');
}

describe('the clock on the database', () => {
  it('is never ahead of the server, and not far behind', async () => {
    const clock = await databaseClock(database.sql, { intervalMs: 20 });
    for (let i = 0; i < 30; i++) {
      const shown = clock.now();
      expect(shown <= (await serverNow())).toBe(true);
      const before = await serverNow();
      expect(toEpochMs(before) - toEpochMs(clock.now())).toBeLessThan(1000);
      await sleep(5);
    }
    clock.close();
  });

  it('goes on with the process between measurements, a thousandth slower', async () => {
    let local = 1000;
    const clock = await databaseClock(database.sql, {
      timeExpression: '(select shows from test_clock)',
      intervalMs: 3_600_000,
      monotonic: () => local,
    });
    expect(clock.now()).toBe('2026-11-22T03:04:05.678Z');
    local += 10_000;
    expect(clock.now()).toBe('2026-11-22T03:04:15.668Z');
    clock.close();
  });

  it('when closed has its last answer and asks no more, so that the pool may be ended', async () => {
    let running = 0;
    const counted = new Proxy(database.sql, {
      apply: (target, self, args) => {
        running++;
        return Reflect.apply(target, self, args).finally(() => running--);
      },
    });
    const slowly = '(select clock_timestamp() from pg_sleep(0.2))';
    const clock = await databaseClock(counted, { timeExpression: slowly, intervalMs: 1 });
    await sleep(50);
    expect(running).toBe(1);
    await clock.close();
    expect(running).toBe(0);
    await sleep(50);
    expect(running).toBe(0);
  });

  it('is never before an instant that it was told of', async () => {
    const clock = await databaseClock(database.sql, { intervalMs: 3_600_000 });
    const ahead = addMs(clock.now(), 60_000);
    clock.observe(ahead);
    clock.observe(addMs(ahead, -5000));
    expect(clock.now()).toBe(ahead);
    clock.close();
  });

  it('follows the server: forward at once, and back when the server was set back', async () => {
    const clock = await databaseClock(database.sql, {
      timeExpression: '(select shows from test_clock)',
      intervalMs: 10,
      monotonic: () => 0,
    });
    const shows = async (instant: string) => {
      await show(instant);
      const deadline = performance.now() + 10_000;
      while (clock.now() !== instant && performance.now() < deadline) await sleep(5);
      expect(clock.now()).toBe(instant);
    };
    await shows('2026-11-22T04:00:00.000Z');
    await shows('2026-11-22T03:00:00.000Z');
    await shows('2026-11-22T03:04:05.678Z');
    clock.close();
  });

  it('follows a server that was set back as soon as it is doubted, asking once for all who doubt', async () => {
    await show('2026-11-22T04:00:00.000Z');
    let measured = 0;
    const clock = await databaseClock(database.sql, {
      timeExpression: '(select shows from test_clock)',
      intervalMs: 3_600_000,
      monotonic: () => 0,
      probe: { clockMeasured: () => measured++, clockFailed: () => expect.unreachable() },
    });
    await show('2026-11-22T03:00:00.000Z');
    expect(clock.now()).toBe('2026-11-22T04:00:00.000Z');
    await Promise.all([clock.doubt(), clock.doubt(), clock.doubt()]);
    expect(clock.now()).toBe('2026-11-22T03:00:00.000Z');
    expect(measured).toBe(1);
    await clock.close();
    await clock.doubt();
    expect(measured).toBe(1);
  });

  it('goes on when the database is away, and measures no more once closed', async () => {
    const pool = openSql(database.url, { max: 1, applicationName: 'test clock' });
    const clock = await databaseClock(pool, { intervalMs: 10 });
    await pool.end();
    const before = clock.now();
    await sleep(60);
    expect(toEpochMs(clock.now())).toBeGreaterThan(toEpochMs(before));
    clock.close();
    await expect(databaseClock(pool)).rejects.toThrow();
  });

  it('keeps the later of two lower bounds, and the newer where the two cannot both be true', () => {
    const before = { server: 10_000, local: 0 };
    // 1,000 ms later we believe 10,999.
    expect(betterMeasurement(before, { server: 11_000, local: 1000 }, 1)).toEqual({ server: 11_000, local: 1000 });
    expect(betterMeasurement(before, { server: 10_950, local: 1000 }, 80)).toEqual({ server: 10_999, local: 1000 });
    expect(betterMeasurement(before, { server: 10_950, local: 1000 }, 20)).toEqual({ server: 10_950, local: 1000 });
  });

  it('stays at or behind a server that keeps time, whatever its answers take', () => {
    const answers = fc.array(fc.record({ wait: fc.nat(5000), there: fc.nat(300), back: fc.nat(300) }), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(answers, fc.double({ min: -0.0005, max: 0.0005, noNaN: true }), (rounds, drift) => {
        // The server's clock runs by `drift` faster than the process's.
        const server = (local: number): number => 1e9 + local * (1 + drift);
        let local = 0;
        let current = { server: server(0), local: 0 };
        for (const { wait, there, back } of rounds) {
          const shown = server(local + wait + there);
          local += wait + there + back;
          current = betterMeasurement(current, { server: shown, local }, there + back);
          expect(current.server).toBeLessThanOrEqual(server(local) + 1e-6);
        }
        expect(fromEpochMs(current.server) <= fromEpochMs(server(local))).toBe(true);
      }),
    );
  });
});

describe('how far the clock was set', () => {
  const at = (server: number, local: number) => ({ server, local });

  it('is what the time of the answer does not explain', () => {
    // A thousandth is left for drift, and the answer may have been under way all that time.
    expect(offBy(at(1_000_000, 0), at(1_001_000, 1_000), 5)).toBeCloseTo(1);
    expect(offBy(at(1_000_000, 0), at(1_000_700, 1_000), 400)).toBe(0);
    expect(offBy(at(1_000_000, 0), at(1_061_000, 1_000), 5)).toBeCloseTo(60_001);
    expect(offBy(at(1_000_000, 0), at(941_000, 1_000), 5)).toBeCloseTo(-59_994);
  });

  it('is told with each measurement, and so is each that failed', async () => {
    const told: string[] = [];
    await show('2026-11-22T03:04:05.678Z');
    const sql = openSql(database.url, { max: 1, applicationName: 'test clock' });
    const clock = await databaseClock(sql, {
      timeExpression: '(select shows from test_clock)',
      intervalMs: 10,
      monotonic: () => 0,
      probe: {
        clockMeasured: (_took, off) => told.push(off === 0 ? 'right' : off > 0 ? 'forward' : 'back'),
        clockFailed: () => told.push('failed'),
      },
    });
    const until = (what: string) => expect.poll(() => told.includes(what), { timeout: 10_000 }).toBe(true);
    await until('right');
    await show('2026-11-22T04:04:05.678Z');
    await until('forward');
    await show('2026-11-22T03:04:05.678Z');
    await until('back');
    await sql.end({ timeout: 1 });
    await until('failed');
    await clock.close();
  });
});
