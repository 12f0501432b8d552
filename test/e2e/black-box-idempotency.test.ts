import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ledgerChecker } from '../../src/audit/check-ledger.ts';
import { type ApiUnderTest, only, openApi, page, type Variables } from '../support/api.ts';
import {
  type Cast,
  type Command,
  castOf,
  type Doctor,
  EVIDENCE,
  inMs,
  RECORDS,
  type Resident,
  terms,
} from '../support/cast.ts';

let api: ApiUnderTest;
let cast: Cast;
let lin: Doctor;
let zhao: Doctor;
let resident: Resident;
beforeAll(async () => {
  api = await openApi();
  cast = await castOf(api);
  lin = await cast.doctor(await cast.hospital());
  zhao = await cast.doctor(await cast.hospital());
  resident = await cast.resident();
});
afterAll(() => api.close());

let numbers = 0;
const key = (): Variables => ({ system: 'urn:uscc', number: `N${numbers++}` });
const record = (code: string): Variables => ({
  code,
  index: 'EMR',
  category: 'OUTPATIENT',
  period: { from: '2024-03-01', to: '2024-03-02' },
  type: 'Encounter',
  title: 'Visit',
  at: '2024-03-01T08:00:00.000Z',
  sourceSystem: 'urn:his:test',
  sourceId: `visit-${numbers++}`,
  mediaType: 'text/plain',
  content: 'what was found',
});

interface Case {
  readonly command: Command;
  readonly token: string;
  readonly input: Variables;
  /** The same command with something else in it. */
  readonly other: Variables;
  readonly events: readonly string[];
}

/** One command of each kind, new every time. */
const CASES: Readonly<Record<string, () => Promise<Case>>> = {
  'registers an institution': async () => {
    const input = { identifiers: [key()], name: 'New Hospital' };
    const other = { ...input, name: 'Other Hospital' };
    return {
      command: 'registerInstitution',
      token: cast.regulator,
      input,
      other,
      events: ['institution.registered@1'],
    };
  },
  'registers a practitioner': async () => {
    const input = { identifiers: [key()], name: 'Dr New', affiliations: [lin.hospital.id] };
    const other = { ...input, affiliations: [] };
    return {
      command: 'registerPractitioner',
      token: cast.regulator,
      input,
      other,
      events: ['practitioner.registered@1'],
    };
  },
  'registers a resident and issues a code': async () => {
    const input = { region: '110105', name: 'New Resident', documents: [{ type: '03', number: `N${numbers++}` }] };
    const events = ['identity.registered@1', 'code.issued@1'];
    return { command: 'registerResident', token: cast.office, input, other: { ...input, name: 'Other' }, events };
  },
  'registers a record': async () => {
    const input = record(resident.code);
    const other = { ...input, content: 'something else was found' };
    return { command: 'registerRecord', token: lin.token, input, other, events: ['record.registered@1'] };
  },
  'asks for consent': async () => {
    const { code } = await cast.resident();
    const what = { granteeKind: 'INSTITUTION', purposes: ['TREAT'], categories: ['OUTPATIENT'] };
    const period = { from: '2024-01-01', to: '2024-12-31' };
    const input = { ...what, period, code, validUntil: inMs(3_600_000) };
    const other = { ...input, message: 'please' };
    return { command: 'requestConsent', token: zhao.token, input, other, events: ['consent.requested@1'] };
  },
  'grants a consent': async () => {
    const { token } = await cast.resident();
    const input = { terms: terms(zhao.hospital), evidence: EVIDENCE };
    const other = { ...input, terms: terms(zhao.hospital, { purposes: ['TREAT', 'HRESCH'] }) };
    return { command: 'grantConsent', token, input, other, events: ['consent.granted@1'] };
  },
  'revokes a consent': async () => {
    const one = await cast.resident();
    const [consentId, second] = [await cast.grant(one, zhao.hospital), await cast.grant(one, zhao.hospital)];
    const events = ['consent.revoked@1'];
    return { command: 'revokeConsent', token: one.token, input: { consentId }, other: { consentId: second }, events };
  },
  'suspends a code': async () => {
    const { token } = await cast.resident();
    const [input, other] = [{ reason: 'LOST' }, { reason: 'MISUSE' }];
    return { command: 'suspendCode', token, input, other, events: ['code.suspended@1'] };
  },
  'ends a practitioner': async () => {
    const { id } = await cast.doctor(lin.hospital);
    const [input, other] = [
      { id, reason: 'retired' },
      { id, reason: 'moved' },
    ];
    return { command: 'endPractitioner', token: cast.regulator, input, other, events: ['practitioner.ended@1'] };
  },
};

