import { getOperationAST, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { ApiFault } from './fault.ts';
import { schema } from './schema.ts';
import { coerceVariables } from './variables.ts';

function coerce(definitions: string, variables: Record<string, unknown>): Record<string, unknown> {
  const operation = getOperationAST(parse(`query (${definitions}) { __typename }`));
  if (operation === null || operation === undefined) throw new Error('no operation');
  return coerceVariables(schema, operation, variables);
}

function refused(definitions: string, variables: Record<string, unknown>): ApiFault {
  try {
    coerce(definitions, variables);
  } catch (error) {
    if (error instanceof ApiFault) return error;
    throw error;
  }
  throw new Error('was not refused');
}

const RESIDENT = { region: '110000', name: 'A', documents: [{ type: '01', number: '1' }] };

describe('variables', () => {
  it('are what resolvers see: enums by wire name, defaults filled in', () => {
    expect(
      coerce('$c: [Category!], $p: Purpose = TREAT, $n: Int = 3, $absent: Int', { c: ['DIAGNOSTIC_REPORT'], n: null }),
    ).toEqual({ c: ['diagnostic-report'], p: 'TREAT', n: null });
    expect(coerce('$i: RegisterResidentInput!', { i: RESIDENT, more: 'ignored' })).toEqual({ i: RESIDENT });
  });

  it.each([
    ['$c: String!', {}, '$c', /is missing: String! is needed/],
    ['$c: String!', { c: null }, '$c', /Expected non-nullable type "String!" not to be null/],
    ['$c: String!', { c: 11010519491231 }, '$c', /does not fit its type/],
    ['$p: Purpose!', { p: 'SNOOP' }, '$p', /does not fit its type/],
    ['$p: Purpose!', { p: 'diagnostic-report' }, '$p', /does not fit its type/],
    ['$n: Int', { n: 1.5 }, '$n', /does not fit its type/],
    ['$n: Int', { n: 2 ** 40 }, '$n', /does not fit its type/],
    ['$t: Instant', { t: '2026-11-22T03:04:05Z' }, '$t', /does not fit its type/],
    ['$d: Day', { d: '2026-02-30' }, '$d', /does not fit its type/],
    [
      '$i: RegisterResidentInput!',
      { i: { ...RESIDENT, documents: [{ type: '01' }] } },
      '$i.documents[0]',
      /Field "number" of required type/,
    ],
    [
      '$i: RegisterResidentInput!',
      { i: { ...RESIDENT, 'PLANTED-11010519491231002X': 1 } },
      '$i',
      /does not fit its type/,
    ],
    ['$i: RegisterResidentInput!', { i: { ...RESIDENT, sex: 'PLANTED' } }, '$i.sex', /does not fit its type/],
    ['$i: RegisterResidentInput!', { i: 'PLANTED' }, '$i', /does not fit its type/],
    ['$l: [String!]!', { l: ['a', null] }, '$l[1]', /Expected non-nullable type/],
  ])('%s of %j are refused at %s, and the value is not repeated', (definitions, variables, path, why) => {
    const fault = refused(definitions, variables);
    expect(fault).toMatchObject({ code: 'BAD_INPUT', details: { path } });
    expect(fault.message).toMatch(why);
    expect(fault.message).not.toMatch(/PLANTED|1101|SNOOP|02-30/);
  });

  it('named like what every object has are variables like others', () => {
    const own = JSON.parse('{"__proto__": "x", "constructor": 1}') as Record<string, unknown>;
    expect(coerce('$a: String', own)).toEqual({});
    expect(refused('$constructor: String', own).details.path).toBe('$constructor');
    expect(refused('$toString: String!', {}).details.path).toBe('$toString');
  });
});
