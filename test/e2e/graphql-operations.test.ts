import { type GraphQLObjectType, getNamedType, isUnionType } from 'graphql';
import { describe, expect, it } from 'vitest';
import { refusal } from '../../src/app/outcome.ts';
import { type Operation, ROLES } from '../../src/app/roles.ts';
import { REFUSALS } from '../../src/domain/refusals.ts';
import { operationOf } from '../../src/graphql/operation.ts';
import { schema } from '../../src/graphql/schema.ts';
import { ORGANISATION, PRACTITIONER } from '../support/fake-platform.ts';
import { type TestApi, testApi } from '../support/graphql-api.ts';
import { selectAll } from '../support/select-all.ts';

/** One call of a field: the arguments as a client sends them, and what then reaches the platform. */
interface Call {
  readonly field: string;
  readonly args?: Record<string, unknown>;
  readonly types?: string;
  readonly reaches: unknown;
}

const PERIOD = { from: '2020-01-01', to: '2026-01-01' };
const T = '2026-11-22T03:04:05.678Z';
const DOCUMENT = { type: '01', number: '11010519491231002X' };
const IDENTIFIER = { system: 'urn:uscc', number: '91350100M000100Y43' };
const HASH = 'A'.repeat(43);

const command = (field: string, input: object, reaches: object = input): Call => ({
  field,
  types: `$requestId: String!, $input: ${field[0]?.toUpperCase()}${field.slice(1)}Input!`,
  args: { requestId: 'request-1', input },
  reaches,
});

