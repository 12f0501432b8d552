import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from '../../src/app/actor.ts';
import type { RequestConsentInput } from '../../src/app/api.ts';
import { MAX_PENDING_OF_INSTITUTION } from '../../src/domain/consent/decider.ts';
import {
  CLEAN,
  type Doctor,
  EVIDENCE,
  type Hospital,
  newRequest,
  recordInput,
  terms,
  value,
  verdictOn,
  type World,
  worldOf,
} from '../support/people.ts';
import { openTestNode, type TestNode } from '../support/test-node.ts';

/** Commands of practitioners tell nothing of whoever is, or is not, behind a code. */

let node: TestNode;
let world: World;
let hospital: Hospital;
let doctor: Doctor;
/** A code in every state that one can be in. */
let codes: Readonly<Record<string, string>>;
/** Practitioners who may not ask at all. */
let outsiders: Readonly<Record<string, Caller>>;

beforeAll(async () => {
  node = await openTestNode();
  world = await worldOf(node);
  hospital = await world.hospital();
  doctor = await world.doctor(hospital);
  const { platform } = node;
  const [live, suspended, closed, dead, asked] = await Promise.all(Array.from({ length: 5 }, () => world.resident()));
  if (!live || !suspended || !closed || !dead || !asked) throw new Error('five residents');
  value(await platform.suspendCode(world.office, newRequest(), { code: suspended.code, reason: 'misuse' }));
  value(await platform.closeCode(world.office, newRequest(), { code: closed.code, reason: 'office' }));
  value(await platform.reportDeath(world.office, newRequest(), { code: dead.code }));
  for (let i = 0; i < MAX_PENDING_OF_INSTITUTION; i++) {
    value(await platform.requestConsent(doctor.caller, newRequest(), asking(asked.code)));
  }
  codes = {
    live: live.code,
    suspended: suspended.code,
    closed: closed.code,
    dead: dead.code,
    asked: asked.code,
    unknown: 'N0B0DY',
  };

  const former = await world.doctor(hospital);
  value(await platform.endPractitioner(world.regulator, newRequest(), { id: former.id, reason: 'retired' }));
  const { key } = await world.doctor(await world.hospital());
  outsiders = {
    'actor-ended': former.caller,
    'not-affiliated': await world.as({
      role: 'practitioner',
      subject: 'g',
      organisation: hospital.key,
      practitioner: key,
    }),
    'unknown-actor': await world.as({ role: 'practitioner', subject: 'u', organisation: hospital.key }),
  };
});
afterAll(() => node.close());

const at = (ms: number) => new Date(Date.now() + ms).toISOString();
const DAY = 86_400_000;
const TOMORROW = at(DAY);
const asking = (code: string, over: Partial<RequestConsentInput> = {}): RequestConsentInput => ({
  code,
  granteeKind: 'institution',
  purposes: ['TREAT'],
  categories: ['imaging'],
  period: { from: '2024-01-01', to: '2024-12-31' },
  validUntil: TOMORROW,
  ...over,
});
const request = (
  code: string,
  over?: Partial<RequestConsentInput>,
  caller: Caller = doctor.caller,
  id = newRequest(),
) => world.appended(() => node.platform.requestConsent(caller, id, asking(code, over)));

