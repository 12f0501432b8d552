import {
  type GraphQLField,
  type GraphQLInputType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiUnderTest, openApi, type Reply } from '../support/api.ts';
import { type Cast, castOf } from '../support/cast.ts';
import { stepCheck } from '../support/check.ts';
import { SIZES } from '../support/sizes.ts';
import { type Dice, diceOf } from './dice.ts';
import { publishedSchema } from './published.ts';
import { mayCall } from './reference.ts';
import type { KnownRole } from './truth.ts';

/** Every argument of every field is told what no form has a place for: the answer is a refusal or a fault by its code, never a fault of ours. */

const SEED = Number(process.env.HRL_ATTACK_SEED ?? 20_261_122);
/** Stands in every text that is sent, and in no answer. */
const ECHO = 'ZQechoQZ';
const schema = publishedSchema();
const ROLES: readonly KnownRole[] = ['resident', 'practitioner', 'issuer', 'regulator', 'system'];

let api: ApiUnderTest;
let cast: Cast;
const tokens = new Map<KnownRole, string>();
/** What is there, so that a command does not stop at the first argument. */
let real: readonly string[];
beforeAll(async () => {
  api = await openApi();
  cast = await castOf(api);
  const doctor = await cast.doctor(await cast.hospital());
  const resident = await cast.resident();
  await cast.record(doctor, resident);
  const consent = await cast.grant(resident, doctor.hospital);
  tokens.set('resident', resident.token).set('practitioner', doctor.token);
  tokens.set('issuer', cast.office).set('regulator', cast.regulator);
  tokens.set('system', await api.mint({ role: 'system', subject: 'his', organisation: doctor.hospital.key }));
  real = [
    resident.code,
    consent,
    doctor.id,
    doctor.hospital.id,
    doctor.key.system,
    doctor.key.number,
    '03',
    '01',
    'a-request-id',
  ];
});
afterAll(() => api.close());

const ODD = [
  '',
  ' ',
  '\0',
  `${ECHO}\0`,
  '\ud800',
  `\udc00${ECHO}`,
  '\u200b',
  '\u202e\u2066',
  'ﷺ'.repeat(40),
  `${ECHO}́${'́'.repeat(600)}`,
  'x'.repeat(129),
  'x'.repeat(5_000),
  `${ECHO}'; drop table events; --`,
  `${ECHO}\${7*7}{{7*7}}%s%n`,
  '../../../../etc/passwd',
  '__proto__',
  'constructor',
  'null',
  '0',
  '-0',
  '1e999',
  '2024-02-30',
  '2024-02-30T00:00:00.000Z',
  '9999-12-31T23:59:59.999Z',
  '0000-01-01T00:00:00.000Z',
  '+275760-09-13T00:00:00.000Z',
  '2026-11-22T03:04:05.678+08:00',
  'application/x; charset=utf-7',
  'fhir:urn:x',
  '99',
  '１１０１０５',
];

/** A value of the type, as a variable: odd in some place, most often. */
function any(type: GraphQLInputType, dice: Dice): unknown {
  if (isNonNullType(type)) return any(type.ofType, dice);
  if (dice.chance(0.04)) return null;
  if (isListType(type)) {
    const many = dice.chance(0.05) ? 300 : dice.below(4);
    return Array.from({ length: many }, () => any(type.ofType, dice));
  }
  if (isEnumType(type)) return dice.pick(type.getValues()).name;
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).filter((field) => isNonNullType(field.type) || dice.chance(0.6));
    return Object.fromEntries(fields.map((field) => [field.name, any(field.type, dice)]));
  }
  switch (type.name) {
    case 'Int':
      return dice.pick([0, 1, -1, 3, 200, 201, 2_147_483_647, -2_147_483_648]);
    case 'Boolean':
      return dice.chance(0.5);
    case 'Day':
      return dice.chance(0.8) ? `20${10 + dice.below(20)}-0${1 + dice.below(9)}-1${dice.below(10)}` : dice.pick(ODD);
    case 'Instant':
      return dice.chance(0.8) ? new Date(Date.now() + (dice.next() - 0.3) * 1e10).toISOString() : dice.pick(ODD);
    default:
      return dice.chance(0.5) ? dice.pick(real) : dice.pick(ODD);
  }
}

/** One call of the field, with all of its arguments as variables. */
function callOf(
  type: string,
  field: GraphQLField<unknown, unknown>,
  dice: Dice,
): { query: string; variables: Record<string, unknown> } {
  const declared = field.args.map((arg) => `$${arg.name}: ${arg.type}`).join(', ');
  const passed = field.args.map(({ name }) => `${name}: $${name}`).join(', ');
  const named = getNamedType(field.type);
  const below = isUnionType(named) || isObjectType(named) ? ' { __typename }' : '';
  const call = `${field.name}${passed === '' ? '' : `(${passed})`}${below}`;
  const inner = type === 'Me' ? `me { ${call} }` : call;
  const operation = type === 'Mutation' ? 'mutation' : 'query';
  const variables = Object.fromEntries(field.args.map((arg) => [arg.name, any(arg.type, dice)]));
  if ('requestId' in variables && dice.chance(0.9)) variables.requestId = `inputs-${dice.below(1e9)}`;
  return { query: `${operation}${declared === '' ? '' : `(${declared})`} { ${inner} }`, variables };
}

