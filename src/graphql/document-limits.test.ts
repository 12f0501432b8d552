import { fc, test } from '@fast-check/vitest';
import { parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import {
  checkDocument,
  MAX_ALIASES,
  MAX_DEPTH,
  MAX_DIRECTIVES,
  MAX_DOCUMENT_LETTERS,
  MAX_TOKENS,
  parseDocument,
} from './document-limits.ts';
import { ApiFault } from './fault.ts';

function faultOf(work: () => unknown): ApiFault | undefined {
  try {
    work();
  } catch (error) {
    if (error instanceof ApiFault) return error;
    throw error;
  }
  return undefined;
}
const check = (text: string, name?: string) => faultOf(() => checkDocument(parse(text), name));
const nested = (depth: number): string => `${'{ a '.repeat(depth)}${'}'.repeat(depth)}`;

describe('parsing', () => {
  it('takes a document of the most tokens and letters, and none with one more', () => {
    const tokens = (n: number): string => `{${' a'.repeat(n - 2)}}`;
    expect(faultOf(() => parseDocument(tokens(MAX_TOKENS)))).toBeUndefined();
    expect(faultOf(() => parseDocument(tokens(MAX_TOKENS + 1)))).toMatchObject({ code: 'LIMIT', status: 400 });
    const letters = (n: number): string => `{ a }${' '.repeat(n - 5)}`;
    expect(faultOf(() => parseDocument(letters(MAX_DOCUMENT_LETTERS)))).toBeUndefined();
    expect(faultOf(() => parseDocument(letters(MAX_DOCUMENT_LETTERS + 1)))).toMatchObject({ code: 'LIMIT' });
  });

  it('says where a document breaks and repeats nothing of it', () => {
    const fault = faultOf(() => parseDocument('{ a(number: "11010519491231002X }'));
    expect(fault).toMatchObject({ code: 'BAD_INPUT', details: { path: 'query' } });
    expect(fault?.details.locations).toHaveLength(1);
    expect(fault?.message).not.toContain('1101');
  });

  it.each(['', ' ', '#', '{', 'query', '}{', '\u0000', '{ a }\ud800'])('refuses %j', (text) => {
    expect(faultOf(() => parseDocument(text))?.code).toBe('BAD_INPUT');
  });
});

describe('the operation', () => {
  it('is the one that is named, or the only one', () => {
    expect(check('query A { a } query B { b }', 'A')).toBeUndefined();
    expect(check('query A { a }')).toBeUndefined();
    for (const name of [undefined, 'C', '__proto__']) {
      expect(check('query A { a } query B { b }', name)).toMatchObject({
        code: 'BAD_INPUT',
        details: { path: 'operationName' },
      });
    }
    expect(check('fragment F on Query { a }')).toMatchObject({ code: 'BAD_INPUT' });
    expect(check('type Query { a: Int }')).toMatchObject({ code: 'BAD_INPUT' });
  });

  it('is no subscription', () => {
    expect(check('subscription { a }')).toMatchObject({ code: 'BAD_INPUT' });
  });

  it('is measured, and others of the document are not', () => {
    expect(check(`query A { a } query B ${nested(MAX_DEPTH + 1)}`, 'A')).toBeUndefined();
    expect(check(`query A { a } query B ${nested(MAX_DEPTH + 1)}`, 'B')?.code).toBe('LIMIT');
  });
});

describe('depth', () => {
  it('is counted in fields, fragments written out', () => {
    expect(check(nested(MAX_DEPTH))).toBeUndefined();
    expect(check(nested(MAX_DEPTH + 1))?.code).toBe('LIMIT');
    expect(check(`{ ... { ... { ... ${nested(MAX_DEPTH)} } } }`)).toBeUndefined();
    const chain = (links: number): string =>
      `{ ...F0 } ${Array.from({ length: links }, (_, i) => `fragment F${i} on Q { a { ...F${i + 1} } }`).join(' ')} fragment F${links} on Q { a }`;
    expect(check(chain(MAX_DEPTH - 1))).toBeUndefined();
    expect(check(chain(MAX_DEPTH))?.code).toBe('LIMIT');
  });

  it('of introspection is not counted: it is off where it matters', () => {
    expect(check(`{ __schema ${nested(MAX_DEPTH + 5)} }`)).toBeUndefined();
    expect(check(`{ a ${nested(MAX_DEPTH + 5)} }`)?.code).toBe('LIMIT');
  });
});

describe('aliases and directives', () => {
  it('are counted wherever they stand', () => {
    const aliases = (n: number): string => Array.from({ length: n }, (_, i) => `x${i}: a`).join(' ');
    expect(check(`{ ${aliases(MAX_ALIASES)} }`)).toBeUndefined();
    expect(check(`{ ${aliases(MAX_ALIASES + 1)} }`)?.code).toBe('LIMIT');
    expect(check(`{ b { ${aliases(MAX_ALIASES)} } ...F } fragment F on Q { c: a }`)?.code).toBe('LIMIT');
    const directives = (n: number): string => '@skip(if: false) '.repeat(n);
    expect(check(`{ a ${directives(MAX_DIRECTIVES)} }`)).toBeUndefined();
    expect(check(`query A ${directives(1)} { a ${directives(MAX_DIRECTIVES)} }`)?.code).toBe('LIMIT');
    expect(check(`{ ... ${directives(MAX_DIRECTIVES)} { a } ...F ${directives(1)} } fragment F on Q { a }`)?.code).toBe(
      'LIMIT',
    );
  });

  it('of a fragment count each time that it is spread', () => {
    const spreads = '...F '.repeat(MAX_ALIASES + 1);
    expect(check(`{ ${'...F '.repeat(MAX_ALIASES)} } fragment F on Q { x: a }`)).toBeUndefined();
    expect(check(`{ ${spreads} } fragment F on Q { x: a }`)?.code).toBe('LIMIT');
  });

  it('of fragments of fragments are measured in no time', () => {
    const links = 60;
    const bomb = Array.from({ length: links }, (_, i) => `fragment F${i} on Q { ...F${i + 1} ...F${i + 1} }`).join(' ');
    const began = performance.now();
    expect(check(`{ ...F0 } ${bomb} fragment F${links} on Q { x: a }`)?.code).toBe('LIMIT');
    expect(performance.now() - began).toBeLessThan(1000);
  });

  it('of a fragment that spreads itself end', () => {
    expect(check('{ ...F } fragment F on Q { x: a ...G } fragment G on Q { ...F }')).toBeUndefined();
    expect(check('{ ...Absent }')).toBeUndefined();
  });
});

describe('any document', () => {
  test.prop([
    fc.array(fc.constantFrom('{', '}', ' a', ' x:', ' ...F', ' on', '(', ')', '@skip(if:true)', '"', '$v', '['), {
      maxLength: 40,
    }),
  ])('is taken or refused, and never crashes', (parts) => {
    const fault = faultOf(() => checkDocument(parseDocument(parts.join('')), undefined));
    if (fault !== undefined) expect(['BAD_INPUT', 'LIMIT']).toContain(fault.code);
  });
});
