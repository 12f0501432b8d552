import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from '../../src/app/actor.ts';
import type { TrailEntry, TrailFilterInput, TrailPage } from '../../src/app/api.ts';
import { OPERATOR_SYSTEM } from '../../src/app/local-caller.ts';
import type { AnyEvent } from '../../src/domain/catalogue.ts';
import { parseBase64Url, toBase64Url } from '../../src/kernel/base64.ts';
import {
  type EventId,
  eventIdBytes,
  institutionStream,
  practitionerStream,
  residentStream,
} from '../../src/kernel/id.ts';
import type { Instant } from '../../src/kernel/instant.ts';
import { servedRoot } from '../../src/ledger/served-set.ts';
import {
  CLEAN,
  type Doctor,
  type Hospital,
  newRequest,
  type Resident,
  terms,
  value,
  verdictOn,
  type World,
  worldOf,
} from '../support/people.ts';
import { openTestNode, type TestNode } from '../support/test-node.ts';

let node: TestNode;
let world: World;
let hospital: Hospital;
let doctor: Doctor;
let other: Doctor;
let resident: Resident;
/** Between the accesses of the first half and of the second. */
let noon: Instant;
beforeAll(async () => {
  node = await openTestNode();
  world = await worldOf(node);
  hospital = await world.hospital('First name');
  doctor = await world.doctor(hospital);
  other = await world.doctor(await world.hospital());
  resident = await world.resident();
  await world.record(doctor, resident);
  await world.grant(resident, terms(hospital));
  const open = (caller: Caller, purpose: string, code = resident.code) =>
    node.platform.openRecords(caller, { code, purpose });
  await open({ ...doctor.caller, trace: 'trace-morning' }, 'TREAT');
  await open(other.caller, 'HRESCH');
  await open(doctor.caller, 'TREAT', 'N0B0DY');
  await new Promise((resolve) => setTimeout(resolve, 5));
  noon = node.app.clock.now();
  await new Promise((resolve) => setTimeout(resolve, 5));
  await node.platform.myRecords(resident.caller, {});
  await open({ ...doctor.caller, trace: 'trace-evening' }, 'ETREAT');
});
afterAll(() => node.close());

/** Reads a trail, which appends one log-read; the entries oldest first, without the log-reads of this test. */
async function trail(filter: TrailFilterInput, caller: Caller = world.regulator) {
  const { answer, events } = await world.appended(() => node.platform.readTrail(caller, { ...filter, first: 200 }));
  expect(events).toHaveLength(1);
  const page = value(answer);
  const entries = [...page.entries].reverse().filter(({ kind }) => kind !== 'log-read');
  return { page, entries, event: events[0] as AnyEvent };
}
const told = (entries: readonly TrailEntry[]) => entries.map(({ kind, purpose }) => `${kind} ${purpose}`);

