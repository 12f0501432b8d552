import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RequestConsentInput } from '../../src/app/api.ts';
import type { ConsentTerms } from '../../src/domain/consent/terms.ts';
import type { Day, Instant } from '../../src/kernel/instant.ts';
import {
  CLEAN,
  type Doctor,
  EVIDENCE,
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
beforeAll(async () => {
  node = await openTestNode();
  world = await worldOf(node);
  hospital = await world.hospital();
  doctor = await world.doctor(hospital);
});
afterAll(() => node.close());

const inMs = (ms: number) => new Date(Date.now() + ms).toISOString() as Instant;
const DAY = 86_400_000;

const asking = (code: string, over: Partial<RequestConsentInput> = {}): RequestConsentInput => ({
  code,
  granteeKind: 'institution',
  purposes: ['TREAT'],
  categories: ['imaging', 'outpatient'],
  labels: ['HIV'],
  period: { from: '2024-01-01', to: '2024-12-31' },
  validFrom: inMs(-1_000),
  validUntil: inMs(DAY),
  ...over,
});
async function requested(resident: Resident, over: Partial<RequestConsentInput> = {}) {
  const input = asking(resident.code, over);
  const { consentId } = value(await node.platform.requestConsent(doctor.caller, newRequest(), input));
  const { code: _code, granteeKind: _kind, answerBy: _by, message: _message, ...asked } = input;
  const given = { ...asked, grantee: { kind: 'institution', institution: hospital.id } } as unknown as ConsentTerms;
  return { consentId, given };
}
const answer = (resident: Resident, consentId: string, given: ConsentTerms) =>
  node.platform.grantConsent(resident.caller, newRequest(), { consentId, terms: given, evidence: EVIDENCE });
const open = (resident: Resident, caller = doctor.caller) =>
  node.platform.openRecords(caller, { code: resident.code, purpose: 'TREAT' });
const standings = async (resident: Resident) =>
  value(await node.platform.myConsents(resident.caller, {}))
    .consents.map(({ state }) => state)
    .sort();

describe('a grant', () => {
  it.each([
    ['purposes', { purposes: ['HRESCH', 'TREAT'] }],
    ['a wider purpose', { purposes: ['TREAT'] }, { purposes: ['ETREAT'] }],
    ['categories', { categories: ['imaging', 'invoice', 'outpatient'] }],
    ['labels', { labels: ['HIV', 'PSY'] }],
    ['an earlier beginning of the data', { period: { from: '2023-12-31', to: '2024-12-31' } }],
    ['a later end of the data', { period: { from: '2024-01-01', to: '2025-01-01' } }],
    ['a longer validity', { validUntil: inMs(2 * DAY) }],
    ['an earlier validity', { validFrom: inMs(-DAY) }],
  ] as [string, Partial<ConsentTerms>, Partial<RequestConsentInput>?][])(
    'that gives more %s than was asked is refused, and nothing of it is given',
    async (_, more, over) => {
      const resident = await world.resident();
      const { consentId, given } = await requested(resident, over);
      const { answer: refused, events } = await world.appended(() =>
        answer(resident, consentId, { ...given, ...more }),
      );
      expect(refused).toEqual({ kind: 'refusal', code: 'grant-exceeds-request' });
      expect(events).toEqual([]);
      expect((await open(resident)).kind).toBe('refusal');
    },
  );

  it('to anybody but who asked is refused', async () => {
    const resident = await world.resident();
    const { consentId, given } = await requested(resident);
    const other = await world.hospital();
    for (const grantee of [
      { kind: 'institution', institution: other.id },
      { kind: 'practitioner', institution: other.id, practitioner: (await world.doctor(other)).id },
    ] as const) {
      expect(await answer(resident, consentId, { ...given, grantee })).toMatchObject({ code: 'grant-exceeds-request' });
    }
  });

  it('that gives less is taken, and no more than it is opened', async () => {
    const resident = await world.resident();
    const author = await world.doctor(await world.hospital());
    await world.record(author, resident, { category: 'imaging' });
    await world.record(author, resident, { category: 'outpatient' });
    const { consentId, given } = await requested(resident);
    const period = { from: '2024-02-01' as Day, to: '2024-03-31' as Day };
    value(await answer(resident, consentId, { ...given, categories: ['imaging'], labels: [], period }));
    expect(value(await open(resident)).records.map(({ category }) => category)).toEqual(['imaging']);
  });

  it('after the request’s time to answer is refused, and a request is answered once', async () => {
    const resident = await world.resident();
    const answerBy = inMs(1_500);
    const late = await requested(resident, { answerBy });
    const denied = await requested(resident);
    value(await node.platform.denyConsent(resident.caller, newRequest(), { consentId: denied.consentId }));
    expect(await answer(resident, denied.consentId, denied.given)).toMatchObject({ code: 'request-answered' });
    await new Promise((resolve) => setTimeout(resolve, Date.parse(answerBy) - Date.now() + 50));
    expect(await answer(resident, late.consentId, late.given)).toMatchObject({ code: 'request-expired' });
    expect((await open(resident)).kind).toBe('refusal');
  });
});

describe('closing a code', () => {
  it('ends the pending requests and the live grants, each by an event of its own', async () => {
    const resident = await world.resident();
    await requested(resident);
    await world.grant(resident, terms(hospital));
    value(await open(resident));
    const close = { code: resident.code, reason: 'office' };
    const { events } = await world.appended(() => node.platform.closeCode(world.office, newRequest(), close));
    expect(events.map(({ type }) => type)).toEqual(['code.closed@1', 'consent.denied@1', 'consent.revoked@1']);
    expect(await standings(resident)).toEqual(['denied', 'revoked']);
    const issued = await node.platform.issueCode(world.office, newRequest(), { documents: [resident.document] });
    const again = { ...resident, code: value(issued).code };
    expect((await open(again)).kind).toBe('refusal');
    value(await node.platform.myRecords(resident.caller, {}));
  });
});

describe('revoking', () => {
  it('stops at once what it ends and nothing else; what was opened before stays opened lawfully', async () => {
    const resident = await world.resident();
    const other = await world.hospital();
    const [colleague, elsewhere] = [await world.doctor(hospital), await world.doctor(other)];
    const consentId = await world.grant(resident, terms(hospital));
    await world.grant(resident, terms(other));
    for (const { caller } of [doctor, colleague, elsewhere]) value(await open(resident, caller));
    const { events } = await world.appended(() =>
      node.platform.revokeConsent(resident.caller, newRequest(), { consentId }),
    );
    expect(events.map(({ type }) => type)).toEqual(['consent.revoked@1']);
    for (const { caller } of [doctor, colleague]) expect((await open(resident, caller)).kind).toBe('refusal');
    value(await open(resident, elsewhere.caller));
    const log = value(await node.platform.myAccessLog(resident.caller, { first: 200 }));
    expect(log.entries.filter(({ kind }) => kind === 'permitted')).toHaveLength(4);
  });

  it('is as easy as granting: without a live code, and again without harm', async () => {
    const resident = await world.resident();
    const consentId = await world.grant(resident, terms(hospital));
    value(await node.platform.suspendCode(resident.caller, newRequest(), { reason: 'lost' }));
    value(await node.platform.revokeConsent(resident.caller, newRequest(), { consentId }));
    const again = await world.appended(() => node.platform.revokeConsent(resident.caller, newRequest(), { consentId }));
    expect(again).toEqual({ answer: { kind: 'done', value: {} }, events: [] });
  });
});

describe('consents are their resident’s alone', () => {
  it('another resident can neither revoke, grant nor deny, whatever id they know', async () => {
    const [resident, neighbour] = [await world.resident(), await world.resident()];
    const consentId = await world.grant(resident, terms(hospital));
    const pending = await requested(resident);
    const tried = await world.appended(async () => [
      await node.platform.revokeConsent(neighbour.caller, newRequest(), { consentId }),
      await node.platform.denyConsent(neighbour.caller, newRequest(), { consentId: pending.consentId }),
      await answer(neighbour, pending.consentId, pending.given),
    ]);
    expect(tried.answer.map((one) => 'code' in one && one.code)).toEqual([
      'no-such-consent',
      'no-such-request',
      'no-such-request',
    ]);
    expect(tried.events).toEqual([]);
    expect(await standings(resident)).toEqual(['live', 'pending']);
    value(await open(resident));
    expect((await open(neighbour)).kind).toBe('refusal');
  });

  it('who is not registered, has ended or works elsewhere is given nothing', async () => {
    const resident = await world.resident();
    const [former, closed] = [await world.doctor(hospital), await world.hospital()];
    value(await node.platform.endPractitioner(world.regulator, newRequest(), { id: former.id, reason: 'retired' }));
    value(await node.platform.endInstitution(world.regulator, newRequest(), { id: closed.id, reason: 'closed' }));
    const personally = (practitioner: Doctor, at: Hospital) =>
      terms(at, { grantee: { kind: 'practitioner', institution: at.id, practitioner: practitioner.id } });
    const other = await world.hospital();
    for (const given of [terms(closed), personally(former, hospital), personally(doctor, other)]) {
      const input = { terms: given, evidence: EVIDENCE };
      expect(await node.platform.grantConsent(resident.caller, newRequest(), input)).toMatchObject({
        code: 'grantee-not-available',
      });
    }
  });
});

describe('the ledger', () => {
  it('is whole after all this', async () => {
    expect(await verdictOn(node)).toMatchObject(CLEAN);
  });
});