/** What ends somebody comes last, so that the others are asked by people who may still do something. */
const ENDS = ['closeCode', 'reportDeath', 'endPractitioner', 'endInstitution'];
const FIELDS = ['Query', 'Mutation', 'Me']
  .flatMap((type) => {
    const found = schema.getType(type);
    const fields = isObjectType(found) ? Object.values(found.getFields()) : [];
    return fields.filter(({ name, args }) => name !== 'me' && args.length > 0).map((field) => ({ type, field }));
  })
  .sort((a, b) => ENDS.indexOf(a.field.name) - ENDS.indexOf(b.field.name));
const each = Math.max(8, Math.round(SIZES.attackDocuments / 120));

describe(`whatever is sent in arguments (${each} of each of ${FIELDS.length} fields, seed ${SEED})`, () => {
  it.each(FIELDS.map((one) => [`${one.type}.${one.field.name}`, one] as const))(
    '%s is no fault of ours, and comes back in no message',
    async (name, { type, field }) => {
      const dice = diceOf(SEED + FIELDS.findIndex((one) => one.field === field));
      const role = ROLES.find((one) => mayCall(type, field.name, one)) as KnownRole;
      for (let i = 0; i < each; i++) {
        const { query, variables } = callOf(type, field, dice);
        const reply = await api.post(tokens.get(role), query, variables);
        const codes = reply.errors.map(({ extensions }) => extensions.code);
        const told = `${name} ${JSON.stringify(variables)}\n${reply.text}`;
        expect(reply.status, told).toBeLessThan(500);
        expect(
          codes.filter((code) => !['BAD_INPUT', 'LIMIT', 'TOO_LARGE'].includes(code)),
          told,
        ).toEqual([]);
        if (reply.text.includes(ECHO)) throw new Error(`repeated what was sent: ${told}`);
      }
    },
    300_000,
  );

  it('leaves a ledger that is whole', async () => {
    expect((await stepCheck(api.node.audit).end()).finding).toBeUndefined();
  });
});

/** Documents made to cost as much as the limits allow, or to look cheap. */
const fragments = (many: number, of: (i: number) => string): string =>
  Array.from({ length: many }, (_, i) => of(i)).join(' ');
const GREEDY: readonly (readonly [string, string])[] = [
  ['one field as often as tokens allow', `{ ${'policy { version } '.repeat(480)} }`],
  [
    'selections side by side that must be merged',
    `{ ${'policy { rules { id kind basis } version hash } '.repeat(170)} }`,
  ],
  ['inline fragments one in the other', `{ ${'... { '.repeat(480)} __typename ${'} '.repeat(480)} }`],
  [
    'a chain of fragments',
    `{ ...F0 } ${fragments(150, (i) => `fragment F${i} on Query { ...F${i + 1} }`)} fragment F150 on Query { __typename }`,
  ],
  [
    'fragments that double each time',
    `{ ...F0 } ${fragments(60, (i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`)} fragment F60 on Query { __typename }`,
  ],
  [
    'fragments that double, with an alias at the end',
    `{ ...F0 } ${fragments(40, (i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`)} fragment F40 on Query { a: __typename }`,
  ],
  ['unused fragments', `{ __typename } ${fragments(240, (i) => `fragment F${i} on Query { policy { version } }`)}`],
  ['many operations', `query Q { __typename } ${fragments(300, (i) => `query Q${i} { __typename }`)}`],
  ['many variables', `query(${fragments(480, (i) => `$v${i}: Int`)}) { __typename }`],
  ['lists in lists', `{ recordsOfSeveral(purpose: TREAT, codes: ${'['.repeat(900)}${']'.repeat(900)}) { code } }`],
  ['a text of all letters that are allowed', `{ institution(id: "${'x'.repeat(19_900)}") { id } }`],
  ['a comment of all letters that are allowed', `{ __typename } # ${'x'.repeat(19_900)}`],
  ['a block text of quotes', `{ institution(id: """${'\\"""'.repeat(4_900)}""") { id } }`],
  ['directives on one field', `{ __typename ${'@include(if: true) '.repeat(390)} }`],
  [
    'directives on an operation that does not run',
    `query A { __typename } query B { __typename ${'@skip(if: false) '.repeat(330)} }`,
  ],
  [
    'a schema in a schema',
    `{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }`,
  ],
  [
    'types of types of types',
    `{ __type(name: "Query") { fields { type { ${'ofType { '.repeat(60)} name ${'} '.repeat(60)} } } } }`,
  ],
  ['calls beside each other in one name', `{ ${fragments(60, (i) => `institution(id: "${i}") { id }`)} }`],
  ['a deep path of what is not there', `{ ${'a { '.repeat(490)} a ${'} '.repeat(490)} }`],
];

describe('a document that is made to cost much', () => {
  it.each(GREEDY)('such as %s is answered or refused soon', async (_what, query) => {
    const began = process.cpuUsage();
    const reply: Reply = await api.post(tokens.get('practitioner'), query);
    const { user } = process.cpuUsage(began);
    expect(reply.status).toBeLessThan(500);
    expect(reply.errors.filter(({ extensions }) => !['BAD_INPUT', 'LIMIT'].includes(extensions.code))).toEqual([]);
    // Time of a core, which other programs on the machine do not lengthen much.
    expect(user / 1000).toBeLessThan(1_500);
    expect(reply.text.length).toBeLessThan(200_000);
  });
});