describe('the same requestId', () => {
  it.each(Object.keys(CASES))('twice changes nothing and is answered alike, where it %s', async (name) => {
    const { command, token, input, events } = await (CASES[name] as () => Promise<Case>)();
    const requestId = cast.requestId();
    const first = await api.written(() => cast.tell(token, command, input, requestId));
    expect(first.events.map(({ type }) => type)).toEqual(events);
    const again = await api.written(() => cast.tell(token, command, input, requestId));
    expect(again.events).toEqual([]);
    expect(again.answer.text).toBe(first.answer.text);
    expect(again.answer.text).not.toContain('Refusal');
  });

  it.each(Object.keys(CASES))('ten times at once is one command, where it %s', async (name) => {
    const { command, token, input, events } = await (CASES[name] as () => Promise<Case>)();
    const requestId = cast.requestId();
    const { answer, events: written } = await api.written(() =>
      Promise.all(Array.from({ length: 10 }, () => cast.tell(token, command, input, requestId))),
    );
    expect(new Set(answer.map(({ text }) => text)).size).toBe(1);
    expect(only(answer[0] as never).__typename).not.toBe('Refusal');
    expect(written.map(({ type }) => type)).toEqual(events);
  });

  it.each(Object.keys(CASES))(
    'with another input is refused, and nothing is told or written, where it %s',
    async (name) => {
      const { command, token, input, other } = await (CASES[name] as () => Promise<Case>)();
      const requestId = cast.requestId();
      await cast.done(token, command, input, requestId);
      const { answer, events } = await api.written(() => cast.tell(token, command, other, requestId));
      expect(answer.text).toBe(
        JSON.stringify({
          data: {
            [command]: {
              __typename: 'Refusal',
              code: 'REQUEST_ID_REUSED',
              message: 'This requestId was used for something else before: send the command again under a new one.',
            },
          },
        }),
      );
      expect(events).toEqual([]);
    },
  );

  it('of two inputs sent at once, one is done and the other refused', async () => {
    for (let round = 0; round < 3; round++) {
      const { command, token, input, other } = await (CASES['registers an institution'] as () => Promise<Case>)();
      const requestId = cast.requestId();
      const { answer, events } = await api.written(() =>
        Promise.all([input, other].map((one) => cast.tell(token, command, one, requestId))),
      );
      const codes = answer.map((reply) => only(reply).code ?? 'done').sort();
      expect(codes).toEqual(['REQUEST_ID_REUSED', 'done']);
      expect(events).toHaveLength(1);
    }
  });

  it('of another actor, another role or another command is another command, and nothing is told of the first', async () => {
    const requestId = cast.requestId();
    const [one, two] = [await cast.resident(), await cast.resident()];
    const input = { terms: terms(zhao.hospital), evidence: EVIDENCE };
    const given = await cast.done(one.token, 'grantConsent', input, requestId);
    const { answer, events } = await api.written(() => cast.done(two.token, 'grantConsent', input, requestId));
    expect(answer.consentId).not.toBe(given.consentId);
    expect(events.map(({ type }) => type)).toEqual(['consent.granted@1']);
    const refused = await api.written(() =>
      cast.tell(two.token, 'revokeConsent', { consentId: given.consentId }, requestId),
    );
    expect([only(refused.answer).code, refused.events]).toEqual(['NO_SUCH_CONSENT', []]);
    await cast.done(two.token, 'revokeConsent', { consentId: answer.consentId }, requestId);
    await cast.done(two.token, 'suspendCode', { reason: 'LOST' }, requestId);

    const source = record(resident.code);
    const [byLin, byZhao] = [
      await cast.done(lin.token, 'registerRecord', source, requestId),
      await cast.done(zhao.token, 'registerRecord', { ...source, sourceId: 'another' }, requestId),
    ];
    expect(byLin.record).not.toBe(byZhao.record);
  });

  it('is not spent by a refusal: the same command is done once nothing stands against it', async () => {
    const doctor = await cast.doctor(lin.hospital, { affiliations: [] });
    const { token } = await cast.resident();
    const grantee = { kind: 'PRACTITIONER', institution: lin.hospital.id, practitioner: doctor.id };
    const input = { terms: terms(lin.hospital, { grantee }), evidence: EVIDENCE };
    const requestId = cast.requestId();
    const refused = await cast.tell(token, 'grantConsent', input, requestId);
    expect(only(refused).code).toBe('GRANTEE_NOT_AVAILABLE');
    const change = { id: doctor.id, identifiers: [doctor.key], name: doctor.name, affiliations: [lin.hospital.id] };
    await cast.done(cast.regulator, 'changePractitioner', change);
    await cast.done(token, 'grantConsent', input, requestId);
  });

  it('is 8 to 64 letters, digits, dots, hyphens and underscores, or nothing is done', async () => {
    for (const requestId of ['seven77', 'x'.repeat(65), 'with space', '请求编号请求编号', 'a/b/c/d/e', '']) {
      const { answer, events } = await api.written(() =>
        cast.tell(resident.token, 'suspendCode', { reason: 'LOST' }, requestId),
      );
      expect(answer.errors).toMatchObject([{ extensions: { code: 'BAD_INPUT', path: 'requestId' } }]);
      expect(events).toEqual([]);
    }
  });
});

