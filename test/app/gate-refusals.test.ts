import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from '../../src/app/actor.ts';
import type { Outcome } from '../../src/app/outcome.ts';
import { institutionStream, practitionerStream, type StreamName } from '../../src/kernel/id.ts';
import type { Day, Instant } from '../../src/kernel/instant.ts';
import {
  CLEAN,
  type Doctor,
  type Hospital,
  newRequest,
  type Resident,
  recordInput,
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
beforeAll(async () => {
  node = await openTestNode();
  world = await worldOf(node);
  hospital = await world.hospital();
  doctor = await world.doctor(hospital);
});
afterAll(() => node.close());

/** A try to read, and what must stand of it: where, and under which rule ('missed': nobody is behind the code). */
interface Try {
  readonly ask: () => Promise<Outcome<unknown>>;
  readonly stream: StreamName;
  readonly rule: string;
}

const SOME = {
  purposes: ['TREAT'],
  categories: ['outpatient'],
  period: { from: '2024-01-01' as Day, to: '2024-12-31' as Day },
} as const;

/** A resident with two records of another hospital, and a grant of them to ours. */
async function granted(over: Parameters<typeof terms>[1] = {}, to: Hospital = hospital): Promise<Resident> {
  const resident = await world.resident();
  const theirs = await world.doctor(await world.hospital());
  await world.record(theirs, resident);
  await world.record(theirs, resident);
  await world.grant(resident, terms(to, { ...SOME, ...over }));
  return resident;
}

const open = (of: { code: string }, over: object = {}, caller: Caller = doctor.caller) =>
  node.platform.openRecords(caller, { code: of.code, purpose: 'TREAT', ...over });
const content = (of: { code: string }, record: string, caller: Caller = doctor.caller) =>
  node.platform.openContent(caller, { code: of.code, purpose: 'TREAT', record });

/** The cursor behind the first of two records. */
async function cursorOf(resident: Resident, caller: Caller = doctor.caller, over: object = {}): Promise<string> {
  const page = value(await open(resident, { first: 1, ...over }, caller));
  expect(page.hasNextPage).toBe(true);
  return page.endCursor as string;
}
const firstOf = async (resident: Resident, caller: Caller = doctor.caller): Promise<string> =>
  (value(await open(resident, {}, caller)).records[0] as { id: string }).id;

const past = (ms: number) => new Date(Date.now() - ms).toISOString() as Instant;
const until = (instant: Instant) =>
  new Promise((resolve) => setTimeout(resolve, Date.parse(instant) - Date.now() + 50));

const TRIES: { readonly [what: string]: () => Promise<Try> } = {
  'an unknown code': async () => ({
    ask: () => open({ code: 'N0B0DY' }),
    stream: practitionerStream(doctor.id),
    rule: 'missed',
  }),
  'an unknown code, by somebody who is not registered': async () => {
    const stranger = await world.as({ role: 'practitioner', subject: 'stranger', organisation: hospital.key });
    return {
      ask: () => open({ code: 'N0B0DY' }, {}, stranger),
      stream: institutionStream(hospital.id),
      rule: 'missed',
    };
  },
  'a suspended code': async () => {
    const resident = await granted();
    value(await node.platform.suspendCode(resident.caller, newRequest(), { reason: 'lost' }));
    return { ask: () => open(resident), stream: resident.stream, rule: 'code-not-live' };
  },
  'a closed code': async () => {
    const resident = await granted();
    value(await node.platform.closeCode(world.office, newRequest(), { code: resident.code, reason: 'office' }));
    return { ask: () => open(resident), stream: resident.stream, rule: 'code-not-live' };
  },
  'the code of somebody who has died': async () => {
    const resident = await granted();
    value(await node.platform.reportDeath(world.office, newRequest(), { code: resident.code }));
    return { ask: () => open(resident), stream: resident.stream, rule: 'code-not-live' };
  },
  'no consent': async () => {
    const resident = await world.resident();
    return { ask: () => open(resident), stream: resident.stream, rule: 'no-consent' };
  },
  'an expired consent': async () => {
    const end = past(-1_500);
    const resident = await granted({ validUntil: end });
    value(await open(resident));
    await until(end);
    return { ask: () => open(resident), stream: resident.stream, rule: 'no-consent' };
  },
  'a consent that is not valid yet': async () => {
    const resident = await granted({ validFrom: past(-3_600_000) });
    return { ask: () => open(resident), stream: resident.stream, rule: 'no-consent' };
  },
  'a revoked consent': async () => {
    const resident = await granted();
    const consentId = await world.grant(resident, terms(await world.hospital()));
    const { consents } = value(await node.platform.myConsents(resident.caller, {}));
    for (const { consentId: each } of consents) {
      value(await node.platform.revokeConsent(resident.caller, newRequest(), { consentId: each }));
    }
    expect(consents.map((one) => one.consentId)).toContain(consentId);
    return { ask: () => open(resident), stream: resident.stream, rule: 'no-consent' };
  },
  'a consent of another resident': async () => {
    await granted();
    const resident = await world.resident();
    return { ask: () => open(resident), stream: resident.stream, rule: 'no-consent' };
  },
  'a consent to another organisation': async () => {
    const resident = await granted({}, await world.hospital());
    return { ask: () => open(resident), stream: resident.stream, rule: 'no-consent' };
  },
  'a consent to a colleague': async () => {
    const colleague = await world.doctor(hospital);
    const grantee = { kind: 'practitioner', institution: hospital.id, practitioner: colleague.id } as const;
    const resident = await granted({ grantee });
    return { ask: () => open(resident), stream: resident.stream, rule: 'no-consent' };
  },
  'another purpose': async () => {
    const resident = await granted();
    return { ask: () => open(resident, { purpose: 'HRESCH' }), stream: resident.stream, rule: 'not-covered' };
  },
  'a purpose that is the resident’s own': async () => {
    const resident = await granted();
    return { ask: () => open(resident, { purpose: 'PATRQT' }), stream: resident.stream, rule: 'no-consent' };
  },
  'another category': async () => {
    const resident = await granted();
    return { ask: () => open(resident, { categories: ['imaging'] }), stream: resident.stream, rule: 'not-covered' };
  },
  'another period': async () => {
    const resident = await granted();
    const period = { from: '2025-01-01', to: '2025-12-31' };
    return { ask: () => open(resident, { period }), stream: resident.stream, rule: 'not-covered' };
  },
  'a registration that has ended': async () => {
    const resident = await granted();
    const former = await world.doctor(hospital);
    value(await node.platform.endPractitioner(world.regulator, newRequest(), { id: former.id, reason: 'retired' }));
    return { ask: () => open(resident, {}, former.caller), stream: resident.stream, rule: 'actor-ended' };
  },
  'an organisation that has ended': async () => {
    const closing = await world.hospital();
    const resident = await granted({}, closing);
    const { caller } = await world.doctor(closing);
    value(await node.platform.endInstitution(world.regulator, newRequest(), { id: closing.id, reason: 'closed' }));
    return { ask: () => open(resident, {}, caller), stream: resident.stream, rule: 'actor-ended' };
  },
  'an organisation in which the asker does not work': async () => {
    const resident = await granted();
    const { key } = await world.doctor(await world.hospital());
    const guest = await world.as({
      role: 'practitioner',
      subject: 'guest',
      organisation: hospital.key,
      practitioner: key,
    });
    return { ask: () => open(resident, {}, guest), stream: resident.stream, rule: 'not-affiliated' };
  },
  'nobody’s registration': async () => {
    const resident = await granted();
    const practitioner = { system: 'urn:licence', number: 'never' };
    const stranger = await world.as({ role: 'practitioner', subject: 's', organisation: hospital.key, practitioner });
    return { ask: () => open(resident, {}, stranger), stream: resident.stream, rule: 'unknown-actor' };
  },
  'a cursor that nobody was given': async () => {
    const resident = await granted();
    return { ask: () => open(resident, { after: 'AAAA' }), stream: resident.stream, rule: 'not-covered' };
  },
  'the cursor of a colleague': async () => {
    const resident = await granted();
    const after = await cursorOf(resident, (await world.doctor(hospital)).caller);
    return { ask: () => open(resident, { after }), stream: resident.stream, rule: 'not-covered' };
  },
  'the cursor of another question': async () => {
    const resident = await granted();
    const after = await cursorOf(resident, doctor.caller, { index: 'EMR' });
    return { ask: () => open(resident, { after }), stream: resident.stream, rule: 'not-covered' };
  },
  'the cursor of another resident': async () => {
    const [resident, after] = [await granted(), await cursorOf(await granted())];
    return { ask: () => open(resident, { after }), stream: resident.stream, rule: 'not-covered' };
  },
  'a cursor after the consent was revoked': async () => {
    const resident = await granted();
    const after = await cursorOf(resident);
    const [one] = value(await node.platform.myConsents(resident.caller, {})).consents;
    const { consentId } = one as { consentId: string };
    value(await node.platform.revokeConsent(resident.caller, newRequest(), { consentId }));
    return { ask: () => open(resident, { after }), stream: resident.stream, rule: 'no-consent' };
  },
  'a record’s id that nobody was given': async () => {
    const resident = await granted();
    return { ask: () => content(resident, 'AAAA'), stream: resident.stream, rule: 'not-covered' };
  },
  'a colleague’s id of a record': async () => {
    const resident = await granted();
    const id = await firstOf(resident, (await world.doctor(hospital)).caller);
    return { ask: () => content(resident, id), stream: resident.stream, rule: 'not-covered' };
  },
  'the id of another resident’s record': async () => {
    const [resident, id] = [await granted(), await firstOf(await granted())];
    return { ask: () => content(resident, id), stream: resident.stream, rule: 'not-covered' };
  },
  'the id of a record that the consent leaves out': async () => {
    const resident = await granted();
    const author = await world.doctor(await world.hospital());
    await world.record(author, resident, { sensitivities: ['HIV'] });
    const mine = value(await node.platform.openRecords(author.caller, { code: resident.code, purpose: 'TREAT' }));
    expect(mine.total).toBe(1);
    const id = await world.record({ ...author, caller: author.caller }, resident, recordInput(resident.code));
    return { ask: () => content(resident, id), stream: resident.stream, rule: 'not-covered' };
  },
  'the id of a record that was withdrawn': async () => {
    const resident = await world.resident();
    const record = recordInput(resident.code);
    const id = value(await node.platform.registerRecord(doctor.caller, newRequest(), record)).record;
    value(await content(resident, id));
    await world.grant(resident, terms(hospital));
    const { code, sourceSystem, type, sourceId } = record;
    const withdrawn = { code, sourceSystem, type, sourceId, reason: 'entered-in-error' };
    value(await node.platform.withdrawRecord(doctor.caller, newRequest(), withdrawn));
    return { ask: () => content(resident, id), stream: resident.stream, rule: 'not-covered' };
  },
};

describe.each(Object.keys(TRIES))('%s', (what) => {
  it('opens nothing, and leaves one event that says why; the asker hears the one no', async () => {
    const { ask, stream, rule } = await (TRIES[what] as () => Promise<Try>)();
    const { answer, events } = await world.appended(ask);
    expect(answer).toEqual({ kind: 'refusal', code: 'not-available' });
    expect(events).toHaveLength(1);
    const [event] = events;
    expect(event?.stream).toBe(stream);
    expect(event?.type).toBe(rule === 'missed' ? 'access.missed@1' : 'access.denied@1');
    if (rule !== 'missed') expect(event?.retained).toMatchObject({ rule });
  });
});

describe('all these', () => {
  it('would have been permitted but for what was wrong', async () => {
    const resident = await granted();
    const { answer, events } = await world.appended(() => open(resident));
    expect(value(answer).total).toBe(2);
    expect(events.map(({ type }) => type)).toEqual(['access.permitted@1']);
    const { after, first } = { after: await cursorOf(resident), first: 1 };
    expect(value(await open(resident, { after, first })).records).toHaveLength(1);
    expect(value(await content(resident, await firstOf(resident))).text).toContain('visit');
  });

  it('leave a ledger that is whole', async () => {
    expect(await verdictOn(node)).toMatchObject(CLEAN);
  });
});
