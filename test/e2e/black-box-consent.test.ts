import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type ApiUnderTest, nodesOf, only, openApi, page, type Variables } from '../support/api.ts';
import {
  type Cast,
  castOf,
  type Doctor,
  EVIDENCE,
  type Hospital,
  inMs,
  MY_LOG,
  RECORDS,
  type Resident,
  type TrailNode,
  terms,
} from '../support/cast.ts';

const HOUR_MS = 3_600_000;
const MY_CONSENTS = `query ($state: ConsentFilter) { me { consents(state: $state) { ... on ConsentConnection { totalCount
  edges { node { consentId state terms { validFrom validUntil } institution { id } } } } } } }`;

let api: ApiUnderTest;
let cast: Cast;
let east: Hospital;
let west: Hospital;
let lin: Doctor;
let zhao: Doctor;
beforeAll(async () => {
  api = await openApi();
  cast = await castOf(api);
  [east, west] = [await cast.hospital('East'), await cast.hospital('West')];
  lin = await cast.doctor(east);
  zhao = await cast.doctor(west);
});
afterAll(() => api.close());

interface Listed {
  readonly consentId: string;
  readonly state: string;
  readonly terms: { readonly validFrom: string; readonly validUntil: string };
}
async function consentsOf(resident: Resident, state?: string): Promise<readonly Listed[]> {
  const me = only(await api.post(resident.token, MY_CONSENTS, state === undefined ? {} : { state }));
  return nodesOf<Listed>(me.consents as never);
}
async function withRecord(): Promise<Resident> {
  const resident = await cast.resident();
  await cast.record(lin, resident);
  return resident;
}
const mayRead = async (doctor: Doctor, { code }: Pick<Resident, 'code'>): Promise<boolean> =>
  only(await api.post(doctor.token, RECORDS, { code })).__typename === 'RecordConnection';

/** What Dr Zhao asks for: of one year, one category, one label, one purpose. */
const ASKED = {
  granteeKind: 'INSTITUTION',
  purposes: ['TREAT'],
  categories: ['OUTPATIENT', 'PRESCRIPTION'],
  labels: ['HIV'],
  period: { from: '2024-01-01', to: '2024-12-31' },
};
async function asked(resident: Resident, over: Variables = {}) {
  const input = { ...ASKED, code: resident.code, validUntil: inMs(HOUR_MS), ...over };
  const consentId = (await cast.done(zhao.token, 'requestConsent', input)).consentId as string;
  const pending = (await consentsOf(resident, 'PENDING')).find((one) => one.consentId === consentId);
  if (pending === undefined) throw new Error('the request is not pending');
  const { granteeKind: _kind, ...rest } = ASKED;
  const grantee = { kind: 'INSTITUTION', institution: west.id };
  return { consentId, terms: { ...rest, grantee, ...pending.terms } };
}

describe('a grant wider than its request', () => {
  const WIDER: readonly (readonly [string, (terms: { validFrom: string; validUntil: string }) => Variables])[] = [
    ['another purpose', () => ({ purposes: ['HPAYMT'] })],
    ['a purpose more', () => ({ purposes: ['TREAT', 'HRESCH'] })],
    ['another category', () => ({ categories: ['IMAGING'] })],
    ['a category more', () => ({ categories: ['OUTPATIENT', 'PRESCRIPTION', 'IMAGING'] })],
    ['a label more', () => ({ labels: ['HIV', 'PSY'] })],
    ['a day before', () => ({ period: { from: '2023-12-31', to: '2024-12-31' } })],
    ['a day after', () => ({ period: { from: '2024-01-01', to: '2025-01-01' } })],
    [
      'a validity that begins earlier',
      ({ validFrom }) => ({ validFrom: new Date(Date.parse(validFrom) - 1).toISOString() }),
    ],
    [
      'a validity that ends later',
      ({ validUntil }) => ({ validUntil: new Date(Date.parse(validUntil) + 1).toISOString() }),
    ],
    ['another organisation', () => ({ grantee: { kind: 'INSTITUTION', institution: east.id } })],
    ['one practitioner', () => ({ grantee: { kind: 'PRACTITIONER', institution: west.id, practitioner: zhao.id } })],
  ];

  it.each(WIDER)('is refused, and leaves no event: %s', async (_what, over) => {
    const resident = await withRecord();
    const request = await asked(resident);
    const input = { ...request, terms: { ...request.terms, ...over(request.terms) }, evidence: EVIDENCE };
    const { answer, events } = await api.written(() => cast.tell(resident.token, 'grantConsent', input));
    expect(only(answer)).toMatchObject({ __typename: 'Refusal', code: 'GRANT_EXCEEDS_REQUEST' });
    expect(events).toEqual([]);
    expect(await mayRead(zhao, resident)).toBe(false);
  });

  it('is not one that is equal to it, or narrower in every respect', async () => {
    const [same, less] = [await withRecord(), await withRecord()];
    await cast.done(same.token, 'grantConsent', { ...(await asked(same)), evidence: EVIDENCE });
    const request = await asked(less);
    const narrower = {
      purposes: ['ETREAT'],
      categories: ['OUTPATIENT'],
      labels: [],
      period: { from: '2024-03-01', to: '2024-03-02' },
    };
    const input = { ...request, terms: { ...request.terms, ...narrower }, evidence: EVIDENCE };
    await cast.done(less.token, 'grantConsent', input);
    expect([await mayRead(zhao, same), await mayRead(zhao, less)]).toEqual([true, false]);
    const inEmergency = await api.post(zhao.token, RECORDS, { code: less.code, purpose: 'ETREAT' });
    expect(page(only(inEmergency)).totalCount).toBe(1);
  });
});

