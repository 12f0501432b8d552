import {
  buildClientSchema,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  getIntrospectionQuery,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXPOSURE } from '../../src/graphql/exposure.ts';
import { type ApiUnderTest, openApi, type Reply } from '../support/api.ts';
import { type Cast, castOf } from '../support/cast.ts';

const ROLES = ['resident', 'practitioner', 'issuer', 'regulator', 'system'] as const;
type Role = (typeof ROLES)[number];

/** Who may call what (domain.md, "Actors and roles"), told here a second time on purpose. */
const MAY: Readonly<Record<string, readonly Role[]>> = {
  'Mutation.registerResident': ['issuer', 'system'],
  'Mutation.linkDocuments': ['issuer', 'system'],
  'Mutation.reportDeath': ['issuer', 'system'],
  'Mutation.issueCode': ['issuer'],
  'Mutation.suspendCode': ['issuer', 'resident'],
  'Mutation.resumeCode': ['issuer', 'resident'],
  'Mutation.closeCode': ['issuer'],
  'Mutation.requestConsent': ['practitioner'],
  'Mutation.grantConsent': ['resident'],
  'Mutation.denyConsent': ['resident'],
  'Mutation.revokeConsent': ['resident'],
  'Mutation.registerRecord': ['practitioner', 'system'],
  'Mutation.withdrawRecord': ['practitioner', 'system'],
  'Mutation.registerInstitution': ['regulator'],
  'Mutation.changeInstitution': ['regulator'],
  'Mutation.endInstitution': ['regulator'],
  'Mutation.registerPractitioner': ['regulator'],
  'Mutation.changePractitioner': ['regulator'],
  'Mutation.endPractitioner': ['regulator'],
  'Mutation.adoptPolicy': ['regulator'],
  'Query.records': ['practitioner'],
  'Query.recordsOfSeveral': ['practitioner'],
  'Query.content': ['practitioner'],
  'Query.verifyCode': ['practitioner', 'issuer'],
  'Query.trail': ['regulator'],
  'Query.institution': ROLES,
  'Query.practitioner': ROLES,
  'Query.policy': ROLES,
  'Me.profile': ['resident'],
  'Me.records': ['resident'],
  'Me.content': ['resident'],
  'Me.accessLog': ['resident'],
  'Me.consents': ['resident'],
  'Me.consentRequests': ['resident'],
  'Me.codes': ['resident'],
};

type Field = GraphQLField<unknown, unknown>;
interface Called {
  readonly name: string;
  readonly field: Field;
}

let api: ApiUnderTest;
let cast: Cast;
let schema: GraphQLSchema;
const tokens = new Map<Role, string>();
beforeAll(async () => {
  api = await openApi();
  cast = await castOf(api);
  const doctor = await cast.doctor(await cast.hospital());
  tokens.set('practitioner', doctor.token);
  tokens.set('resident', (await cast.resident()).token);
  tokens.set('issuer', cast.office);
  tokens.set('regulator', cast.regulator);
  const hospital = doctor.hospital.key;
  tokens.set('system', await api.mint({ role: 'system', subject: 'system-1', organisation: hospital }));
  const { data } = await api.post(cast.regulator, getIntrospectionQuery());
  schema = buildClientSchema(data as never);
});
afterAll(() => api.close());

function objectTypes(): GraphQLNamedType[] {
  return Object.values(schema.getTypeMap()).filter((type) => isObjectType(type) && !type.name.startsWith('__'));
}
function fieldsOf(type: GraphQLNamedType | null | undefined): Field[] {
  return isObjectType(type) ? Object.values(type.getFields()) : [];
}
/** The fields that call the platform: those of Query, Mutation and Me, but for `me` itself. */
function calls(): Called[] {
  return ['Query', 'Mutation', 'Me'].flatMap((type) =>
    fieldsOf(schema.getType(type)).flatMap((field) =>
      field.name === 'me' ? [] : [{ name: `${type}.${field.name}`, field }],
    ),
  );
}
const members = (type: GraphQLNamedType): readonly GraphQLNamedType[] => (isUnionType(type) ? type.getTypes() : [type]);
const isGated = (field: Field): boolean =>
  members(getNamedType(field.type)).some(({ name }) => EXPOSURE[name] === 'gated');

/** Any value of the type: what is required and no more. */
function sample(type: GraphQLInputType): unknown {
  if (isNonNullType(type)) return sample(type.ofType);
  if (isListType(type)) return [sample(type.ofType)];
  if (isEnumType(type)) return type.getValues()[0]?.name;
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).filter((field) => isNonNullType(field.type));
    return Object.fromEntries(fields.map((field) => [field.name, sample(field.type)]));
  }
  const scalars: Record<string, unknown> = {
    ID: 'A'.repeat(22),
    Int: 1,
    Boolean: true,
    Instant: '2024-03-01T08:00:00.000Z',
    Day: '2024-03-01',
  };
  return scalars[type.name] ?? 'some-text';
}

/** The refusal's code, wherever the answer's type may hold one. */
function selection(type: GraphQLNamedType): string {
  if (isUnionType(type)) return '{ __typename ... on Refusal { code } }';
  const below = fieldsOf(type).filter(({ type: one }) => isUnionType(getNamedType(one)));
  return `{ __typename ${below.map((field) => `${field.name} ${selection(getNamedType(field.type))}`).join(' ')} }`;
}