describe('the same source document', () => {
  it('is one record, whoever of its custodian sends it and under whatever requestId; other bytes replace it', async () => {
    const colleague = await cast.doctor(lin.hospital);
    const { code } = await cast.resident();
    const input = record(code);
    const { record: first } = await cast.done(lin.token, 'registerRecord', input);
    const again = await api.written(() => cast.done(colleague.token, 'registerRecord', input));
    expect(again.events).toEqual([]);
    const changed = await api.written(() => cast.done(lin.token, 'registerRecord', { ...input, content: 'corrected' }));
    expect(changed.events.map(({ type }) => type)).toEqual(['record.replaced@1']);
    expect(first).toEqual(expect.any(String));
    expect(page(only(await api.post(lin.token, RECORDS, { code }))).totalCount).toBe(1);
  });
});

describe('two appends fork no chain', () => {
  it('when many people change and read one resident’s account at once', async () => {
    const one = await cast.resident();
    const doctors = [lin, zhao, await cast.doctor(lin.hospital)];
    const work = Array.from({ length: 12 }, (_, i) => [
      cast.tell((doctors[i % 3] as Doctor).token, 'registerRecord', record(one.code)),
      cast.tell(one.token, 'grantConsent', { terms: terms(zhao.hospital), evidence: EVIDENCE }),
      api.post(zhao.token, RECORDS, { code: one.code }),
    ]).flat();
    const replies = await Promise.all(work);
    for (const { status, errors } of replies) {
      // Told to try again is an answer; half done is not.
      expect([200, 503]).toContain(status);
      expect(errors.every(({ extensions }) => extensions.code === 'BUSY')).toBe(true);
    }
    expect(replies.filter(({ errors }) => errors.length === 0).length).toBeGreaterThan(20);
    await expect.poll(async () => (await api.node.health()).ready, { timeout: 20_000 }).toBe(true);
    const audit = await api.node.again({ audit: true });
    try {
      const { verdict, finding } = await ledgerChecker(audit.audit).finish();
      expect([verdict, finding]).toEqual(['consistent, not anchored', undefined]);
    } finally {
      await audit.close();
    }
  });
});
