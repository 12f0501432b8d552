import { getOperationAST, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { COSTS, checkCost, MAX_COST } from './cost.ts';
import { ApiFault } from './fault.ts';
import { schema } from './schema.ts';
import { coerceVariables } from './variables.ts';

/** The cost of a valid document, found by how much of an unpaged field can be added before it is refused. */
function isAllowed(text: string, variables: Record<string, unknown> = {}): boolean {
  const document = parse(text);
  expect(validate(schema, document)).toEqual([]);
  const operation = getOperationAST(document);
  if (operation === null || operation === undefined) throw new Error('no operation');
  try {
    checkCost(schema, document, operation, coerceVariables(schema, operation, variables));
    return true;
  } catch (error) {
    if (error instanceof ApiFault && error.code === 'LIMIT') return false;
    throw error;
  }
}

const RECORDS = '... on RecordConnection { totalCount edges { node { title custodian { name } } } }';
const many = (n: number, field: (i: number) => string): string =>
  Array.from({ length: n }, (_, i) => field(i)).join(' ');
const page = (i: number, first: number): string =>
  `p${i}: records(code: "c", purpose: TREAT, first: ${first}) { ${RECORDS} }`;

/** Verifications that fill up what is left: the document costs exactly what the rest says. */
function expectCost(fields: string, cost: number, variables: Record<string, unknown> = {}, definition = 'query'): void {
  const left = Math.floor((MAX_COST - cost) / COSTS.gated);
  const more = (n: number): string =>
    `${definition} { ${fields} ${many(n, (i) => `v${i}: verifyCode(code: "c") { __typename }`)} }`;
  expect(isAllowed(more(left), variables)).toBe(true);
  expect(isAllowed(more(left + 1), variables)).toBe(false);
}

describe('the cost of a request', () => {
  it('is that of each call: gated 10, open 2, command 20, and first for a page', () => {
    expectCost(page(0, 200), 210);
    expectCost('records(code: "c", purpose: TREAT) { __typename }', 30);
    expectCost('content(code: "c", purpose: TREAT, record: "r") { __typename }', 10);
    expectCost('me { consents(first: 8) { __typename } accessLog(first: 100) { __typename } }', 10 + 110);
    expectCost('me { codes { __typename } } policy { hash } institution(id: "i") { name }', 6);
    const commands = (n: number): string =>
      `mutation { ${many(n, (i) => `c${i}: resumeCode(requestId: "12345678", input: {}) { __typename }`)} }`;
    expect(isAllowed(commands(MAX_COST / COSTS.command))).toBe(true);
    expect(isAllowed(commands(MAX_COST / COSTS.command + 1))).toBe(false);
  });

  it('of several codes is that of each code', () => {
    expectCost('recordsOfSeveral(codes: ["a", "b", "c"], purpose: TREAT, first: 40) { __typename }', 3 * 50);
  });

  it('counts what is skipped and what fragments bring, each time', () => {
    expectCost('me @skip(if: true) { records(first: 100) { __typename } }', 110);
    expectCost('... on Query { me { ... on Me { a: records(first: 100) { __typename } } } }', 110);
    const fragments = '{ me { ...R } again: me { ...R } } fragment R on Me { records(first: 200) { __typename } }';
    expect(isAllowed(fragments)).toBe(true);
    const six = `{ ${many(6, (i) => `m${i}: me { ...R }`)} } fragment R on Me { records(first: 200) { __typename } }`;
    expect(isAllowed(six)).toBe(false);
  });

  it('is reckoned with the variables, their defaults included', () => {
    const text = (declared: string) =>
      `query ($n: Int${declared}) { ${many(6, (i) => `p${i}: records(code: "c", purpose: TREAT, first: $n) { __typename }`)} }`;
    expect(isAllowed(text(''), { n: 190 })).toBe(true);
    expect(isAllowed(text(''), { n: 191 })).toBe(false);
    expect(isAllowed(text(' = 200'))).toBe(false);
    expect(isAllowed(text(' = 200'), { n: 1 })).toBe(true);
    expect(isAllowed(text(''))).toBe(true);
    expect(isAllowed(text(''), { n: null })).toBe(true);
    const codes = `query ($c: [String!]!) { recordsOfSeveral(codes: $c, purpose: TREAT, first: 50) { __typename } }`;
    expect(isAllowed(codes, { c: Array(20).fill('c') })).toBe(true);
    expect(isAllowed(codes, { c: Array(21).fill('c') })).toBe(false);
  });

  it('is not lowered by a page of less than nothing', () => {
    expect(isAllowed(`{ ${page(0, -100_000)} ${many(7, (i) => page(i + 1, 200))} }`)).toBe(false);
  });

  it('of fragments of fragments is reckoned in no time', () => {
    const links = 40;
    const bomb = many(links, (i) => `fragment F${i} on Me { ...F${i + 1} ...F${i + 1} }`);
    const began = performance.now();
    expect(isAllowed(`{ me { ...F0 } } ${bomb} fragment F${links} on Me { codes { __typename } }`)).toBe(false);
    expect(performance.now() - began).toBeLessThan(2000);
  });
});