describe('a trail', () => {
  it('by resident shows every access to that resident, and stands in that resident’s stream', async () => {
    const { entries, event } = await trail({ code: resident.code });
    expect(told(entries)).toEqual(['permitted TREAT', 'denied HRESCH', 'permitted PATRQT', 'permitted ETREAT']);
    expect(event.stream).toBe(resident.stream);
    expect(event.retained).toMatchObject({ filter: { resident: resident.label }, page: 1 });
  });

  it('by practitioner shows what that person asked, misses included, and stands in that person’s stream', async () => {
    const { entries, event } = await trail({ person: doctor.id });
    expect(told(entries)).toEqual(['permitted TREAT', 'missed TREAT', 'permitted ETREAT']);
    expect(event.stream).toBe(practitionerStream(doctor.id));
  });

  it('by a resident as the one who asked stands in that resident’s stream too', async () => {
    const { entries, event } = await trail({ person: resident.label });
    expect(told(entries)).toEqual(['permitted PATRQT']);
    expect(event.stream).toBe(residentStream(resident.label));
  });

  it('by organisation shows what was asked in its name, and stands in its stream', async () => {
    const { entries, event } = await trail({ organisation: hospital.id });
    expect(told(entries)).toEqual(['permitted TREAT', 'missed TREAT', 'permitted ETREAT']);
    expect(event.stream).toBe(institutionStream(hospital.id));
  });

  it.each([
    ['purpose', () => ({ purpose: 'HRESCH' }), ['denied HRESCH']],
    ['X-Request-Id', () => ({ trace: 'trace-evening' }), ['permitted ETREAT']],
    ['period, from', () => ({ from: noon }), ['permitted PATRQT', 'permitted ETREAT']],
    ['period, until', () => ({ until: noon }), ['permitted TREAT', 'denied HRESCH', 'missed TREAT']],
    ['purpose and period', () => ({ purpose: 'TREAT', from: noon }), []],
  ] as const)(
    'by %s shows what fits, and stands in the stream of the asker’s organisation',
    async (_, filter, expected) => {
      const { entries, event } = await trail(filter());
      expect(told(entries)).toEqual(expected);
      expect(event.stream).toBe(
        institutionStream((world.regulator.actor as { institution: Hospital['id'] }).institution),
      );
      expect(event.retained).toMatchObject({ filter: filter() });
    },
  );

  it('of somebody whom nobody knows is empty and stands with the asker; by a code of nobody it is missed', async () => {
    const { entries, event } = await trail({ person: 'A'.repeat(22), organisation: 'B'.repeat(21).concat('A') });
    expect(entries).toEqual([]);
    expect(event.stream).toMatch(/^institution\//);
    const missed = await world.appended(() => node.platform.readTrail(world.regulator, { code: 'N0B0DY' }));
    expect(missed.answer).toEqual({ kind: 'refusal', code: 'not-available' });
    expect(missed.events.map(({ type }) => type)).toEqual(['access.missed@1']);
  });

  it('commits to exactly the entries that it shows', async () => {
    const { page, event } = await trail({ code: resident.code });
    const { served, salt } = event.retained as {
      served: { root: string; count: number; matched: number };
      salt: string;
    };
    const items = await Promise.all(
      page.entries.map(async ({ event: id }) => {
        const { revision } = (await node.app.ledger.find(id as EventId)) as { revision: bigint };
        return { id: eventIdBytes(id as EventId), revision, part: 1 as const };
      }),
    );
    expect(served.root).toBe(toBase64Url(servedRoot(node.app.suite, parseBase64Url(salt) as Uint8Array, items)));
    expect([served.count, served.matched]).toEqual([page.entries.length, page.total]);
  });

  it('is no officer’s whose organisation has ended, and the refusal stands where the trail would', async () => {
    const office = await world.hospital();
    const former = await world.as({ role: 'regulator', subject: 'former', organisation: office.key });
    value(await node.platform.readTrail(former, { code: resident.code }));
    value(await node.platform.endInstitution(world.regulator, newRequest(), { id: office.id, reason: 'closed' }));
    const { answer, events } = await world.appended(() => node.platform.readTrail(former, { code: resident.code }));
    expect(answer).toEqual({ kind: 'refusal', code: 'not-available' });
    expect(events[0]).toMatchObject({
      type: 'access.denied@1',
      stream: resident.stream,
      retained: { rule: 'actor-ended' },
    });
  });
});

describe('the resident’s own log', () => {
  const pages = async (first: number): Promise<TrailPage[]> => {
    const all: TrailPage[] = [];
    const until = node.app.clock.now();
    for (let after: string | undefined; ; ) {
      const input = { first, until, ...(after === undefined ? {} : { after }) };
      const page = value(await node.platform.myAccessLog(resident.caller, input));
      all.push(page);
      if (!page.hasNextPage) return all;
      after = page.endCursor as string;
    }
  };

  it('shows every access once, newest first, with the trails in which it was seen; reading it is an access too', async () => {
    const [whole] = (await pages(200)) as [TrailPage];
    const piecewise = await pages(2);
    const ids = (all: readonly TrailPage[]) => all.flatMap(({ entries }) => entries.map(({ event }) => event));
    const before = ids([whole]);
    expect(new Set(before).size).toBe(before.length);
    expect(ids(piecewise).filter((id) => before.includes(id))).toEqual(before);
    expect(whole.entries.map(({ kind }) => kind)).toContain('log-read');
    const [newest] = value(await node.platform.myAccessLog(resident.caller, { first: 1 })).entries;
    expect(newest).toMatchObject({
      kind: 'log-read',
      actorKind: 'resident',
      actor: { id: resident.label, name: null },
    });
    const times = whole.entries.map(({ time }) => time);
    expect(times).toEqual([...times].sort().reverse());
  });

  it('names people and organisations as they were, whatever they are called since', async () => {
    const { id, key } = doctor;
    value(
      await node.platform.changeInstitution(world.regulator, newRequest(), {
        id: hospital.id,
        identifiers: [hospital.key],
        name: 'Second name',
      }),
    );
    value(
      await node.platform.changePractitioner(world.regulator, newRequest(), {
        id,
        identifiers: [key],
        name: 'Married name',
        affiliations: [hospital.id],
      }),
    );
    value(await node.platform.openRecords(doctor.caller, { code: resident.code, purpose: 'TREAT' }));
    const [now, ...before] = value(await node.platform.myAccessLog(resident.caller, { first: 200 })).entries.filter(
      ({ actor }) => actor.id === doctor.id,
    );
    expect(now).toMatchObject({
      actor: { id, name: 'Married name' },
      organisation: { id: hospital.id, name: 'Second name' },
    });
    expect(before.length).toBeGreaterThan(1);
    for (const entry of before) {
      expect(entry).toMatchObject({ actor: { name: doctor.name }, organisation: { name: 'First name' } });
    }
  });

  it('says why: rule, legal basis, policy in force, what was chosen, how much was served, under which consent', async () => {
    const { entries } = value(await node.platform.myAccessLog(resident.caller, { first: 200 }));
    const permitted = entries.find(
      ({ kind, purpose, trace }) => kind === 'permitted' && purpose === 'TREAT' && trace === 'trace-morning',
    );
    const policy = (await node.platform.policy(world.regulator))?.hash;
    expect(permitted?.details).toMatchObject({
      rule: 'grant',
      basis: 'PIPL-13-1',
      policy,
      what: 'records',
      categories: ['outpatient'],
      count: 1,
    });
    expect(permitted?.details?.grants).toHaveLength(1);
    const denied = entries.find(({ kind }) => kind === 'denied');
    expect(denied?.details?.rule).toBe('actor-ended');
    expect(entries.find(({ purpose }) => purpose === 'HRESCH')?.details?.rule).toBe('no-consent');
  });

  it('is the resident’s alone: an officer has trails, and a trail is nobody else’s', async () => {
    const office = await world.as({
      role: 'issuer',
      subject: 'o',
      organisation: { system: OPERATOR_SYSTEM, number: node.app.region },
    });
    for (const caller of [doctor.caller, office, resident.caller]) {
      const { answer, events } = await world.appended(() => node.platform.readTrail(caller, { code: resident.code }));
      expect([answer, events]).toEqual([{ kind: 'refusal', code: 'not-permitted' }, []]);
    }
  });
});

describe('the ledger', () => {
  it('is whole after all this', async () => {
    expect(await verdictOn(node)).toMatchObject(CLEAN);
  });
});
