import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller, PractitionerActor } from '../../src/app/actor.ts';
import { addMs, fromEpochMs, type Instant } from '../../src/kernel/instant.ts';
import { LedgerBusy } from '../../src/ledger/faults.ts';
import { newRequest, recordInput, terms, value, type World, worldOf } from '../support/people.ts';
import { type DisturbedNode, disturbedNode, IMPATIENT } from './disturbed-node.ts';

/** The database's clock, as far as it is told to step and to tremble. */
const TIME = `(select clock_timestamp() + step + tremble * (random() - 0.5) from test_clock)`;

let disturbed: DisturbedNode;
let world: World;
beforeAll(async () => {
  disturbed = await disturbedNode('clock', { ...IMPATIENT, timeExpression: TIME }, async ({ ownerSql }) => {
    await ownerSql.unsafe(`
      create table test_clock (step interval not null, tremble interval not null);
      insert into test_clock values ('0', '0');
      grant select on test_clock to hrl_app`);
  });
  world = await worldOf(disturbed.direct);
});
afterAll(() => disturbed?.close());

const step = (to: string, tremble = '0') =>
  disturbed.direct.database
    .ownerSql`update test_clock set step = ${to}::text::interval, tremble = ${tremble}::text::interval`;

const nowHere = (): Instant => fromEpochMs(Date.now());

async function timesOf(): Promise<Instant[]> {
  const times: Instant[] = [];
  for await (const { time } of disturbed.direct.app.ledger.readAll()) times.push(time);
  return times;
}

async function expectTimeNeverBack(): Promise<void> {
  const times = await timesOf();
  expect(times).toEqual([...times].sort());
}

/** In the order of the tests: each goes on from where the one before left the ledger's time. */
describe('the clock of the database', () => {
  it.each([
    ['an hour back', '-1 hour', '0'],
    ['an hour forward of that, to where it was', '0', '0'],
    ['trembling by a second either way', '0', '2 seconds'],
    ['an hour forward', '1 hour', '0'],
    ['an hour back from there, behind all that is recorded', '0', '0'],
    ['trembling, behind all that is recorded', '0', '2 seconds'],
  ])('%s: time never goes back in the ledger, what was told is true, nobody is held up', async (_, to, tremble) => {
    await disturbed.through(
      async () => {
        await step(to, tremble);
      },
      { recoveryMs: 8_000 },
    );
    await expectTimeNeverBack();
  });

  it('behind all that is recorded does not hold up a process that has just begun, on a stream where nothing happened lately', async () => {
    await step('0');
    const hospital = await world.hospital();
    const doctor = await world.doctor(hospital);
    const quiet = await world.resident();
    await world.grant(quiet, terms(hospital));
    await world.shown();
    // Everything else goes on for an hour, and then the clock is set right.
    await step('2 hours');
    await expect
      .poll(() => disturbed.direct.app.clock.now() > addMs(nowHere(), 3_600_000), { timeout: 5_000 })
      .toBe(true);
    await world.resident();
    await step('0');
    const fresh = await disturbed.direct.again({ project: false, timing: { timeExpression: TIME } });
    try {
      expect(fresh.app.clock.now() < addMs(nowHere(), 60_000)).toBe(true);
      value(await fresh.platform.registerRecord(doctor.caller, newRequest(), recordInput(quiet.code)));
      const other = await disturbed.direct.again({ project: false, timing: { timeExpression: TIME } });
      value(await other.platform.openRecords(doctor.caller, { code: quiet.code, purpose: 'TREAT' }));
      await other.close();
    } finally {
      await fresh.close();
    }
    await expectTimeNeverBack();
  });
});

describe('a grant that ends', () => {
  it('while the clock jumps over its end: no read is recorded after it, and refusals come at once', async () => {
    // A clock that was set back is known to be at the next measurement; until then commands are told to come again.
    const last = (await timesOf()).at(-1) as Instant;
    await expect.poll(() => disturbed.direct.app.clock.now() <= last, { timeout: 5_000 }).toBe(true);
    const hospital = await world.hospital();
    const doctor = await world.doctor(hospital);
    const resident = await world.resident();
    // Of another hospital: its own records the doctor's may read without a grant.
    await world.record(await world.doctor(await world.hospital()), resident);
    // The ledger's own time: it stands where the clock has been once.
    const now = (await timesOf()).at(-1) as Instant;
    const until = addMs(now, 30 * 60_000);
    await world.grant(resident, terms(hospital, { validFrom: addMs(now, -60_000), validUntil: until }));
    await world.shown();
    const before = await disturbed.direct.app.ledger.end();

    const read = async () =>
      disturbed.node.platform
        .openRecords(doctor.caller as Caller & { actor: PractitionerActor }, { code: resident.code, purpose: 'TREAT' })
        .catch((error: unknown) => {
          // A decision that the jump made too old is a conflict; who meets three of them is told to come again.
          if (!(error instanceof LedgerBusy)) throw error;
          return undefined;
        });
    let jumped: number | undefined;
    let permits = 0;
    const reader = async (): Promise<number> => {
      for (;;) {
        const outcome = await read();
        if (outcome?.kind === 'refusal') return performance.now();
        if (outcome !== undefined) permits += 1;
      }
    };
    const readers = Array.from({ length: 6 }, reader);
    await expect.poll(() => permits, { timeout: 20_000 }).toBeGreaterThan(12);
    await step('3 hours');
    jumped = performance.now();
    const refused = await Promise.all(readers);
    for (const at of refused) expect(at - jumped).toBeLessThan(5_000);

    const { events } = await eventsOf(resident.stream, before);
    const permitted = events.filter(({ type }) => type === 'access.permitted@1');
    expect(permitted.length).toBeGreaterThanOrEqual(permits);
    expect(permitted.filter(({ time }) => time > until)).toEqual([]);
    expect(events.filter(({ type }) => type === 'access.denied@1')).toHaveLength(6);
  });
});

async function eventsOf(stream: string, after: Parameters<typeof disturbed.direct.app.ledger.readAll>[0]) {
  const events = [];
  for await (const event of disturbed.direct.app.ledger.readAll(after)) if (event.stream === stream) events.push(event);
  return { events };
}
