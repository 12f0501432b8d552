import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toBase64Url } from './base64.ts';
import { Malformed } from './fault.ts';
import * as f from './field.ts';

const accepts = (field: f.Field<unknown>, value: unknown): boolean => {
  try {
    field.check(value, 'it');
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(Malformed);
    return false;
  }
};

/** What no field takes: JSON has other kinds of values, and JavaScript more. */
const STRANGERS = [undefined, null, true, 1.5, -0, Number.NaN, 2 ** 53, 1n, Symbol('a'), () => 1, new Date(0)];

const FIELDS: { readonly [name: string]: f.Field<unknown> } = {
  text: f.text(10),
  pattern: f.pattern(/^[a-z]+$/, 'word'),
  integer: f.integer(-5, 5),
  oneOf: f.oneOf('a', 'b'),
  instant: f.instant(),
  day: f.day(),
  id16: f.id16(),
  label: f.label(),
  streamName: f.streamName(),
  mark: f.mark(),
  bytes32: f.bytes32(),
  list: f.list(f.integer(0, 9), 3),
  setOf: f.setOf(f.text(3), 3),
  object: f.object({ a: f.integer(0, 9) }),
  optional: f.optional(f.text(10)),
  refined: f.refined(f.integer(0, 9), (n) => n % 2 === 0, 'odd'),
};

describe.each(Object.entries(FIELDS))('a field of kind %s', (_, field) => {
  it('takes no null, boolean, fraction, minus zero, big number, or thing that JSON has not', () => {
    for (const value of STRANGERS) expect(accepts(field, value)).toBe(false);
  });

  it('prints a shape of its own', () => {
    expect(field.shape).toBeDefined();
  });
});

it('no two kinds of field print the same shape', () => {
  const shapes = Object.entries(FIELDS)
    .filter(([name]) => name !== 'optional')
    .map(([, field]) => JSON.stringify(field.shape));
  expect(new Set(shapes).size).toBe(shapes.length);
});

describe('text', () => {
  it('is 1 to max UTF-16 units, well-formed and without NUL, and comes back unchanged', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', '主', '😀', '\ud800', '\udc00', '\u0000', ' '), maxLength: 12 }),
        (value) => {
          const good = value.length >= 1 && value.length <= 10 && value.isWellFormed() && !value.includes('\u0000');
          expect(accepts(f.text(10), value)).toBe(good);
          if (good) expect(f.text(10).check(value, 'it')).toBe(value);
        },
      ),
    );
  });
});

describe('an integer', () => {
  it('stands between its ends, both included', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.maxSafeInteger(), fc.maxSafeInteger(), (a, b, value) => {
        const [min, max] = a < b ? [a, b] : [b, a];
        expect(accepts(f.integer(min, max), value)).toBe(min <= value && value <= max);
        expect(accepts(f.integer(min, max), min) && accepts(f.integer(min, max), max)).toBe(true);
        expect(accepts(f.integer(min, max), `${min}`)).toBe(false);
      }),
    );
  });
});

describe('a digest', () => {
  it('is exactly 32 bytes in base64url', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 30, maxLength: 34 }), (bytes) => {
        expect(accepts(f.bytes32(), toBase64Url(bytes))).toBe(bytes.length === 32);
        expect(accepts(f.mark(), toBase64Url(bytes))).toBe(bytes.length === 32);
      }),
    );
    expect(accepts(f.bytes32(), `${'A'.repeat(42)}B`)).toBe(false);
    expect(accepts(f.mark(), `${'A'.repeat(42)}=`)).toBe(false);
  });
});

describe('lists and sets', () => {
  const item = f.integer(0, 9);

  it('have between min and max items, each of them checked', () => {
    expect(accepts(f.list(item, 3, 1), [])).toBe(false);
    expect(accepts(f.list(item, 3, 1), [1, 1, 0])).toBe(true);
    expect(accepts(f.list(item, 3, 1), [1, 2, 3, 4])).toBe(false);
    expect(accepts(f.list(item, 3, 1), [1, 10])).toBe(false);
    expect(accepts(f.list(item, 3, 1), { 0: 1, length: 1 })).toBe(false);
  });

  it('of the second kind stand in ascending order without doubles', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ minLength: 1, maxLength: 2, unit: 'grapheme-ascii' }), { maxLength: 5 }),
        (items) => {
          const sorted = [...new Set(items)].sort();
          expect(accepts(f.setOf(f.text(2), 5), sorted)).toBe(true);
          expect(accepts(f.setOf(f.text(2), 5), items)).toBe(JSON.stringify(items) === JSON.stringify(sorted));
        },
      ),
    );
  });
});

describe('an object', () => {
  const shape = f.object({ a: f.integer(0, 9), b: f.optional(f.text(3)), c: f.object({ d: f.day() }) });
  const good = { a: 1, c: { d: '2026-11-22' } };

  it('has exactly the declared keys; optional ones may be absent', () => {
    expect(shape.check(good, 'it')).toEqual(good);
    expect(shape.check({ ...good, b: 'x' }, 'it')).toEqual({ ...good, b: 'x' });
    expect(accepts(shape, { ...good, e: 1 })).toBe(false);
    expect(accepts(shape, { ...good, c: { d: '2026-11-22', e: 1 } })).toBe(false);
    expect(accepts(shape, { a: 1 })).toBe(false);
    expect(accepts(shape, { ...good, b: null })).toBe(false);
    expect(accepts(shape, JSON.parse('{"a":1,"c":{"d":"2026-11-22"},"__proto__":{}}'))).toBe(false);
    expect(accepts(shape, [good])).toBe(false);
  });

  it('does not take a key that only a prototype has', () => {
    expect(accepts(shape, Object.create(good))).toBe(false);
    expect(accepts(f.object({ toString: f.text(9) }), {})).toBe(false);
  });

  it('names the place of what is wrong, never the value', () => {
    expect(() => shape.check({ ...good, c: { d: '欧阳' } }, 'personal')).toThrow(
      new Malformed('personal.c.d', 'not day'),
    );
  });

  it('prints every field, optional ones with a question mark', () => {
    expect(shape.shape).toEqual({ a: 'integer(0..9)', 'b?': 'text(1..3)', c: { d: 'day' } });
  });
});

describe('a refined field', () => {
  it('takes what holds, and says why not', () => {
    const even = f.refined(f.integer(0, 9), (n) => n % 2 === 0, 'odd');
    expect(even.check(4, 'it')).toBe(4);
    expect(() => even.check(5, 'it')).toThrow(new Malformed('it', 'odd'));
    expect(() => even.check(10, 'it')).toThrow(new Malformed('it', 'not an integer from 0 to 9'));
  });
});