describe('a request for consent', () => {
  it('is answered with an id whoever is behind the code, or nobody, and leaves exactly one event', async () => {
    const left: Record<string, string> = {};
    for (const [state, code] of Object.entries(codes)) {
      const id = newRequest();
      const { answer, events } = await request(code, {}, doctor.caller, id);
      expect(answer).toEqual({ kind: 'done', value: { consentId: expect.stringMatching(/^[A-Za-z0-9_-]{22}$/) } });
      expect(events).toHaveLength(1);
      left[state] = `${events[0]?.type} in ${events[0]?.stream.split('/')[0]}`;
      expect(await request(code, {}, doctor.caller, id)).toEqual({ answer, events: [] });
    }
    expect(left).toEqual({
      live: 'consent.requested@1 in resident',
      suspended: 'access.denied@1 in resident',
      closed: 'access.denied@1 in resident',
      dead: 'access.denied@1 in resident',
      asked: 'access.denied@1 in resident',
      unknown: 'access.missed@1 in practitioner',
    });
  });

  it.each([
    ['validity-over', () => ({ validFrom: at(-2 * DAY), validUntil: at(-DAY) })],
    ['validity-too-long', () => ({ validUntil: at(2_000 * DAY) })],
    ['purpose-not-grantable', () => ({ purposes: ['FAMRQT'] })],
    ['answer-by-out-of-range', () => ({ answerBy: at(40 * DAY) })],
  ] as const)('that is wrong in itself (%s) is refused alike for every code, and leaves none', async (code, over) => {
    for (const shown of Object.values(codes)) {
      expect(await request(shown, over() as Partial<RequestConsentInput>)).toEqual({
        answer: { kind: 'refusal', code },
        events: [],
      });
    }
  });

  it('by somebody who may not ask is refused alike for every code, and leaves none', async () => {
    for (const [code, caller] of Object.entries(outsiders)) {
      for (const shown of Object.values(codes)) {
        expect(await request(shown, {}, caller)).toEqual({ answer: { kind: 'refusal', code }, events: [] });
      }
    }
  });

  it('that went to nobody is nobody’s to grant', async () => {
    const { answer } = await request('N0B0DY');
    const resident = await world.resident();
    const input = { ...value(answer), terms: terms(hospital), evidence: EVIDENCE };
    expect(await node.platform.grantConsent(resident.caller, newRequest(), input)).toMatchObject({
      code: 'no-such-request',
    });
  });
});

describe('registering and withdrawing records', () => {
  const NOTHING = { answer: { kind: 'refusal', code: 'not-available' }, events: [] };
  const withdrawal = (input: ReturnType<typeof recordInput>) => {
    const { code, sourceSystem, type, sourceId } = input;
    return { code, sourceSystem, type, sourceId, reason: 'custodian' };
  };

  it('by somebody who may not is refused alike, whether the code is somebody’s or nobody’s', async () => {
    for (const [code, caller] of Object.entries(outsiders)) {
      for (const shown of [codes.live, codes.unknown] as string[]) {
        const input = recordInput(shown);
        const told = { answer: { kind: 'refusal', code }, events: [] };
        expect(await world.appended(() => node.platform.registerRecord(caller, newRequest(), input))).toEqual(told);
        const withdrawn = world.appended(() => node.platform.withdrawRecord(caller, newRequest(), withdrawal(input)));
        expect(await withdrawn).toEqual(told);
      }
    }
  });

  it('of another organisation is refused like one that is not there', async () => {
    const resident = await world.resident();
    const owner = await world.doctor(await world.hospital());
    const theirs = recordInput(resident.code);
    value(await node.platform.registerRecord(owner.caller, newRequest(), theirs));
    for (const input of [theirs, recordInput(resident.code), { ...theirs, code: 'N0B0DY' }]) {
      const { caller } = doctor;
      const withdrawn = world.appended(() => node.platform.withdrawRecord(caller, newRequest(), withdrawal(input)));
      expect(await withdrawn).toEqual(NOTHING);
    }
    const taken = { ...theirs, content: 'ours now' };
    const replaced = await world.appended(() => node.platform.registerRecord(doctor.caller, newRequest(), taken));
    expect(replaced).toEqual(NOTHING);
    const [record] = value(await node.platform.myRecords(resident.caller, {})).records;
    expect(record?.custodian.id).toBe((owner.caller.actor as { institution: string }).institution);
  });
});

describe('the ledger', () => {
  it('is whole after all this', async () => {
    expect(await verdictOn(node)).toMatchObject(CLEAN);
  });
});