const CALLS: readonly Call[] = [
  command(
    'registerResident',
    {
      region: '110000',
      name: '王',
      sex: 'FEMALE',
      birthDate: '1949-12-31',
      phone: null,
      documents: [DOCUMENT],
      login: { issuer: 'i', subject: 's' },
    },
    {
      region: '110000',
      name: '王',
      sex: 'female',
      birthDate: '1949-12-31',
      documents: [DOCUMENT],
      login: { issuer: 'i', subject: 's' },
    },
  ),
  command('linkDocuments', { code: 'c', documents: [{ ...DOCUMENT, issuer: 'x' }] }),
  command('reportDeath', { code: 'c', deceasedAt: T, source: 'registry' }),
  command('issueCode', { documents: [DOCUMENT] }),
  command('suspendCode', { reason: 'LOST' }, { reason: 'lost' }),
  command('resumeCode', { code: null }, {}),
  command('closeCode', { code: 'c', reason: 'REPLACED' }, { code: 'c', reason: 'replaced' }),
  command(
    'requestConsent',
    {
      code: 'c',
      granteeKind: 'PRACTITIONER',
      purposes: ['TREAT', 'CAREMGT', 'TREAT'],
      categories: ['IMAGING', 'DIAGNOSTIC_REPORT'],
      period: PERIOD,
      validUntil: T,
      message: 'why',
    },
    {
      code: 'c',
      granteeKind: 'practitioner',
      purposes: ['CAREMGT', 'TREAT'],
      categories: ['diagnostic-report', 'imaging'],
      labels: [],
      period: PERIOD,
      validUntil: T,
      message: 'why',
    },
  ),
  command(
    'grantConsent',
    {
      consentId: ORGANISATION,
      terms: {
        grantee: { kind: 'PRACTITIONER', institution: ORGANISATION, practitioner: PRACTITIONER },
        purposes: ['TREAT'],
        categories: ['WELLNESS', 'IMAGING'],
        labels: ['V', 'HIV'],
        period: PERIOD,
        validFrom: T,
        validUntil: T,
      },
      evidence: { noticeHash: HASH, noticeVersion: '1', language: 'zh-CN', channel: '0402', authentication: 'ID_CARD' },
    },
    {
      consentId: ORGANISATION,
      terms: {
        grantee: { kind: 'practitioner', institution: ORGANISATION, practitioner: PRACTITIONER },
        purposes: ['TREAT'],
        categories: ['imaging', 'wellness'],
        labels: ['HIV', 'V'],
        period: PERIOD,
        validFrom: T,
        validUntil: T,
      },
      evidence: { noticeHash: HASH, noticeVersion: '1', language: 'zh-CN', channel: '0402', authentication: 'id-card' },
    },
  ),
  command('denyConsent', { consentId: ORGANISATION }),
  command('revokeConsent', { consentId: ORGANISATION }),
  command(
    'registerRecord',
    {
      code: 'c',
      index: 'EMR',
      category: 'DISCHARGE_SUMMARY',
      period: PERIOD,
      type: 'C0053',
      codeOfType: { system: 's', code: 'c' },
      title: '出院小结',
      at: T,
      sensitivities: ['STD', 'HIV'],
      confidentiality: 'R',
      sourceSystem: 's',
      sourceId: '1',
      mediaType: 'text/plain',
      content: 'x\r\n😀',
    },
    {
      code: 'c',
      index: 'EMR',
      category: 'discharge-summary',
      period: PERIOD,
      type: 'C0053',
      codeOfType: { system: 's', code: 'c' },
      title: '出院小结',
      at: T,
      sensitivities: ['HIV', 'STD'],
      confidentiality: 'R',
      sourceSystem: 's',
      sourceId: '1',
      mediaType: 'text/plain',
      content: 'x\r\n😀',
    },
  ),
  command(
    'withdrawRecord',
    { code: 'c', sourceSystem: 's', type: 'C0053', sourceId: '1', reason: 'ENTERED_IN_ERROR' },
    { code: 'c', sourceSystem: 's', type: 'C0053', sourceId: '1', reason: 'entered-in-error' },
  ),
  command('registerInstitution', {
    identifiers: [IDENTIFIER],
    name: 'A',
    region: '110000',
    level: 3,
    kind: 'hospital',
    phone: '1',
    address: 'x',
  }),
  command('changeInstitution', { id: ORGANISATION, identifiers: [IDENTIFIER], name: 'A' }),
  command('endInstitution', { id: ORGANISATION, reason: 'closed' }),
  command('registerPractitioner', {
    identifiers: [IDENTIFIER],
    name: 'B',
    licence: '1',
    title: '主任医师',
    affiliations: [ORGANISATION],
  }),
  command('changePractitioner', { id: PRACTITIONER, identifiers: [IDENTIFIER], name: 'B', affiliations: [] }),
  command('endPractitioner', { id: PRACTITIONER, reason: 'retired' }),
  command(
    'adoptPolicy',
    {
      policy: {
        version: '2',
        rules: [
          {
            id: 'law',
            kind: 'STATUTORY',
            purposes: ['PUBHLTH'],
            categories: ['IMMUNISATION'],
            basis: 'b',
            institutions: [PRACTITIONER, ORGANISATION],
          },
        ],
      },
    },
    {
      policy: {
        version: '2',
        rules: [
          {
            id: 'law',
            kind: 'statutory',
            purposes: ['PUBHLTH'],
            categories: ['immunisation'],
            labels: [],
            basis: 'b',
            institutions: [ORGANISATION, PRACTITIONER],
          },
        ],
      },
    },
  ),
  { field: 'me.profile', reaches: {} },
  {
    field: 'me.records',
    types: '$index: RecordIndex, $categories: [Category!], $period: PeriodInput, $first: Int, $after: String',
    args: { index: 'EHR', categories: ['WELLNESS', 'IMAGING', 'IMAGING'], period: PERIOD, first: 7, after: 'cursor' },
    reaches: { index: 'EHR', categories: ['imaging', 'wellness'], period: PERIOD, first: 7, after: 'cursor' },
  },
  { field: 'me.content', types: '$record: ID!', args: { record: 'r' }, reaches: { record: 'r' } },
  {
    field: 'me.accessLog',
    types: '$from: Instant, $until: Instant',
    args: { from: T, until: null },
    reaches: { from: T, first: 20 },
  },
  {
    field: 'me.consents',
    types: '$state: ConsentFilter',
    args: { state: 'ENDED' },
    reaches: { state: 'ended', first: 20 },
  },
  {
    field: 'me.consentRequests',
    types: '$after: String',
    args: { after: 'a' },
    reaches: { state: 'pending', first: 20, after: 'a' },
  },
  { field: 'me.codes', reaches: undefined },
  {
    field: 'records',
    types: '$code: String!, $purpose: Purpose!, $first: Int',
    args: { code: 'c', purpose: 'TREAT', first: null },
    reaches: { code: 'c', purpose: 'TREAT' },
  },
  {
    field: 'recordsOfSeveral',
    types: '$codes: [String!]!, $purpose: Purpose!',
    args: { codes: ['c'], purpose: 'ETREAT' },
    reaches: { code: 'c', purpose: 'ETREAT', first: 20 },
  },
  {
    field: 'content',
    types: '$code: String!, $purpose: Purpose!, $record: ID!',
    args: { code: 'c', purpose: 'TREAT', record: 'r' },
    reaches: { code: 'c', purpose: 'TREAT', record: 'r' },
  },
  { field: 'verifyCode', types: '$code: String!', args: { code: 'c' }, reaches: { code: 'c' } },
  {
    field: 'trail',
    types: '$filter: TrailFilter, $first: Int',
    args: {
      filter: { code: 'c', person: PRACTITIONER, organisation: null, purpose: 'TREAT', trace: 't', from: T },
      first: 200,
    },
    reaches: { code: 'c', person: PRACTITIONER, purpose: 'TREAT', trace: 't', from: T, first: 200 },
  },
  { field: 'institution', types: '$id: ID', args: { id: ORGANISATION }, reaches: { id: ORGANISATION } },
  {
    field: 'practitioner',
    types: '$identifier: IdentifierInput',
    args: { identifier: IDENTIFIER },
    reaches: IDENTIFIER,
  },
  { field: 'policy', reaches: undefined },
];

