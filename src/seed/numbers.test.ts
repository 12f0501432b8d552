import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseIdCard } from '../domain/identity/id-card.ts';
import { inventedIdCard, MAX_RESIDENTS } from './id-number.ts';
import { randomOf } from './random.ts';
import { COUNTIES, PREFECTURES, placeName } from './region.ts';
import { inventedUscc, organisationCheck, usccCheck } from './uscc.ts';

/** Independent implementations and an older copy of GB/T 2260. */
const load = createRequire(import.meta.url);
const IdValidator = load('id-validator') as new () => { isValid(id: string): boolean };
const regionsOf2008 = load('id-validator/src/GB2260.js') as Readonly<Record<string, string>>;

describe('regions', () => {
  it('are the 88 counties and 9 prefectures of Guizhou, each code once', () => {
    expect([PREFECTURES.length, COUNTIES.length, new Set(COUNTIES.map(({ code }) => code)).size]).toEqual([9, 88, 88]);
    for (const { code, name, prefecture } of COUNTIES) {
      expect(code).toMatch(/^52\d{4}$/);
      expect(code.slice(0, 4)).toBe(prefecture.code.slice(0, 4));
      expect(name).toMatch(/[区县市]$/);
    }
  });

  it('bear the names that an independent, older table gives to their codes', () => {
    const known = COUNTIES.filter(({ code }) => regionsOf2008[code] !== undefined);
    expect(known.length).toBeGreaterThan(50);
    for (const county of known) expect(placeName(county)).toBe(regionsOf2008[county.code]);
  });
});

describe('organisation codes', () => {
  it('have the check characters of codes that are public', () => {
    for (const code of ['91350100M000100Y43', '9144030071526726XG', '914403001922038216', '91330100799655058B']) {
      expect(usccCheck(code.slice(0, 17))).toBe(code.slice(17));
      expect(organisationCheck(code.slice(8, 16))).toBe(code.charAt(16));
    }
  });

  it('are invented with a body that nobody has, and fail when any character changes', () => {
    const alphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY';
    fc.assert(
      fc.property(fc.nat(9_999_999), fc.nat(16), fc.integer({ min: 1, max: 30 }), (n, at, by) => {
        const code = inventedUscc('520102', String(n).padStart(7, '0'));
        expect(code).toMatch(/^12520102X\d{7}[\dX][0-9A-HJ-NPQRTUWXY]$/);
        expect(usccCheck(code.slice(0, 17))).toBe(code.slice(17));
        const other = alphabet.charAt((alphabet.indexOf(code.charAt(at)) + by) % 31);
        expect(usccCheck(code.slice(0, at) + other + code.slice(at + 1, 17))).not.toBe(code.slice(17));
      }),
    );
    expect(() => inventedUscc('52010', '0000000')).toThrow(RangeError);
    expect(() => usccCheck('I'.repeat(17))).toThrow(RangeError);
    expect(() => organisationCheck('1234567')).toThrow(RangeError);
  });
});

describe('invented ID card numbers', () => {
  it('are valid, say what the person is, and cannot have been issued', () => {
    const oracle = new IdValidator();
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 8 }), fc.nat(MAX_RESIDENTS - 1), (seed, i) => {
        fc.pre(seed.isWellFormed());
        const { number, birthDate, sex } = inventedIdCard(seed, i);
        expect(parseIdCard(number)).toEqual({ number, region: number.slice(0, 6), birthDate, sex });
        expect(oracle.isValid(number)).toBe(true);
        expect(number.slice(14, 17)).toMatch(/^99[6-9]$/);
        expect(number.slice(4, 6)).toBe('00');
        expect(birthDate > '1931').toBe(true);
        expect(PREFECTURES.some(({ code }) => number.startsWith(code))).toBe(true);
      }),
    );
  });

  it('are different for different residents', () => {
    const numbers = new Set(Array.from({ length: 20_000 }, (_, i) => inventedIdCard('s', i * 59).number));
    expect(numbers.size).toBe(20_000);
    expect(() => inventedIdCard('s', MAX_RESIDENTS)).toThrow(RangeError);
    expect(() => inventedIdCard('s', -1)).toThrow(RangeError);
  });
});

describe('a stream of choices', () => {
  it('depends on its label alone', () => {
    const draw = (label: string) => {
      const random = randomOf(label);
      return [random.int(1000), random.pick(['a', 'b', 'c']), random.percent(50), random.uuid(), random.int(7)];
    };
    expect(draw('x')).toEqual(draw('x'));
    expect(draw('x')).not.toEqual(draw('y'));
    // Written down once: another machine or Node must draw the same.
    expect(draw('pinned')).toEqual([627, 'a', true, '4ccd7a9b-72d5-4117-ad98-c34617947ec7', 6]);
  });

  it('stays in range and favours nothing', () => {
    const random = randomOf('even');
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 10_000; i++) {
      const n = random.int(10);
      expect(Number.isInteger(n) && n >= 0 && n < 10).toBe(true);
      counts[n] = (counts[n] ?? 0) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150);
    expect(random.uuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(() => random.pick([])).toThrow(RangeError);
  });
});
