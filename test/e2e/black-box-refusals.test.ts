import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiUnderTest, nodesOf, only, openApi, page, type Variables } from '../support/api.ts';
import {
  type Cast,
  CONTENT,
  castOf,
  type Doctor,
  type Hospital,
  inMs,
  RECORDS,
  type RecordNode,
  type Resident,
  VERIFY,
} from '../support/cast.ts';

const NOT_AVAILABLE = {
  __typename: 'Refusal',
  code: 'NOT_AVAILABLE',
  message: 'Nothing is available to you here: check the code, ask the resident for consent, or try another purpose.',
};
const ONE_WAY: Readonly<Record<string, string>> = {
  [RECORDS]: JSON.stringify({ data: { records: NOT_AVAILABLE } }),
  [CONTENT]: JSON.stringify({ data: { content: NOT_AVAILABLE } }),
  [VERIFY]: JSON.stringify({ data: { verifyCode: NOT_AVAILABLE } }),
};
const EXPIRES_IN_MS = 4_000;

let api: ApiUnderTest;
let cast: Cast;
let west: Hospital;
let lin: Doctor;
let zhao: Doctor;
/** Let west read everything for treatment; whoever is refused on this resident is so for what they are. */
let open: Resident;
/** An id that Dr Zhao was given for the record of `open`. */
let openRecord: string;
/** Whatever the cases below need, by name. */
const residents: Record<string, Resident> = {};
const tokens: Record<string, string> = {};
const streams = new Map<string, string>();

function residentOf(who: string): Resident {
  const resident = residents[who];
  if (resident === undefined) throw new Error(`nobody is ${who}`);
  return resident;
}

async function streamOf({ token }: Resident): Promise<string> {
  const { events } = await api.written(() => api.post(token, '{ me { profile { __typename } } }'));
  return events[0]?.stream ?? '';
}

beforeAll(async () => {
  api = await openApi();
  cast = await castOf(api);
  const [east, north] = [await cast.hospital('East'), await cast.hospital('North')];
  west = await cast.hospital('West');
  lin = await cast.doctor(east);
  zhao = await cast.doctor(west);
  const withRecord = async (): Promise<Resident> => {
    const resident = await cast.resident();
    await cast.record(lin, resident);
    return resident;
  };
  const letWest = async (over: Variables = {}): Promise<Resident> => {
    const resident = await withRecord();
    await cast.grant(resident, west, over);
    return resident;
  };

  const expired = await letWest({ validUntil: inMs(EXPIRES_IN_MS) });
  expect(page(only(await api.post(zhao.token, RECORDS, { code: expired.code }))).totalCount).toBe(1);
  residents.expired = expired;

  open = await letWest();
  const [record] = nodesOf(page<RecordNode>(only(await api.post(zhao.token, RECORDS, { code: open.code }))));
  openRecord = record?.id ?? '';

  residents.hidden = await withRecord();
  residents.bare = await cast.resident();
  const revoked = await withRecord();
  await cast.revoke(revoked, await cast.grant(revoked, west));
  residents.revoked = revoked;
  const closed = await letWest();
  await cast.done(cast.office, 'closeCode', { code: closed.code, reason: 'OFFICE' });
  residents.closed = closed;
  const suspended = await letWest();
  await cast.done(suspended.token, 'suspendCode', { reason: 'LOST' });
  residents.suspended = suspended;
  const dead = await letWest();
  await cast.done(cast.office, 'reportDeath', { code: dead.code });
  residents.dead = dead;
  residents.later = await letWest({ validFrom: inMs(3_600_000) });
  residents.research = await letWest({ purposes: ['HRESCH'] });
  residents.prescriptions = await letWest({ categories: ['PRESCRIPTION'] });
  residents.thisYear = await letWest({ period: { from: '2025-01-01', to: '2025-12-31' } });
  const wu = await cast.doctor(west);
  const forWu = { grantee: { kind: 'PRACTITIONER', institution: west.id, practitioner: wu.id } };
  residents.forWu = await letWest(forWu);

  const elsewhere = await withRecord();
  await cast.grant(elsewhere, north);
  residents.elsewhere = elsewhere;

  const ended = await cast.doctor(west);
  await cast.done(cast.regulator, 'endPractitioner', { id: ended.id, reason: 'retired' });
  tokens.endedDoctor = ended.token;
  const song = await cast.doctor(north);
  await cast.grant(open, north);
  await cast.done(cast.regulator, 'endInstitution', { id: north.id, reason: 'closed' });
  tokens.endedHospital = song.token;
  tokens.visitor = await cast.doctorToken(lin.key, west.key);
  tokens.stranger = await cast.doctorToken({ system: 'urn:licence', number: 'nobody' }, west.key);
  tokens.unaffiliated = (await cast.doctor(west, { affiliations: [] })).token;

  residents.open = open;
  for (const [name, resident] of Object.entries(residents)) streams.set(name, await streamOf(resident));
});
afterAll(() => api.close());

