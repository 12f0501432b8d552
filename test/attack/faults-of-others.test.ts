import fc from 'fast-check';
import { isEnumType, isInputObjectType, isObjectType, isUnionType } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mintDevelopmentToken } from '../../src/auth/development-token.ts';
import { tokenVerifier } from '../../src/auth/verifier.ts';
import { createApiServer } from '../../src/graphql/server.ts';
import type { EventId } from '../../src/kernel/id.ts';
import { logger } from '../../src/log.ts';
import {
  type Answer,
  type ApiUnderTest,
  nodesOf,
  only,
  openApi,
  page,
  post,
  type Reply,
  type Variables,
} from '../support/api.ts';
import {
  CATEGORIES,
  type Cast,
  CONTENT,
  castOf,
  type Doctor,
  EVIDENCE,
  type Hospital,
  inMs,
  MY_LOG,
  mutation,
  RECORDS,
  type RecordNode,
  type Resident,
  type TrailNode,
  terms,
  VERIFY,
} from '../support/cast.ts';
import { stepCheck } from '../support/check.ts';
import { replaceLedger } from '../support/forge.ts';
import { mendReadTables, tampered, tellStory } from '../support/tampering.ts';
import { publishedSchema } from './published.ts';

/** Every fault that domain.md says others shipped, by its name there. What is not built must be absent: never permissive. */

let api: ApiUnderTest;
let cast: Cast;
let mercy: Hospital;
let grace: Hospital;
let author: Doctor;
let reader: Doctor;
beforeAll(async () => {
  api = await openApi();
  cast = await castOf(api);
  mercy = await cast.hospital();
  grace = await cast.hospital();
  author = await cast.doctor(mercy);
  reader = await cast.doctor(grace);
});
afterAll(() => api.close());

const NOT_AVAILABLE = { __typename: 'Refusal', code: 'NOT_AVAILABLE' };
const read = (code: string, over: Variables = {}, token = reader.token): Promise<Reply> =>
  api.post(token, RECORDS, { code, ...over });
const shown = async (code: string, over: Variables = {}, token?: string) =>
  page<RecordNode>(only(await read(code, over, token)));

/** Somebody with so many records in the first hospital. */
async function somebody(records: number): Promise<Resident> {
  const resident = await cast.resident();
  for (let i = 0; i < records; i++) {
    const day = `2024-03-${String(i + 1).padStart(2, '0')}`;
    await cast.record(author, resident, { period: { from: day, to: day } });
  }
  return resident;
}

/** Every way to the records of a resident: what each answers that is no refusal. */
async function allWays(resident: Resident, ids: readonly string[], cursors: readonly string[]): Promise<unknown[]> {
  const { code } = resident;
  const SEVERAL = `query ($codes: [String!]!) { recordsOfSeveral(codes: $codes, purpose: TREAT) { result { __typename } } }`;
  const answers: unknown[] = [];
  for (const purpose of ['TREAT', 'ETREAT', 'BTG', 'HOPERAT', 'PUBHLTH', 'PATRQT', 'FAMRQT', 'CAREMGT'])
    answers.push(only(await read(code, { purpose })));
  for (const after of cursors) answers.push(only(await read(code, { after, first: 1 })));
  for (const record of ids) answers.push(only(await api.post(reader.token, CONTENT, { code, record })));
  const several = only(await api.post(reader.token, SEVERAL, { codes: [code, code] })) as unknown as {
    result: Answer;
  }[];
  answers.push(...several.map(({ result }) => result));
  return answers.filter((answer) => (answer as Answer).__typename !== 'Refusal');
}

