import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareBytes, concat, equalBytes, fromUtf8, lp, readU32, u32, u64, utf8 } from './bytes.ts';

const bytes = fc.uint8Array({ maxLength: 40 });

describe('text and bytes', () => {
  it('go to UTF-8 and back unchanged, a byte order mark included', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(fromUtf8(utf8(text))).toBe(text);
      }),
    );
    expect(fromUtf8(utf8('\ufeffa'))).toBe('\ufeffa');
  });

  it('never lose a letter silently: lone surrogates and invalid UTF-8 throw', () => {
    expect(() => utf8('a\ud800')).toThrow(RangeError);
    expect(() => utf8('\udc00a')).toThrow(RangeError);
    for (const invalid of [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xe6, 0xac], [0xf4, 0x90, 0x80, 0x80]]) {
      expect(() => fromUtf8(Uint8Array.from(invalid))).toThrow(TypeError);
    }
  });
});

describe('text of any length, ASCII or not,', () => {
  it('has the bytes that the platform gives it, alone and behind its length', () => {
    const unit = fc.oneof(
      { weight: 60, arbitrary: fc.constantFrom('a', '/', '\u007f') },
      fc.constantFrom('\u0080', '主', '😀'),
    );
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 140, size: 'max' }), (letters) => {
        const text = letters.join('');
        const plain = new TextEncoder().encode(text);
        expect(utf8(text)).toEqual(plain);
        expect(lp(text)).toEqual(Uint8Array.of(plain.length >>> 8, plain.length & 0xff, ...plain));
      }),
    );
  });
});

describe('lp', () => {
  it('makes a joined list of parts readable in one way only', () => {
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 5 }), (parts) => {
        const joined = concat(...parts.map(lp));
        const read: Uint8Array[] = [];
        for (let at = 0; at < joined.length; ) {
          const length = ((joined[at] ?? 0) << 8) | (joined[at + 1] ?? 0);
          read.push(joined.slice(at + 2, at + 2 + length));
          at += 2 + length;
        }
        expect(read).toEqual(parts);
      }),
    );
  });

  it('counts bytes, not letters, and at most 65,535', () => {
    expect(lp('主')).toEqual(Uint8Array.of(0, 3, 0xe4, 0xb8, 0xbb));
    expect(lp(new Uint8Array(65_535)).slice(0, 2)).toEqual(Uint8Array.of(255, 255));
    expect(() => lp(new Uint8Array(65_536))).toThrow(RangeError);
  });
});

describe('integers', () => {
  it('are big-endian', () => {
    expect(u32(0x01020304)).toEqual(Uint8Array.of(1, 2, 3, 4));
    expect(u64(0x0102030405060708n)).toEqual(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
    expect(u64(2n ** 64n - 1n)).toEqual(new Uint8Array(8).fill(255));
    fc.assert(
      fc.property(fc.nat(0xffffffff), fc.nat(9), (value, at) => {
        expect(readU32(concat(new Uint8Array(at), u32(value), Uint8Array.of(7)).subarray(at), 0)).toBe(value);
      }),
    );
  });

  it('outside their range throw', () => {
    for (const value of [-1, 2 ** 32, 1.5, Number.NaN]) expect(() => u32(value)).toThrow(RangeError);
    for (const value of [-1n, 2n ** 64n]) expect(() => u64(value)).toThrow(RangeError);
  });
});

describe('comparison', () => {
  it('agrees with an independent one', () => {
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        expect(Math.sign(compareBytes(a, b))).toBe(Buffer.compare(a, b));
        expect(equalBytes(a, b)).toBe(Buffer.compare(a, b) === 0);
        expect(equalBytes(a, a.slice())).toBe(true);
      }),
    );
  });

  it('sees a difference in any one bit', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat(), fc.nat(7), (a, at, bit) => {
        const b = a.slice();
        b[at % a.length] = (b[at % a.length] ?? 0) ^ (1 << bit);
        expect(equalBytes(a, b)).toBe(false);
        expect(compareBytes(a, b)).not.toBe(0);
      }),
    );
  });
});