/** `live`: the code may be verified, for that opens nothing. `variables`: what is asked beside code and record. */
const CASES: readonly {
  readonly title: string;
  readonly who: string;
  readonly rule: string;
  readonly live?: true;
  readonly variables?: Variables;
}[] = [
  { title: 'without consent', who: 'hidden', rule: 'no-consent', live: true },
  { title: 'of a resident without a record', who: 'bare', rule: 'no-consent', live: true },
  { title: 'after the consent was revoked', who: 'revoked', rule: 'no-consent', live: true },
  { title: 'before the consent is valid', who: 'later', rule: 'no-consent', live: true },
  { title: 'through a closed code', who: 'closed', rule: 'code-not-live' },
  { title: 'through a suspended code', who: 'suspended', rule: 'code-not-live' },
  { title: 'of the dead', who: 'dead', rule: 'code-not-live' },
  { title: 'with a grant to another organisation', who: 'elsewhere', rule: 'no-consent', live: true },
  { title: 'with a grant to a colleague alone', who: 'forWu', rule: 'no-consent', live: true },
  { title: 'with a grant for another purpose', who: 'research', rule: 'not-covered', live: true },
  {
    title: 'for a purpose above the granted one',
    who: 'research',
    rule: 'not-covered',
    live: true,
    variables: { purpose: 'HOPERAT' },
  },
  {
    title: 'for the resident’s own purpose',
    who: 'open',
    rule: 'no-consent',
    live: true,
    variables: { purpose: 'PATRQT' },
  },
  {
    title: 'for a guardian’s purpose, at whatever age',
    who: 'open',
    rule: 'no-consent',
    live: true,
    variables: { purpose: 'FAMRQT' },
  },
  {
    title: 'in an emergency that nobody let in',
    who: 'hidden',
    rule: 'no-consent',
    live: true,
    variables: { purpose: 'BTG' },
  },
  { title: 'by an ended practitioner', who: 'endedDoctor', rule: 'actor-ended' },
  { title: 'by a practitioner of an ended institution', who: 'endedHospital', rule: 'actor-ended' },
  { title: 'by a practitioner of another organisation', who: 'visitor', rule: 'not-affiliated' },
  { title: 'by a practitioner who works nowhere', who: 'unaffiliated', rule: 'not-affiliated' },
  { title: 'by a practitioner whom nobody registered', who: 'stranger', rule: 'unknown-actor' },
];

