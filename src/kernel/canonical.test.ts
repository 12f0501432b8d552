import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromUtf8, utf8 } from './bytes.ts';
import { type Canonical, canonicalBytes, MAX_CANONICAL_DEPTH, parseCanonical } from './canonical.ts';
import { Malformed } from './fault.ts';

const text = fc.string({ unit: 'binary', maxLength: 12 });
const { value } = fc.letrec<{ value: Canonical }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', maxDepth: 6 },
    text,
    fc.maxSafeInteger(),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(text, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

/** RFC 8785 written once more, for the values that a compartment may hold. */
function naive(item: Canonical): string {
  if (typeof item !== 'object') return JSON.stringify(item);
  if (Array.isArray(item)) return `[${item.map(naive).join(',')}]`;
  const keys = Object.keys(item).sort((a, b) => (a < b ? -1 : 1));
  return `{${keys.map((key) => `${JSON.stringify(key)}:${naive((item as Record<string, Canonical>)[key] ?? '')}`).join(',')}}`;
}

describe('canonical bytes', () => {
  it('are those of RFC 8785 and read back as the same value', () => {
    fc.assert(
      fc.property(value, (given) => {
        const bytes = canonicalBytes(given);
        expect(fromUtf8(bytes)).toBe(naive(given));
        expect(fromUtf8(bytes)).toBe(canonicalize(given));
        expect(parseCanonical(bytes)).toEqual(given);
      }),
    );
  });

  it('do not depend on the order in which keys were set', () => {
    fc.assert(
      fc.property(fc.dictionary(text, fc.integer(), { noNullPrototype: true }), (given) => {
        const reversed = Object.fromEntries(Object.entries(given).reverse());
        expect(canonicalBytes(reversed)).toEqual(canonicalBytes(given));
      }),
    );
  });

  it('changed in any one byte are refused or are another value', () => {
    fc.assert(
      fc.property(value, fc.nat(), fc.integer({ min: 1, max: 255 }), (given, at, by) => {
        const bytes = canonicalBytes(given);
        bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ by;
        try {
          expect(parseCanonical(bytes)).not.toEqual(given);
        } catch (error) {
          expect(error).toBeInstanceOf(Malformed);
        }
      }),
    );
  });

  it('are the only bytes accepted: whatever JSON is read is printed again as it was', () => {
    const spelt = fc
      .tuple(value, fc.constantFrom(undefined, 1, '\t'))
      .map(([given, indent]) => utf8(JSON.stringify(given, undefined, indent)));
    fc.assert(
      fc.property(spelt, (bytes) => {
        let read: Canonical;
        try {
          read = parseCanonical(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(Malformed);
          return;
        }
        expect(canonicalBytes(read)).toEqual(bytes);
      }),
    );
  });

  it('exist for text, integers, lists and plain objects only', () => {
    const none: unknown[] = [
      1.5,
      -0,
      2 ** 53,
      -(2 ** 53),
      Number.NaN,
      Number.POSITIVE_INFINITY,
      true,
      null,
      undefined,
      1n,
      Symbol('a'),
      () => 1,
      new Date(0),
      new Map(),
      Uint8Array.of(1),
      'a\ud800',
      { '\udc00': 1 },
      { a: undefined },
      [1, undefined],
      new Array(2),
      { toJSON: () => 'a' },
    ];
    for (const given of none) {
      expect(() => canonicalBytes(given as Canonical)).toThrow(Malformed);
      expect(() => canonicalBytes({ a: [given as Canonical] })).toThrow(Malformed);
    }
  });

  it('end at a depth that neither writer nor reader recurses beyond', () => {
    const nested = (depth: number): Canonical => {
      let inner: Canonical = 1;
      for (let i = 0; i < depth; i++) inner = i % 2 === 0 ? [inner] : { a: inner };
      return inner;
    };
    expect(parseCanonical(canonicalBytes(nested(MAX_CANONICAL_DEPTH)))).toEqual(nested(MAX_CANONICAL_DEPTH));
    expect(() => canonicalBytes(nested(MAX_CANONICAL_DEPTH + 1))).toThrow(Malformed);
    const circle: Canonical[] = [];
    circle.push(circle);
    expect(() => canonicalBytes(circle)).toThrow(Malformed);
    for (const open of ['[', '{"a":']) {
      expect(() => parseCanonical(utf8(open.repeat(1_000_000)))).toThrow('nested too deeply');
    }
    expect(parseCanonical(utf8(`"${'['.repeat(100)}\\"${'['.repeat(100)}"`))).toBe(
      `${'['.repeat(100)}"${'['.repeat(100)}`,
    );
  });

  it('that are refused name the place, never the value', () => {
    expect(() => canonicalBytes({ name: ['欧阳', 1.5] }, 'personal')).toThrow(
      new Malformed('personal.name[1]', 'not an integer of at most 53 bits'),
    );
  });
});
