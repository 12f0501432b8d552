import { buildSchema, extendSchema, type GraphQLObjectType, type GraphQLSchema, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { ROLES } from '../app/roles.ts';
import { EXPOSURE } from './exposure.ts';
import { command, gated, open, operationOf } from './operation.ts';
import { schema } from './schema.ts';
import { checkSchema, NAMESPACES, objectTypes, rootFields } from './schema-check.ts';

/** Our schema and one thing more. Extensions of fields survive `extendSchema`; those of new fields are given here. */
function withMore(
  sdl: string,
  extensions: { readonly [coordinate: string]: Readonly<Record<string, unknown>> } = {},
): GraphQLSchema {
  const more = extendSchema(schema, parse(sdl));
  for (const [coordinate, given] of Object.entries(extensions)) {
    const [type = '', field = ''] = coordinate.split('.');
    const found = (more.getType(type) as GraphQLObjectType).getFields()[field];
    if (found !== undefined) found.extensions = given;
  }
  return more;
}

describe('a schema', () => {
  it('that is ours is in order', () => {
    expect(() => checkSchema(schema)).not.toThrow();
    expect(() => checkSchema(withMore('scalar Nothing'))).not.toThrow();
  });

  it.each([
    ['extend type Query { free: String }', {}, 'Query.free declares no operation'],
    ['extend type Me { free: String }', {}, 'Me.free declares no operation'],
    ['extend type Mutation { free: String }', {}, 'Mutation.free declares no operation'],
    [
      'extend type Query { secret: RecordsResult }',
      { 'Query.secret': gated('noSuch' as 'policy') },
      'noSuch has no roles',
    ],
    ['extend type Query { mine: String }', { 'Query.mine': open('myCodes') }, 'cannot say to a role'],
    ['extend type Query { write: ReceiptResult }', { 'Query.write': command('denyConsent') }, 'is no command'],
    ['extend type Mutation { read: ContentResult }', { 'Mutation.read': gated('myContent') }, 'is no gated'],
    [
      'extend type Mutation { odd(id: ID): ReceiptResult }',
      { 'Mutation.odd': command('denyConsent') },
      'takes not (requestId, input)',
    ],
    ['extend type Institution { records(first: Int): Int }', {}, 'Institution.records takes arguments'],
    ['extend type Institution { records: Int }', { 'Institution.records': gated('openRecords') }, 'calls the platform'],
    ['type Secret { a: Int }', {}, 'Secret is neither open nor gated'],
    ['extend type Query { latest: RecordsResult }', { 'Query.latest': open('myRecords') }, 'reaches RecordConnection'],
    ['extend type Institution { latest: Record }', {}, 'reaches Record'],
    ['extend type PageInfo { last: TrailEntry }', {}, 'reaches TrailEntry'],
    ['extend type IssuedCode { code: String! }', {}, 'IssuedCode.code clashes with Refusal.code'],
  ])('with %s does not start', (sdl, extensions, why) => {
    expect(() => checkSchema(withMore(sdl, extensions))).toThrow(why);
  });

  it('without a field for each operation does not start', () => {
    const few = buildSchema(
      'type Query { me: Me! } type Me { a: Int } type Mutation { a: Int } type Refusal { code: Int }',
    );
    const me = (few.getType('Me') as GraphQLObjectType).getFields();
    if (me.a !== undefined) me.a.extensions = open('policy');
    const mutation = (few.getType('Mutation') as GraphQLObjectType).getFields();
    delete mutation.a;
    expect(() => checkSchema(few)).toThrow('no field calls registerResident');
  });

  it('lists exactly its own object types as open or gated', () => {
    expect(
      objectTypes(schema)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(Object.keys(EXPOSURE).sort());
  });

  it('has a field for every operation that has roles', () => {
    const declared = rootFields(schema)
      .filter(({ name }) => !NAMESPACES.has(name))
      .map(({ field }) => operationOf(field)?.operation);
    expect([...new Set(declared)].sort()).toEqual(Object.keys(ROLES).sort());
  });
});
