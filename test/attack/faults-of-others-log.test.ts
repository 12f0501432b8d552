import { isEnumType, isInputObjectType, isObjectType } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mintDevelopmentToken } from '../../src/auth/development-token.ts';
import { tokenVerifier } from '../../src/auth/verifier.ts';
import { createApiServer } from '../../src/graphql/server.ts';
import type { EventId } from '../../src/kernel/id.ts';
import { logger } from '../../src/log.ts';
import { type ApiUnderTest, nodesOf, only, openApi, page, post, type Reply, type Variables } from '../support/api.ts';
import {
  type Cast,
  castOf,
  type Doctor,
  EVIDENCE,
  type Hospital,
  inMs,
  MY_LOG,
  mutation,
  RECORDS,
  type Resident,
  type TrailNode,
  terms,
  VERIFY,
} from '../support/cast.ts';
import { stepCheck } from '../support/check.ts';
import { replaceLedger } from '../support/forge.ts';
import { mendReadTables, tampered, tellStory } from '../support/tampering.ts';
import { publishedSchema } from './published.ts';

/** The rest of what faults-of-others.test.ts begins. */

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
/** Somebody with so many records in the first hospital. */
async function somebody(records: number): Promise<Resident> {
  const resident = await cast.resident();
  for (let i = 0; i < records; i++) {
    const day = `2024-03-${String(i + 1).padStart(2, '0')}`;
    await cast.record(author, resident, { period: { from: day, to: day } });
  }
  return resident;
}

describe('a fault that others shipped, of the log and of who asks', () => {
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