describe('a request for consent', () => {
  it('is answered alike whether or not somebody stands behind the code, and leaves one event in every case', async () => {
    const [known, closed, full] = [await withRecord(), await withRecord(), await withRecord()];
    await cast.done(cast.office, 'closeCode', { code: closed.code, reason: 'OFFICE' });
    for (let i = 0; i < 10; i++) await asked(full);
    const cases = [
      [known.code, 'consent.requested@1'],
      ['nobody-has-this', 'access.missed@1'],
      [closed.code, 'access.denied@1'],
      [full.code, 'access.denied@1'],
    ] as const;
    for (const [code, type] of cases) {
      const input = { ...ASKED, code, validUntil: inMs(HOUR_MS) };
      const { answer, events } = await api.written(() => cast.tell(zhao.token, 'requestConsent', input));
      expect(answer.text).toMatch(
        /^\{"data":\{"requestConsent":\{"__typename":"ConsentRef","consentId":"[A-Za-z0-9_-]{22}"\}\}\}$/,
      );
      expect(events.map((event) => event.type)).toEqual([type]);
    }
  });

  it('gives nothing by itself, nor after it was denied or has expired', async () => {
    const resident = await withRecord();
    const [first, second] = [await asked(resident), await asked(resident, { answerBy: inMs(4_000) })];
    expect(await mayRead(zhao, resident)).toBe(false);
    await cast.done(resident.token, 'denyConsent', { consentId: first.consentId });
    const late = await cast.tell(resident.token, 'grantConsent', { ...first, evidence: EVIDENCE });
    expect(only(late)).toMatchObject({ code: 'REQUEST_ANSWERED' });
    const expired = async (): Promise<unknown> =>
      only(await cast.tell(resident.token, 'grantConsent', { ...second, terms: terms(east), evidence: EVIDENCE })).code;
    await expect.poll(expired, { timeout: 20_000 }).toBe('REQUEST_EXPIRED');
    expect(await mayRead(zhao, resident)).toBe(false);
  });

  it('is the resident’s to answer, and nobody else’s', async () => {
    const [resident, other] = [await withRecord(), await withRecord()];
    const request = await asked(resident);
    const given = await cast.grant(resident, east);
    const { answer, events } = await api.written(async () => [
      only(await cast.tell(other.token, 'grantConsent', { ...request, evidence: EVIDENCE })).code,
      only(await cast.tell(other.token, 'denyConsent', { consentId: request.consentId })).code,
      only(await cast.tell(other.token, 'revokeConsent', { consentId: given })).code,
    ]);
    expect(answer).toEqual(['NO_SUCH_REQUEST', 'NO_SUCH_REQUEST', 'NO_SUCH_CONSENT']);
    expect(events).toEqual([]);
    expect((await consentsOf(resident)).map(({ state }) => state).sort()).toEqual(['LIVE', 'PENDING']);
    expect(await consentsOf(other)).toEqual([]);
  });
});