describe('whoever may not read', () => {
  it('is a case only beside one who may: the same call with a live grant opens the record and leaves one event', async () => {
    const { answer, events } = await api.written(() => api.post(zhao.token, RECORDS, { code: open.code }));
    expect(nodesOf(page<RecordNode>(only(answer)))).toHaveLength(1);
    expect(events).toMatchObject([
      { type: 'access.permitted@1', stream: streams.get('open'), retained: { rule: 'grant', served: { count: 1 } } },
    ]);
    const content = only(await api.post(zhao.token, CONTENT, { code: open.code, record: openRecord }));
    expect(content.__typename).toBe('Content');
    expect(only(await api.post(zhao.token, VERIFY, { code: open.code }))).toMatchObject({ live: true });
  });

  it.each(CASES.map((one) => [one.title, one] as const))(
    'hears the one refusal %s, byte for byte, and each call leaves one event that says why',
    async (_title, { who, rule, live, variables }) => {
      const token = tokens[who] ?? zhao.token;
      const resident = residents[who] ?? open;
      const stream = streams.get(who) ?? streams.get('open');
      for (const query of live ? [RECORDS, CONTENT] : [RECORDS, CONTENT, VERIFY]) {
        const asked = {
          code: resident.code,
          ...(query === VERIFY ? {} : variables),
          ...(query === CONTENT ? { record: openRecord } : {}),
        };
        const { answer, events } = await api.written(() => api.post(token, query, asked));
        expect([answer.status, answer.text]).toEqual([200, ONE_WAY[query]]);
        expect(events).toMatchObject([{ type: 'access.denied@1', stream, retained: { rule } }]);
      }
      if (live) {
        const { answer, events } = await api.written(() => api.post(token, VERIFY, { code: resident.code }));
        expect(answer.text).toBe(
          JSON.stringify({ data: { verifyCode: { __typename: 'CodeVerification', live: true } } }),
        );
        expect(events).toMatchObject([{ type: 'access.permitted@1', stream, retained: { rule: 'code-shown' } }]);
      }
    },
  );

  it('hears the one refusal when a consent that served has expired', async () => {
    const { code } = residentOf('expired');
    await expect
      .poll(async () => (await api.post(zhao.token, RECORDS, { code })).text, { timeout: 2 * EXPIRES_IN_MS })
      .toBe(ONE_WAY[RECORDS]);
    const { events } = await api.written(() => api.post(zhao.token, RECORDS, { code }));
    expect(events).toMatchObject([
      { type: 'access.denied@1', stream: streams.get('expired'), retained: { rule: 'no-consent' } },
    ]);
  });

  it('hears the one refusal for a category or a period that the grant leaves out, though it is asked for by name', async () => {
    const cases = [
      ['prescriptions', { categories: ['OUTPATIENT'] }],
      ['prescriptions', { categories: ['OUTPATIENT', 'IMAGING'] }],
      ['thisYear', { period: { from: '2024-01-01', to: '2024-12-31' } }],
    ] as const;
    for (const [who, variables] of cases) {
      const { code } = residentOf(who);
      const { answer, events } = await api.written(() => api.post(zhao.token, RECORDS, { code, ...variables }));
      expect(answer.text).toBe(ONE_WAY[RECORDS]);
      expect(events).toMatchObject([
        { type: 'access.denied@1', stream: streams.get(who), retained: { rule: 'not-covered' } },
      ]);
    }
  });

  it('hears the one refusal under a code that nobody has, which is recorded in the asker’s own account', async () => {
    const { code: live } = open;
    const flipped = `${live.slice(0, -1)}${live.endsWith('A') ? 'B' : 'A'}`;
    for (const code of ['no-such-code', flipped, 'x'.repeat(128), live.toLowerCase()]) {
      for (const query of [RECORDS, CONTENT, VERIFY]) {
        const asked = { code, ...(query === CONTENT ? { record: openRecord } : {}) };
        const { answer, events } = await api.written(() => api.post(zhao.token, query, asked));
        expect([answer.status, answer.text]).toEqual([200, ONE_WAY[query]]);
        expect(events).toMatchObject([{ type: 'access.missed@1', stream: `practitioner/${zhao.id}` }]);
      }
    }
    const { answer, events } = await api.written(() => api.post(tokens.stranger, RECORDS, { code: 'no-such-code' }));
    expect(answer.text).toBe(ONE_WAY[RECORDS]);
    expect(events).toMatchObject([{ type: 'access.missed@1', stream: `institution/${west.id}` }]);
  });
});
