import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseBase64, parseBase64Url, parseHex, toBase64, toBase64Url, toHex } from './base64.ts';

const bytes = fc.uint8Array({ maxLength: 100 });

/** Our codec, the letters near its own, and an independent encoder. */
const CODECS = [
  {
    name: 'standard base64',
    to: toBase64,
    parse: parseBase64,
    letters: 'ABYZabyz0189+/=-_ \n',
    oracle: (value: Uint8Array) => Buffer.from(value).toString('base64'),
  },
  {
    name: 'base64url',
    to: toBase64Url,
    parse: parseBase64Url,
    letters: 'ABYZabyz0189-_+/= \n',
    oracle: (value: Uint8Array) => Buffer.from(value).toString('base64url'),
  },
  {
    name: 'hex',
    to: toHex,
    parse: parseHex,
    letters: '0123456789abcdefABgx ',
    oracle: (value: Uint8Array) => Buffer.from(value).toString('hex'),
  },
] as const;

describe.each(CODECS)('$name', ({ to, parse, letters, oracle }) => {
  it('prints what an independent encoder prints, and reads it back', () => {
    fc.assert(
      fc.property(bytes, (value) => {
        expect(to(value)).toBe(oracle(value));
        expect(parse(to(value))).toEqual(value);
      }),
    );
  });

  it('accepts exactly what its encoder prints', () => {
    const near = fc.string({ unit: fc.constantFrom(...letters), maxLength: 12 });
    fc.assert(
      fc.property(near, (text) => {
        const value = parse(text);
        if (value !== undefined) expect(to(value)).toBe(text);
      }),
      { numRuns: 2000 },
    );
  });

  it('refuses its own text with one letter changed into a letter of no alphabet', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 40 }),
        fc.nat(),
        fc.constantFrom('*', 'é', '\u0000', '４'),
        (value, at, stray) => {
          const text = to(value);
          const i = at % text.length;
          expect(parse(text.slice(0, i) + stray + text.slice(i + 1))).toBeUndefined();
        },
      ),
    );
  });
});

it('every one and two letter ending has one spelling of the sixteen or four that lax decoders take', () => {
  const endings = (length: number) => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    return [...alphabet].filter((last) => parseBase64Url('A'.repeat(length - 1) + last) !== undefined).length;
  };
  expect(endings(2)).toBe(4);
  expect(endings(3)).toBe(16);
  expect(endings(4)).toBe(64);
});