describe('a consent', () => {
  it('of one hospital is of no use in another, also to a doctor who works in both', async () => {
    const both = await cast.doctor(east, { affiliations: [east.id, west.id] });
    const inWest = { ...both, token: await cast.doctorToken(both.key, west.key) };
    const resident = await cast.resident();
    await cast.record(zhao, resident);
    await cast.grant(resident, east);
    expect([await mayRead(both, resident), await mayRead(inWest, resident)]).toEqual([true, true]);
    const other = await cast.resident();
    await cast.record(await cast.doctor(await cast.hospital()), other);
    await cast.grant(other, east);
    expect([await mayRead(both, other), await mayRead(inWest, other)]).toEqual([true, false]);
  });

  it('that is revoked serves nobody from then on, and what it served before stays lawful and visible', async () => {
    for (let round = 0; round < 5; round++) {
      const resident = await withRecord();
      const consentId = await cast.grant(resident, west);
      expect(await mayRead(zhao, resident)).toBe(true);
      await cast.revoke(resident, consentId);
      // At once, whatever the read tables show by now.
      const after = await Promise.all(Array.from({ length: 5 }, () => mayRead(zhao, resident)));
      expect(new Set(after)).toEqual(new Set([false]));
      const me = only(await api.post(resident.token, MY_LOG)) as unknown as { accessLog: unknown };
      const kinds = nodesOf(page<TrailNode>(me.accessLog)).map(({ kind, details }) => [kind, details.grants.length]);
      expect(kinds.filter(([kind]) => kind === 'PERMITTED')).toEqual([['PERMITTED', 1]]);
      expect(kinds.filter(([kind]) => kind === 'DENIED')).toHaveLength(5);
    }
  });

  it('that is revoked leaves another one standing, and is not brought back by sending the grant again', async () => {
    const resident = await withRecord();
    const requestId = cast.requestId();
    const input = { terms: terms(west), evidence: EVIDENCE };
    const { consentId } = await cast.done(resident.token, 'grantConsent', input, requestId);
    const other = await cast.grant(resident, west);
    await cast.revoke(resident, consentId as string);
    expect(await mayRead(zhao, resident)).toBe(true);
    await cast.revoke(resident, other);
    expect(await mayRead(zhao, resident)).toBe(false);
    expect((await cast.done(resident.token, 'grantConsent', input, requestId)).consentId).toBe(consentId);
    expect(await mayRead(zhao, resident)).toBe(false);
    const twice = await api.written(() => cast.tell(resident.token, 'revokeConsent', { consentId }));
    expect(twice.events).toEqual([]);
  });

  it('ends with the code: closing it ends grants and pending requests, and a new code brings none of them back', async () => {
    const resident = await withRecord();
    await cast.grant(resident, west);
    const request = await asked(resident);
    expect(await mayRead(zhao, resident)).toBe(true);
    const { events } = await api.written(() =>
      cast.done(cast.office, 'closeCode', { code: resident.code, reason: 'RESIDENT' }),
    );
    expect(events.map(({ type }) => type).sort()).toEqual(['code.closed@1', 'consent.denied@1', 'consent.revoked@1']);
    const { healthCode } = await cast.done(cast.office, 'issueCode', { documents: [resident.document] });
    const renewed = { ...resident, code: healthCode as string };
    expect(renewed.code).not.toBe(resident.code);
    expect([await mayRead(zhao, resident), await mayRead(zhao, renewed)]).toEqual([false, false]);
    const late = await cast.tell(resident.token, 'grantConsent', { ...request, evidence: EVIDENCE });
    expect(only(late)).toMatchObject({ code: 'REQUEST_ANSWERED' });
    expect(await consentsOf(resident, 'LIVE')).toEqual([]);
    // The resident is not locked out of their own record, and may grant anew.
    await cast.grant(resident, west);
    expect([await mayRead(zhao, resident), await mayRead(zhao, renewed)]).toEqual([false, true]);
  });

  it('rests while the code is suspended, and serves again when it is resumed', async () => {
    const resident = await withRecord();
    await cast.grant(resident, west);
    await cast.done(resident.token, 'suspendCode', { reason: 'LOST' });
    expect(await mayRead(zhao, resident)).toBe(false);
    await cast.done(resident.token, 'resumeCode', {});
    expect(await mayRead(zhao, resident)).toBe(true);
  });

  it('given to nobody who is there, for longer than the law allows, or for the resident’s own purposes is refused', async () => {
    const resident = await cast.resident();
    const nobody = 'A'.repeat(22);
    const cases: readonly (readonly [Variables, string])[] = [
      [{ grantee: { kind: 'INSTITUTION', institution: nobody } }, 'GRANTEE_NOT_AVAILABLE'],
      [{ grantee: { kind: 'PRACTITIONER', institution: east.id, practitioner: zhao.id } }, 'GRANTEE_NOT_AVAILABLE'],
      [{ purposes: ['PATRQT'] }, 'PURPOSE_NOT_GRANTABLE'],
      [{ purposes: ['TREAT', 'FAMRQT'] }, 'PURPOSE_NOT_GRANTABLE'],
      [{ validFrom: inMs(-2_000), validUntil: inMs(-1_000) }, 'VALIDITY_OVER'],
      [{ validUntil: inMs(6 * 366 * 24 * HOUR_MS) }, 'VALIDITY_TOO_LONG'],
    ];
    for (const [over, code] of cases) {
      const input = { terms: terms(west, over), evidence: EVIDENCE };
      const { answer, events } = await api.written(() => cast.tell(resident.token, 'grantConsent', input));
      expect([(only(answer) as Answer).code, events]).toEqual([code, []]);
    }
  });
});
