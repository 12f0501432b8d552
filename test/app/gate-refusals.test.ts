import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { institutionStream, practitionerStream } from '../../src/kernel/id.ts';
import type { Instant } from '../../src/kernel/instant.ts';
import { CLEAN, newRequest, terms, value, verdictOn, worldOf } from '../support/people.ts';
import { openTestNode, type TestNode } from '../support/test-node.ts';
import { eachIsRefused, type Scene, sceneOf } from './refusals.ts';

let node: TestNode;
let scene: Scene;
beforeAll(async () => {
  node = await openTestNode();
  scene = await sceneOf(await worldOf(node));
});
afterAll(() => node.close());

const inMs = (ms: number) => new Date(Date.now() + ms).toISOString() as Instant;
const passed = (instant: Instant) =>
  new Promise((resolve) => setTimeout(resolve, Date.parse(instant) - Date.now() + 50));

eachIsRefused(() => scene, {
  'an unknown code': async ({ open, doctor }) => ({
    ask: () => open({ code: 'N0B0DY' }),
    stream: practitionerStream(doctor.id),
    rule: 'missed',
  }),
  'an unknown code, by somebody who is not registered': async ({ open, world, hospital }) => {
    const stranger = await world.as({ role: 'practitioner', subject: 'stranger', organisation: hospital.key });
    return {
      ask: () => open({ code: 'N0B0DY' }, {}, stranger),
      stream: institutionStream(hospital.id),
      rule: 'missed',
    };
  },
  'an unknown code that is only to be verified': async ({ world, doctor }) => ({
    ask: () => world.node.platform.verifyCode(doctor.caller, { code: 'N0B0DY' }),
    stream: practitionerStream(doctor.id),
    rule: 'missed',
  }),
  'a suspended code': async ({ open, granted, world }) => {
    const resident = await granted();
    value(await world.node.platform.suspendCode(resident.caller, newRequest(), { reason: 'lost' }));
    return { ask: () => open(resident), stream: resident.stream, rule: 'code-not-live' };
  },
  'a suspended code that is only to be verified': async ({ doctor, world }) => {
    const resident = await world.resident();
    value(await world.node.platform.suspendCode(resident.caller, newRequest(), { reason: 'lost' }));
    const ask = () => world.node.platform.verifyCode(doctor.caller, { code: resident.code });
    return { ask, stream: resident.stream, rule: 'code-not-live' };
  },
  'a closed code': async ({ open, granted, world }) => {
    const resident = await granted();
    value(await world.node.platform.closeCode(world.office, newRequest(), { code: resident.code, reason: 'office' }));
    return { ask: () => open(resident), stream: resident.stream, rule: 'code-not-live' };
  },
  'the code of somebody who has died': async ({ open, granted, world }) => {
    const resident = await granted();
    value(await world.node.platform.reportDeath(world.office, newRequest(), { code: resident.code }));
    return { ask: () => open(resident), stream: resident.stream, rule: 'code-not-live' };
  },
  'the own record of somebody who has died': async ({ granted, world }) => {
    const resident = await granted();
    value(await world.node.platform.reportDeath(world.office, newRequest(), { code: resident.code }));
    return { ask: () => world.node.platform.myRecords(resident.caller, {}), stream: resident.stream, rule: 'deceased' };
  },
  'no consent': async ({ open, world }) => {
    const resident = await world.resident();
    return { ask: () => open(resident), stream: resident.stream, rule: 'no-consent' };
  },
  'an expired consent': async ({ open, world, hospital }) => {
    const resident = await world.resident();
    const end = inMs(1_500);
    await world.grant(resident, terms(hospital, { validUntil: end }));
    value(await open(resident));
    await passed(end);
    return { ask: () => open(resident), stream: resident.stream, rule: 'no-consent' };
  },
  'a consent that is not valid yet': async ({ open, granted }) => {
    const resident = await granted({ validFrom: inMs(3_600_000) });
    return { ask: () => open(resident), stream: resident.stream, rule: 'no-consent' };
  },
  'a revoked consent': async ({ open, granted, revoke }) => {
    const resident = await granted();
    await revoke(resident, resident.consentId);
    return { ask: () => open(resident), stream: resident.stream, rule: 'no-consent' };
  },
  'a consent of another resident': async ({ open, granted, world }) => {
    await granted();
    const resident = await world.resident();
    return { ask: () => open(resident), stream: resident.stream, rule: 'no-consent' };
  },
  'a consent to another organisation': async ({ open, granted, world }) => {
    const resident = await granted({}, await world.hospital());
    return { ask: () => open(resident), stream: resident.stream, rule: 'no-consent' };
  },
  'a consent to a colleague': async ({ open, granted, world, hospital }) => {
    const colleague = await world.doctor(hospital);
    const grantee = { kind: 'practitioner', institution: hospital.id, practitioner: colleague.id } as const;
    const resident = await granted({ grantee });
    return { ask: () => open(resident), stream: resident.stream, rule: 'no-consent' };
  },
  'another purpose': async ({ open, granted }) => {
    const resident = await granted();
    return { ask: () => open(resident, { purpose: 'HRESCH' }), stream: resident.stream, rule: 'not-covered' };
  },
  'a purpose that is wider than the consent’s': async ({ open, granted }) => {
    const resident = await granted({ purposes: ['ETREAT'] });
    return { ask: () => open(resident), stream: resident.stream, rule: 'not-covered' };
  },
  'a purpose that is the resident’s own': async ({ open, granted }) => {
    const resident = await granted();
    return { ask: () => open(resident, { purpose: 'PATRQT' }), stream: resident.stream, rule: 'no-consent' };
  },
  'another category': async ({ open, granted }) => {
    const resident = await granted();
    return { ask: () => open(resident, { categories: ['imaging'] }), stream: resident.stream, rule: 'not-covered' };
  },
  'another period': async ({ open, granted }) => {
    const resident = await granted();
    const period = { from: '2025-01-01', to: '2025-12-31' };
    return { ask: () => open(resident, { period }), stream: resident.stream, rule: 'not-covered' };
  },
  'a registration that has ended': async ({ open, granted, world, hospital }) => {
    const resident = await granted();
    const former = await world.doctor(hospital);
    value(await open(resident, {}, former.caller));
    value(
      await world.node.platform.endPractitioner(world.regulator, newRequest(), { id: former.id, reason: 'retired' }),
    );
    return { ask: () => open(resident, {}, former.caller), stream: resident.stream, rule: 'actor-ended' };
  },
  'an organisation that has ended': async ({ open, granted, world }) => {
    const closing = await world.hospital();
    const resident = await granted({}, closing);
    const { caller } = await world.doctor(closing);
    value(await open(resident, {}, caller));
    value(
      await world.node.platform.endInstitution(world.regulator, newRequest(), { id: closing.id, reason: 'closed' }),
    );
    return { ask: () => open(resident, {}, caller), stream: resident.stream, rule: 'actor-ended' };
  },
  'an organisation in which the asker does not work': async ({ open, granted, world, hospital }) => {
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
  'nobody’s registration': async ({ open, granted, world, hospital }) => {
    const resident = await granted();
    const practitioner = { system: 'urn:licence', number: 'never' };
    const stranger = await world.as({ role: 'practitioner', subject: 's', organisation: hospital.key, practitioner });
    return { ask: () => open(resident, {}, stranger), stream: resident.stream, rule: 'unknown-actor' };
  },
});

describe('what was refused here', () => {
  it('would have been opened but for what was wrong', async () => {
    const resident = await scene.granted();
    const { answer, events } = await scene.world.appended(() => scene.open(resident));
    expect(value(answer)).toMatchObject({ total: 2, hasNextPage: false });
    expect(events.map(({ type }) => type)).toEqual(['access.permitted@1']);
    expect(value(await scene.open(resident, { purpose: 'BTG' })).total).toBe(2);
  });

  it('leaves a ledger that is whole', async () => {
    expect(await verdictOn(node)).toMatchObject(CLEAN);
  });
});
