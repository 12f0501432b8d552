import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inParallel } from '../../src/app/import/in-parallel.ts';
import { CLEAN, type Doctor, type Resident, terms, value, verdictOn, type World, worldOf } from '../support/people.ts';
import { SIZES } from '../support/sizes.ts';
import { openTestNode, type TestNode } from '../support/test-node.ts';

/**
 * What was read before makes the next access no dearer. The server itself counts the rows that it fetched, through indexes or without,
 * and a process that ends leaves its counts behind: so a read costs what a process with it counts above one without.
 */
const FEW = 10;
const MANY = SIZES.earlierAccesses;
/** A cost within a fifth is the same cost. */
const WITHIN = 1.2;
const RECORDS = 5;
const WARM_READS = 10;

interface Cost {
  readonly fresh: number;
  readonly warm: number;
}

let node: TestNode;
let doctor: Doctor;
let few: Cost;
let many: Cost;

beforeAll(async () => {
  node = await openTestNode();
  const world = await worldOf(node);
  const hospital = await world.hospital();
  doctor = await world.doctor(hospital);
  const residents = [await world.resident(), await world.resident()] as const;
  for (const resident of residents) {
    await world.grant(resident, terms(hospital));
    for (let i = 0; i < RECORDS; i++) await world.record(doctor, resident);
  }
  const stranger = await world.doctor(await world.hospital());
  await recordAccesses(world, stranger, residents[0], FEW);
  await recordAccesses(world, stranger, residents[1], MANY);
  await world.shown();
  await node.leave();
  await node.database.ownerSql`vacuum analyze`;
  // Who comes first after that also reads for the second: a round for nothing.
  await rowsReadBy([residents[0], residents[1]]);
  few = await costOf(residents[0]);
  many = await costOf(residents[1]);
}, 600_000);
afterAll(() => node.close());

/** Accesses of somebody whom the resident has not let read: each is an event like any other, and shows that nothing was opened. */
async function recordAccesses({ node: { platform } }: World, stranger: Doctor, { code }: Resident, count: number) {
  const asked = Array.from({ length: count });
  await inParallel(asked, 32, async () => {
    const outcome = await platform.openRecords(stranger.caller, { code, purpose: 'TREAT', first: RECORDS });
    expect(outcome.kind).toBe('refusal');
  });
}

/** Rows that the server fetched for a process which opens the ledger, reads for these residents, and ends. */
async function rowsReadBy(residents: readonly Resident[]): Promise<number> {
  const before = await rowsRead();
  const process = await node.again({ project: false });
  for (const { code } of residents) {
    const page = value(await process.platform.openRecords(doctor.caller, { code, purpose: 'TREAT', first: RECORDS }));
    expect(page.records).toHaveLength(RECORDS);
  }
  await process.close();
  return (await rowsRead()) - before;
}

async function costOf(resident: Resident): Promise<Cost> {
  const nothing = await rowsReadBy([]);
  const once = await rowsReadBy([resident]);
  const often = await rowsReadBy(Array.from({ length: 1 + WARM_READS }, () => resident));
  return { fresh: once - nothing, warm: (often - once) / WARM_READS };
}

async function rowsRead(): Promise<number> {
  const sql = node.database.ownerSql;
  // Counts arrive when a connection has gone.
  for (;;) {
    const [gone] = await sql<{ busy: boolean }[]>`
      select exists (
        select from pg_stat_activity where datname = current_database() and application_name like 'hrl %'
      ) as busy`;
    if (gone?.busy === false) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const [row] = await sql<{ rows: string }[]>`
    select ((select sum(seq_tup_read) from pg_stat_user_tables) + (select sum(idx_tup_read) from pg_stat_user_indexes))::text as rows`;
  return Number(row?.rows);
}

describe(`after ${MANY} earlier accesses an access reads as many rows as after ${FEW}`, () => {
  it('in a process that has run for a while', () => {
    expect(few.warm).toBeGreaterThan(0);
    expect(many.warm).toBeLessThanOrEqual(few.warm * WITHIN);
  });

  it('in a fresh process', () => {
    expect(few.fresh).toBeGreaterThan(few.warm);
    expect(many.fresh).toBeLessThanOrEqual(few.fresh * WITHIN);
  });

  it('and the ledger is whole', async () => {
    const audit = await node.again({ audit: true });
    expect(await verdictOn(audit)).toMatchObject(CLEAN);
    await audit.close();
  });
});