describe('a fault that others shipped', () => {
  it('a revoked consent still serves', async () => {
    const resident = await somebody(3);
    const consent = await cast.grant(resident, grace);
    const { edges } = await shown(resident.code);
    const [ids, cursors] = [edges.map(({ node }) => node.id), edges.map(({ cursor }) => cursor)];
    expect(await allWays(resident, ids, cursors)).toHaveLength(3 + 3 + 3 + 2);
    await cast.revoke(resident, consent);
    expect(await allWays(resident, ids, cursors)).toEqual([]);
  });

  it('a grant wider than its request', async () => {
    const resident = await cast.resident();
    const some = <T extends string>(of: readonly T[]) => fc.subarray([...of].sort(), { minLength: 1, maxLength: 2 });
    const month = fc.constantFrom('01', '02', '03', '04');
    const wanted = fc.record({
      purposes: some(['TREAT', 'ETREAT', 'BTG', 'HRESCH', 'DSRCH']),
      categories: some(CATEGORIES.slice(0, 3)),
      labels: fc.subarray(['HIV', 'PSY'], { maxLength: 2 }),
      period: fc
        .tuple(month, month)
        .map(([a, b]) => ({ from: `2024-${a < b ? a : b}-01`, to: `2024-${a < b ? b : a}-28` })),
      days: fc.integer({ min: 1, max: 3 }),
    });
    type Wanted = typeof wanted extends fc.Arbitrary<infer W> ? W : never;
    const above: Record<string, string[]> = { BTG: ['ETREAT', 'TREAT'], ETREAT: ['TREAT'], DSRCH: ['HRESCH'] };
    const inside = (a: Wanted, b: Wanted): boolean =>
      a.purposes.every((one) => [one, ...(above[one] ?? [])].some((of) => b.purposes.includes(of as never))) &&
      a.categories.every((one) => b.categories.includes(one)) &&
      a.labels.every((one) => b.labels.includes(one)) &&
      b.period.from <= a.period.from &&
      a.period.to <= b.period.to &&
      a.days <= b.days;
    const [from, start] = [inMs(0), Date.now()];
    const validity = (days: number) => ({
      validFrom: from,
      validUntil: new Date(start + days * 86_400_000).toISOString(),
    });
    const met = { narrower: 0, wider: 0 };
    await fc.assert(
      fc.asyncProperty(wanted, wanted, fc.boolean(), async (asked, other, same) => {
        const given = same ? { ...asked, categories: asked.categories.slice(0, 1) } : other;
        const { days, ...request } = asked;
        const { days: ends, ...grant } = given;
        const asking = { ...request, ...validity(days), code: resident.code, granteeKind: 'INSTITUTION' };
        const { consentId } = await cast.done(reader.token, 'requestConsent', asking);
        const input = { consentId, terms: { ...terms(grace), ...grant, ...validity(ends) }, evidence: EVIDENCE };
        const answer = only(await cast.tell(resident.token, 'grantConsent', input));
        const lawful = inside(given, asked);
        met[lawful ? 'narrower' : 'wider'] += 1;
        expect(answer).toMatchObject(lawful ? { __typename: 'ConsentRef' } : { code: 'GRANT_EXCEEDS_REQUEST' });
        const end = lawful ? 'revokeConsent' : 'denyConsent';
        await cast.done(resident.token, end, { consentId });
      }),
      { numRuns: 30 },
    );
    expect(Math.min(met.narrower, met.wider)).toBeGreaterThan(3);
  });

  it('an approval for one record opens any record', async () => {
    const resident = await somebody(3);
    await cast.record(author, resident, { category: 'IMAGING' });
    await cast.record(author, resident, { sensitivities: ['HIV'] });
    // The author's own ids, and the resident's, of all five; the reader's of the one that is granted.
    const own = nodesOf(await shown(resident.code, {}, author.token));
    const me = only(
      await api.post(
        resident.token,
        '{ me { records { __typename ... on RecordConnection { edges { node { id } } } } } }',
      ),
    );
    const theirs = nodesOf(page<RecordNode>(me.records));
    expect([own.length, theirs.length]).toEqual([5, 5]);
    const period = { from: '2024-03-02', to: '2024-03-02' };
    await cast.grant(resident, grace, { categories: ['OUTPATIENT'], period });
    const [granted] = nodesOf(await shown(resident.code));
    const opened = async (record: string): Promise<string> =>
      only(await api.post(reader.token, CONTENT, { code: resident.code, record })).__typename;
    expect(await opened(granted?.id ?? '')).toBe('Content');
    for (const { id } of [...own, ...theirs]) expect(await opened(id)).toBe('Refusal');
  });

  it('nested GraphQL paths, aliases, fragments, node(id), back-references skip the policy', async () => {
    const schema = publishedSchema();
    const query = schema.getQueryType()?.getFields() ?? {};
    expect(Object.keys(query).filter((name) => /^_|^nodes?$|entit|search|export|graph/i.test(name))).toEqual([]);
    expect(schema.getSubscriptionType()).toBeUndefined();
    // From a record, a person, a trail or a party no field leads back to more of them.
    const leads = (type: string): string[] => {
      const reached = new Set<string>();
      const walk = (name: string): void => {
        const found = schema.getType(name);
        const next = isUnionType(found)
          ? found.getTypes().map(({ name: of }) => of)
          : isObjectType(found)
            ? Object.values(found.getFields()).map((field) => field.type.toString().replace(/[![\]]/g, ''))
            : [];
        for (const one of next.filter((other) => !reached.has(other))) {
          reached.add(one);
          walk(one);
        }
      };
      walk(type);
      return [...reached].filter((name) => isObjectType(schema.getType(name))).sort();
    };
    expect(leads('Record')).toEqual(['Coding', 'NamedRef', 'Period']);
    for (const type of [
      'Profile',
      'TrailEntry',
      'Consent',
      'Institution',
      'Practitioner',
      'Content',
      'NamedRef',
      'HealthCode',
    ])
      expect(
        leads(type).filter((name) =>
          ['Record', 'Content', 'Profile', 'Me', 'Query', 'RecordConnection', 'TrailEntry'].includes(name),
        ),
        type,
      ).toEqual([]);
    // And an id of a record is of no use as the id of anything else.
    const resident = await somebody(1);
    const [record] = nodesOf(await shown(resident.code, {}, author.token));
    const parties = await api.post(
      reader.token,
      'query ($id: ID!) { institution(id: $id) { id } practitioner(id: $id) { id } }',
      { id: (record?.id ?? '').slice(0, 64) },
    );
    expect(parties.data).toEqual({ institution: null, practitioner: null });
  });

  it('a cursor keeps working after revocation', async () => {
    const resident = await somebody(4);
    const consent = await cast.grant(resident, grace);
    const first = await shown(resident.code, { first: 1 });
    const second = await shown(resident.code, { first: 1, after: first.pageInfo.endCursor });
    await cast.revoke(resident, consent);
    const cursors = [first, second].flatMap(({ edges }) => edges.map(({ cursor }) => cursor));
    for (const after of cursors)
      expect(only(await read(resident.code, { first: 1, after }))).toMatchObject(NOT_AVAILABLE);
    // Nor under a consent that shows less: it goes on where it stood, with what may be seen now.
    await cast.grant(resident, grace, { period: { from: '2024-03-01', to: '2024-03-01' } });
    const rest = await shown(resident.code, { first: 1, after: cursors[0] });
    expect([rest.totalCount, nodesOf(rest).length, rest.pageInfo.hasNextPage]).toEqual([1, 1, false]);
  });

  it('totals, hasNextPage or error texts reveal hidden rows', async () => {
    const [empty, full] = [await somebody(2), await somebody(2)];
    for (let i = 0; i < 6; i++)
      await cast.record(author, full, { category: 'IMAGING', sensitivities: i % 2 === 0 ? ['PSY'] : [] });
    const plain = (reply: Reply): string =>
      reply.text.replace(/"(event|cursor|endCursor|id)":"[^"]+"/g, '"$1":"…"').replace(/Finding \d+/g, 'Finding');
    for (const one of [empty, full]) await cast.grant(one, grace, { categories: ['OUTPATIENT'] });
    const asked: Variables[] = [
      {},
      { first: 1 },
      { first: 2 },
      { categories: ['IMAGING'] },
      { categories: ['IMAGING', 'OUTPATIENT'], first: 2 },
      { index: 'EHR' },
      { first: 0 },
      { after: 'x' },
      { purpose: 'HRESCH' },
    ];
    for (const over of asked)
      expect(plain(await read(full.code, over)), JSON.stringify(over)).toBe(plain(await read(empty.code, over)));
  });

  it('audit events lost in an in-memory queue at shutdown', async () => {
    const resident = await somebody(2);
    await cast.grant(resident, grace);
    const second = await api.node.again();
    const { clock, entropy } = second.app;
    const key = api.node.keyring.developmentToken;
    const verifier = await tokenVerifier({ provider: undefined, host: '127.0.0.1', developmentKey: key, clock });
    const server = createApiServer({
      platform: second.platform,
      entropy,
      verifier,
      log: logger({ level: 'silent' }),
      development: false,
      ratePerMinute: 100_000,
      readiness: () => second.health(),
    });
    const url = await server.listen(0, '127.0.0.1');
    const answers = Array.from({ length: 60 }, (_, i) =>
      new Promise((resolve) => setTimeout(resolve, i * 3))
        .then(() => post(url, reader.token, RECORDS, { code: resident.code }))
        .catch(() => undefined),
    );
    await Promise.race(answers);
    await server.stop(2_000);
    await second.close();
    const events = (await Promise.all(answers)).flatMap((reply) => {
      const event = (reply?.data?.records as { event?: string } | undefined)?.event;
      return event === undefined ? [] : [event];
    });
    expect(events.length).toBeGreaterThan(0);
    // Another process, which has nothing in memory of the first.
    const third = await api.node.again();
    try {
      for (const event of events)
        expect((await third.app.ledger.find(event as EventId))?.type).toBe('access.permitted@1');
    } finally {
      await third.close();
    }
  });

  it('a requester named like the resident is approved as "self"', async () => {
    const resident = await somebody(1);
    const { subject, name, document, code } = resident;
    const MINE =
      '{ me { records { __typename ... on Refusal { code } } profile { __typename ... on Refusal { code } } } }';
    const key = { system: document.type, number: document.number };
    const { id } = await cast.done(cast.regulator, 'registerPractitioner', {
      identifiers: [key],
      name,
      affiliations: [grace.id],
    });
    expect(id).toBeTypeOf('string');
    const namesakes = [
      await api.mint({ role: 'practitioner', subject, organisation: grace.key, practitioner: key }),
      await api.mint({ role: 'practitioner', subject: code, organisation: grace.key, practitioner: key, document }),
      await api.mint({ role: 'system', subject, organisation: grace.key, document }),
      await api.mint({ role: 'issuer', subject, organisation: grace.key, document }),
    ];
    for (const token of namesakes) {
      const me = only(await api.post(token, MINE));
      expect([me.records, me.profile]).toEqual(Array(2).fill({ __typename: 'Refusal', code: 'NOT_PERMITTED' }));
      for (const purpose of ['TREAT', 'PATRQT', 'FAMRQT'])
        expect(['NOT_AVAILABLE', 'NOT_PERMITTED']).toContain(only(await read(code, { purpose }, token)).code);
    }
    // A resident whose sign-in is spelled like theirs is somebody else, or nobody.
    for (const other of [subject.toUpperCase(), ` ${subject}`, `${subject}\u200b`]) {
      const token = await api.mint({ role: 'resident', subject: other });
      expect((await api.post(token, MINE)).status).toBe(401);
    }
  });

  it('frequency stored but never metered', async () => {
    // Not built: so no grant, request or rule can name one, and a client that does is told so.
    const said = Object.values(publishedSchema().getTypeMap()).flatMap((type) =>
      isInputObjectType(type) || isObjectType(type)
        ? Object.keys(type.getFields())
        : isEnumType(type)
          ? type.getValues().map(({ name }) => name)
          : [],
    );
    expect(
      said.filter(
        (name) => /frequen|times|quota|uses|meter|counts?$/i.test(name) && !['count', 'totalCount'].includes(name),
      ),
    ).toEqual([]);
    const resident = await somebody(1);
    for (const extra of [{ frequency: { value: 1, unit: 'DAY', repeats: 1 } }, { times: 1 }, { maxUses: 1 }]) {
      const input = { terms: terms(grace, extra), evidence: EVIDENCE };
      const { answer, events } = await api.written(() => cast.tell(resident.token, 'grantConsent', input));
      expect([answer.status, answer.errors[0]?.extensions.code, events]).toEqual([400, 'BAD_INPUT', []]);
    }
    expect(only(await read(resident.code))).toMatchObject(NOT_AVAILABLE);
  });

  it('consent of hospital X used by hospital Y', async () => {
    const resident = await somebody(1);
    const both = await cast.doctor(mercy, { affiliations: [mercy.id, grace.id] });
    const elsewhere = await cast.hospital();
    const personal = { kind: 'PRACTITIONER', institution: mercy.id, practitioner: both.id };
    await cast.grant(resident, mercy, { purposes: ['HRESCH'] });
    await cast.grant(resident, mercy, { purposes: ['CAREMGT'], grantee: personal });
    for (const purpose of ['HRESCH', 'CAREMGT']) {
      expect(await shown(resident.code, { purpose }, await cast.doctorToken(both.key, mercy.key))).toMatchObject({
        totalCount: 1,
      });
      for (const organisation of [grace, elsewhere]) {
        const token = await cast.doctorToken(both.key, organisation.key);
        expect(only(await read(resident.code, { purpose }, token))).toMatchObject(NOT_AVAILABLE);
      }
      expect(only(await read(resident.code, { purpose }))).toMatchObject(NOT_AVAILABLE);
    }
    // The personal one is that person's: a colleague's of the same hospital it is not.
    expect(only(await read(resident.code, { purpose: 'CAREMGT' }, author.token))).toMatchObject(NOT_AVAILABLE);
  });

  it('closing a code leaves grants alive', async () => {
    const resident = await somebody(2);
    await cast.grant(resident, grace);
    await cast.grant(resident, grace, { validFrom: inMs(86_400_000), validUntil: inMs(2 * 86_400_000) });
    const { consentId } = await cast.done(reader.token, 'requestConsent', {
      code: resident.code,
      granteeKind: 'INSTITUTION',
      purposes: ['HRESCH'],
      categories: ['OUTPATIENT'],
      period: { from: '2024-01-01', to: '2024-12-31' },
      validUntil: inMs(86_400_000),
    });
    const { edges } = await shown(resident.code);
    await cast.done(cast.office, 'closeCode', { code: resident.code, reason: 'REPLACED' });
    const { healthCode } = await cast.done(cast.office, 'issueCode', { documents: [resident.document] });
    const renewed = { ...resident, code: healthCode as string };
    const kept = [edges.map(({ node }) => node.id), edges.map(({ cursor }) => cursor)] as const;
    expect(await allWays(resident, ...kept)).toEqual([]);
    expect(await allWays(renewed, ...kept)).toEqual([]);
    const consents = only(
      await api.post(
        resident.token,
        '{ me { consents { __typename ... on ConsentConnection { edges { node { state } } } } } }',
      ),
    );
    const states = nodesOf(page<{ state: string }>(consents.consents)).map(({ state }) => state);
    expect(states.sort()).toEqual(['DENIED', 'REVOKED', 'REVOKED']);
    const late = {
      consentId,
      terms: terms(grace, { purposes: ['HRESCH'], categories: ['OUTPATIENT'] }),
      evidence: EVIDENCE,
    };
    expect(only(await cast.tell(resident.token, 'grantConsent', late))).toMatchObject({ __typename: 'Refusal' });
  });

  it('a guardian after the 14th birthday', async () => {
    // Not built: nobody is a guardian, before that day or after it, and the purpose of one opens nothing to anybody.
    const names = Object.keys(publishedSchema().getTypeMap()).concat(api.node.app.region);
    expect(names.filter((name) => /guardian|family|parent|proxy|delegate|behalf/i.test(name))).toEqual([]);
    for (const birthDate of ['2010-01-01', '2020-01-01']) {
      const document = { type: '03', number: `CHILD-${birthDate}` };
      const input = { region: '110105', name: 'A child', birthDate, documents: [document] };
      const { healthCode } = await cast.done(cast.office, 'registerResident', input);
      const child = { ...(await cast.resident()), code: healthCode as string };
      await cast.record(author, child);
      for (const token of [author.token, reader.token])
        expect(only(await read(child.code, { purpose: 'FAMRQT' }, token))).toMatchObject(NOT_AVAILABLE);
      const own = await api.mint({ role: 'resident', subject: `child-${birthDate}`, document });
      for (const purposes of [['FAMRQT'], ['PATRQT'], ['FAMRQT', 'TREAT']]) {
        const grant = { terms: terms(grace, { purposes }), evidence: EVIDENCE };
        expect(only(await cast.tell(own, 'grantConsent', grant))).toMatchObject({ code: 'PURPOSE_NOT_GRANTABLE' });
      }
      // A parent's own token reads the parent's own record.
      const parent = await cast.resident();
      const me = only(
        await api.post(parent.token, '{ me { records { __typename ... on RecordConnection { totalCount } } } }'),
      );
      expect(me.records).toMatchObject({ totalCount: 0 });
    }
  });

  it('two appends fork a chain', async () => {
    const resident = await somebody(1);
    await cast.grant(resident, grace);
    const second = await api.node.again();
    try {
      const until = inMs(600_000);
      const token = await mintDevelopmentToken(
        api.node.keyring.developmentToken,
        { role: 'resident', subject: resident.subject, minutes: 5 },
        second.app.clock,
      );
      const claims = { issuer: 'urn:hrl:development', subject: resident.subject, role: 'resident', until } as never;
      const actor = await second.platform.actorOf(claims);
      if (actor === undefined) throw new Error('nobody signed in');
      const here = Array.from({ length: 20 }, (_, i) =>
        api.post(i % 2 === 0 ? token : reader.token, i % 2 === 0 ? MY_LOG : RECORDS, { code: resident.code }),
      );
      const there = Array.from({ length: 20 }, (_, i) =>
        i % 4 === 0
          ? second.platform.suspendCode({ actor }, `fork-test-${i}`, { reason: 'resident' })
          : second.platform.myRecords({ actor }, {}),
      );
      await Promise.allSettled([...here, ...there]);
      await cast.done(resident.token, 'resumeCode', {});
    } finally {
      await second.close();
    }
    const forks = await api.node.database.sql`select 1 from events group by stream, revision having count(*) > 1`;
    const gaps = await api.node.database.sql`select 1 from events group by stream having count(*) <> max(revision) + 1`;
    expect([forks.length, gaps.length]).toEqual([0, 0]);
    expect((await stepCheck(api.node.audit).end()).finding).toBeUndefined();
  });

  it('a cut tail goes unseen', async () => {
    const story = await tellStory();
    try {
      for (const left of [1, 3, Math.ceil(story.events.length / 2)]) {
        await tampered(story, async (copy) => {
          await replaceLedger(copy.sql, story.events.slice(0, -left));
          await mendReadTables(copy);
          expect((await copy.verdict(story.anchor)).verdict, `${left} cut`).toBe('broken');
          // Without an anchor nobody can tell where a whole append is gone, and nobody says that nothing is.
          if (left === 1) expect((await copy.verdict()).verdict).toBe('consistent, not anchored');
        });
      }
    } finally {
      await story.close();
    }
  });

  it('the log has no organisation or no person', async () => {
    const { events } = await api.written(async () => {
      const resident = await somebody(1);
      await read(resident.code);
      await read('nobody has this code');
      await api.post(cast.office, VERIFY, { code: resident.code });
      await api.post(cast.regulator, 'query ($c: String!) { trail(filter: { code: $c }) { __typename } }', {
        c: resident.code,
      });
      const nobody = await cast.doctorToken({ system: 'urn:licence', number: 'unknown' }, grace.key);
      await read(resident.code, {}, nobody);
      const log = nodesOf(
        page<TrailNode>((only(await api.post(resident.token, MY_LOG)) as { accessLog?: unknown }).accessLog),
      );
      expect(log.map(({ kind, actorKind }) => `${actorKind} ${kind}`).sort()).toEqual([
        'ISSUER PERMITTED',
        'PRACTITIONER DENIED',
        'PRACTITIONER DENIED',
        'REGULATOR LOG_READ',
      ]);
      for (const { actor, organisation } of log) expect([actor.id.length, organisation?.id.length]).toEqual([22, 22]);
    });
    const access = events.filter(({ type }) => type.startsWith('access.'));
    expect(access.length).toBe(6);
    for (const { type, retained } of access) {
      const { by, trace } = retained as { by: { kind: string; id: string; organisation?: string }; trace: string };
      expect(by.id, type).toMatch(/^[\w-]{22,43}$/);
      if (by.kind !== 'resident') expect(by.organisation, type).toMatch(/^[\w-]{22}$/);
      expect(trace, type).toMatch(/^[\w.-]{8,64}$/);
    }
    // Whoever asks without an organisation, or without a person, is not heard at all.
    for (const claims of [{ organisation: undefined }, { practitioner: undefined }]) {
      const token = await api.mint({
        role: 'practitioner',
        subject: 'x',
        organisation: grace.key,
        practitioner: reader.key,
        ...claims,
      } as never);
      expect((await api.post(token, mutation('suspendCode'), {})).status).toBe(401);
    }
  });
});