/** Calls the field so many times in one request, each under an alias. */
function call({ name, field }: Called, role: Role, times = 1): Promise<Reply> {
  const required = field.args.filter((arg) => isNonNullType(arg.type));
  const given = name === 'Query.institution' || name === 'Query.practitioner' ? '(id: "none")' : '';
  const args = required.map((arg) => `${arg.name}: $${arg.name}`).join(', ');
  const one = `${field.name}${args === '' ? given : `(${args})`} ${selection(getNamedType(field.type))}`;
  const all = Array.from({ length: times }, (_, i) => `a${i}: ${one}`).join(' ');
  const declared = required.map((arg) => `$${arg.name}: ${arg.type}`).join(', ');
  const kind = name.startsWith('Mutation.') ? 'mutation' : 'query';
  const document = `${kind} ${declared === '' ? '' : `(${declared})`} { ${name.startsWith('Me.') ? `me { ${all} }` : all} }`;
  const variables = Object.fromEntries(
    required.map((arg) => [arg.name, arg.name === 'requestId' ? cast.requestId() : sample(arg.type)]),
  );
  return api.post(tokens.get(role), document, variables);
}

describe('the schema', () => {
  it('lists every object type as open or gated, and no other', () => {
    expect(Object.keys(EXPOSURE).sort()).toEqual(
      objectTypes()
        .map(({ name }) => name)
        .sort(),
    );
    expect(new Set(Object.values(EXPOSURE))).toEqual(new Set(['open', 'gated']));
  });

  it('gates whatever shows a record, a content, a person, a code or a trail', () => {
    const tells = /^(?:title|text|name|birthDate|phone|address|documents|number|healthCode|trace|details|live)$/;
    // Organisations and practitioners are public by name and number.
    const open = new Set(['Institution', 'Practitioner', 'NamedRef', 'Identifier']);
    const telling = objectTypes().filter((type) => fieldsOf(type).some(({ name }) => tells.test(name)));
    expect(telling.length).toBeGreaterThan(8);
    expect(telling.filter(({ name }) => EXPOSURE[name] !== 'gated' && !open.has(name)).map(String)).toEqual([]);
  });

  it('reaches a gated type from nowhere but a field of Query, Mutation or Me, and through what that field opened', () => {
    const doors = objectTypes().flatMap((type) =>
      fieldsOf(type)
        .filter((field) => isGated(field) && EXPOSURE[type.name] === 'open')
        .map(() => type.name),
    );
    expect(new Set(doors)).toEqual(new Set(['Query', 'Mutation', 'Me']));
  });

  it('has no argument below those fields, no node(id) and no way back from what was opened to what was not', () => {
    const called = new Set(['Query', 'Mutation', 'Me']);
    const below = objectTypes().filter(({ name }) => !called.has(name));
    expect(below.flatMap((type) => fieldsOf(type).flatMap((field) => field.args))).toEqual([]);
    expect(calls().map(({ name }) => name)).not.toEqual(expect.arrayContaining([expect.stringMatching(/\.nodes?$/)]));
    const backwards = below.flatMap((type) =>
      fieldsOf(type).filter((field) => ['Query', 'Mutation', 'Me'].includes(getNamedType(field.type).name)),
    );
    expect(backwards).toEqual([]);
  });

  it('offers no frequency of use, since none is metered', () => {
    const inputs = Object.values(schema.getTypeMap()).filter((type) => isInputObjectType(type));
    const names = inputs.flatMap((type) => Object.keys(type.getFields()));
    expect(names.length).toBeGreaterThan(50);
    expect(names.filter((name) => /freq|times|count|uses|limit/i.test(name))).toEqual([]);
  });
});

describe('every field that calls the platform', () => {
  it('has its roles, and none is called that has none', () => {
    expect(
      calls()
        .map(({ name }) => name)
        .sort(),
    ).toEqual(Object.keys(MAY).sort());
  });

  it('says NOT_PERMITTED to every other role, whatever it is asked for, and that leaves no event', async () => {
    let refused = 0;
    for (const called of calls()) {
      for (const role of ROLES.filter((one) => !MAY[called.name]?.includes(one))) {
        const { answer, events } = await api.written(() => call(called, role));
        const codes = [...answer.text.matchAll(/"code":"(\w+)"/g)].map((match) => match[1]);
        expect([called.name, role, answer.status, codes]).toEqual([called.name, role, 200, ['NOT_PERMITTED']]);
        expect(events).toEqual([]);
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(100);
  });

  it('lets those in that have the role', async () => {
    for (const called of calls()) {
      for (const role of MAY[called.name] ?? []) {
        const { status, text } = await call(called, role);
        expect([called.name, role, status]).toEqual([called.name, role, 200]);
        expect(text, `${called.name} by ${role}`).not.toMatch(/NOT_PERMITTED|UNAUTHENTICATED|INTERNAL/);
      }
    }
  });

  it('leaves one event for each occurrence when its answer is gated, under whatever alias, and none when it is open', async () => {
    const reads = calls().filter(({ name }) => !name.startsWith('Mutation.'));
    expect(reads.filter(({ field }) => isGated(field)).length).toBeGreaterThan(7);
    for (const called of reads) {
      for (const role of MAY[called.name] ?? []) {
        const { answer, events } = await api.written(() => call(called, role, 3));
        expect(answer.errors, `${called.name}: ${answer.text}`).toEqual([]);
        const accesses = events.filter(({ type }) => type.startsWith('access.'));
        expect([called.name, accesses.length]).toEqual([called.name, isGated(called.field) ? 3 : 0]);
        expect(events).toHaveLength(accesses.length);
      }
    }
  });
});