function fieldOf({ field, types }: Call) {
  const [first = '', second] = field.split('.');
  const parent = second !== undefined ? 'Me' : types?.startsWith('$requestId') ? 'Mutation' : 'Query';
  const found = (schema.getType(parent) as GraphQLObjectType).getFields()[second ?? first];
  const operation = found === undefined ? undefined : operationOf(found)?.operation;
  if (found === undefined || operation === undefined) throw new Error(`no field ${field}`);
  return { definition: found, operation, mutation: parent === 'Mutation', me: second !== undefined };
}

async function send(api: TestApi, call: Call) {
  const { definition, operation, mutation, me } = fieldOf(call);
  const args = Object.keys(call.args ?? {}).map((name) => `${name}: $${name}`);
  const inner = `${definition.name}${args.length === 0 ? '' : `(${args.join(', ')})`} ${selectAll(schema, definition.type)}`;
  const head = `${mutation ? 'mutation' : 'query'}${call.types === undefined ? '' : ` (${call.types})`}`;
  const [role = 'resident'] = ROLES[operation];
  const answer = await api.post(role, `${head} { ${me ? `me { ${inner} }` : inner} }`, call.args ?? {});
  const data = me ? answer.data?.me : answer.data;
  return { answer, value: data?.[definition.name] };
}

describe('every field of the API', () => {
  it('is called in this file', () => {
    const called = CALLS.map((call) => fieldOf(call).operation);
    expect([...new Set(called)].sort()).toEqual((Object.keys(ROLES) as Operation[]).sort());
  });

  it.each(CALLS)(
    '$field reaches the platform once with what was sent, and answers with every field of its type',
    async (call) => {
      const api = await testApi();
      const { answer, value } = await send(api, call);
      expect(answer.errors).toEqual([]);
      expect(answer.status).toBe(200);
      const { operation, mutation } = fieldOf(call);
      expect(api.platform.calls).toHaveLength(1);
      const [made] = api.platform.calls;
      expect(made).toMatchObject({ operation, ...(mutation ? { requestId: 'request-1' } : {}) });
      expect(made?.input).toEqual(call.reaches);
      expect(value).toMatchSnapshot();
    },
  );

  it.each(CALLS.filter((call) => isUnionType(getNamedType(fieldOf(call).definition.type))))(
    '$field answers a refusal with its code and its constant text',
    async (call) => {
      const api = await testApi();
      api.platform.on(fieldOf(call).operation, async () => refusal('grant-exceeds-request'));
      const { answer, value } = await send(api, call);
      expect(answer.errors).toEqual([]);
      expect(value).toEqual({
        __typename: 'Refusal',
        code: 'GRANT_EXCEEDS_REQUEST',
        message: REFUSALS['grant-exceeds-request'].message,
      });
    },
  );

  it.each(CALLS)('$field is refused to every role that has it not', async (call) => {
    const { operation, definition } = fieldOf(call);
    const others = (['resident', 'practitioner', 'issuer', 'regulator', 'system'] as const).filter(
      (role) => !(ROLES[operation] as readonly string[]).includes(role),
    );
    const api = await testApi();
    for (const role of others) {
      const args = Object.keys(call.args ?? {}).map((name) => `${name}: $${name}`);
      const { mutation, me } = fieldOf(call);
      const each = definition.name === 'recordsOfSeveral';
      const selection = each
        ? '{ result { __typename ... on Refusal { code } } }'
        : '{ __typename ... on Refusal { code } }';
      const inner = `answer: ${definition.name}${args.length === 0 ? '' : `(${args.join(', ')})`} ${selection}`;
      const head = `${mutation ? 'mutation' : 'query'}${call.types === undefined ? '' : ` (${call.types})`}`;
      const { data } = await api.post(role, `${head} { ${me ? `me { ${inner} }` : inner} }`, call.args ?? {});
      const value = me ? data.me.answer : each ? data.answer[0].result : data.answer;
      expect(value, role).toEqual({ __typename: 'Refusal', code: 'NOT_PERMITTED' });
    }
  });

  it('of one organisation or person takes an id or an identifier, and nothing when nobody is there', async () => {
    const api = await testApi();
    const ask = (args: string) => api.post('system', `{ institution${args} { id } }`);
    for (const args of ['', '(id: "x", identifier: { system: "a", number: "b" })']) {
      expect((await ask(args)).errors[0]?.extensions).toEqual({ code: 'BAD_INPUT', path: 'arguments' });
    }
    expect(api.platform.calls).toEqual([]);
    api.platform.on('institution', async () => null);
    expect((await ask('(id: "x")')).data).toEqual({ institution: null });
  });
});
