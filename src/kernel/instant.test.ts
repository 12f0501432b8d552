import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Malformed } from './fault.ts';
import {
  addMs,
  dayOf,
  earliest,
  fromEpochMs,
  isDay,
  isInstant,
  latest,
  parseDay,
  parseInstant,
  toEpochMs,
  yearOf,
} from './instant.ts';

const FIRST = Date.parse('0000-01-01T00:00:00.000Z');
const LAST = Date.parse('9999-12-31T23:59:59.999Z');
const ms = fc.integer({ min: FIRST, max: LAST });

describe('an instant', () => {
  it('agrees with Date on every millisecond of the years 0000 to 9999', () => {
    fc.assert(
      fc.property(ms, (at) => {
        const instant = fromEpochMs(at);
        expect(instant).toBe(new Date(at).toISOString());
        expect(toEpochMs(instant)).toBe(at);
        expect(dayOf(instant)).toBe(instant.slice(0, 10));
        expect(yearOf(instant)).toBe(new Date(at).getUTCFullYear());
      }),
      { numRuns: 2000, examples: [[FIRST], [LAST], [0], [-1], [Date.parse('2000-02-29T23:59:59.999Z')]] },
    );
  });

  it('agrees with Date on the last and first day of each month of 400 years', () => {
    for (let year = 1900; year < 2300; year++) {
      for (let month = 0; month < 12; month++) {
        for (const at of [Date.UTC(year, month, 1), Date.UTC(year, month, 1) - 1]) {
          expect(fromEpochMs(at)).toBe(new Date(at).toISOString());
        }
      }
    }
  });

  it('outside those years, or that is no number, throws', () => {
    for (const at of [FIRST - 1, LAST + 1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => fromEpochMs(at)).toThrow(RangeError);
    }
  });

  it('stands in text order as in time order', () => {
    fc.assert(
      fc.property(ms, ms, (a, b) => {
        const [x, y] = [fromEpochMs(a), fromEpochMs(b)];
        expect(x < y).toBe(a < b);
        expect(earliest(x, y)).toBe(fromEpochMs(Math.min(a, b)));
        expect(latest(x, y)).toBe(fromEpochMs(Math.max(a, b)));
        expect(addMs(x, b - a)).toBe(y);
      }),
    );
  });

  it('has one spelling', () => {
    const digits = (length: number) => fc.stringMatching(new RegExp(`^[0-9]{${length}}$`));
    const shaped = fc
      .tuple(digits(4), digits(2), digits(2), digits(2), digits(2), digits(2), digits(3))
      .map(([y, mo, d, h, mi, s, f]) => `${y}-${mo}-${d}T${h}:${mi}:${s}.${f}Z`);
    fc.assert(
      fc.property(shaped, (text) => {
        const at = Date.parse(text);
        const known = !Number.isNaN(at) && new Date(at).toISOString() === text;
        expect(isInstant(text)).toBe(known);
        expect(isDay(text.slice(0, 10))).toBe(
          new Date(`${text.slice(0, 10)}T00:00:00.000Z`).toString() !== 'Invalid Date' &&
            new Date(`${text.slice(0, 10)}T00:00:00.000Z`).toISOString().startsWith(text.slice(0, 10)),
        );
      }),
      { numRuns: 1000 },
    );
    for (const text of [
      '2026-11-22T03:04:05Z',
      '2026-11-22T03:04:05.67Z',
      '2026-11-22T03:04:05.678+00:00',
      '2026-11-22t03:04:05.678z',
      '2026-11-22 03:04:05.678Z',
      '2026-11-22T03:04:05.678Z\n',
      '+02026-11-22T03:04:05.678Z',
      '2026-12-31T23:59:60.000Z',
      '2026-11-22T24:00:00.000Z',
      '２０２６-11-22T03:04:05.678Z',
    ]) {
      expect(() => parseInstant(text)).toThrow(Malformed);
    }
    for (const text of [
      '2025-02-29',
      '1900-02-29',
      '2026-04-31',
      '2026-00-10',
      '2026-10-00',
      '2026-1-1',
      '2026-10-10Z',
    ]) {
      expect(() => parseDay(text)).toThrow(Malformed);
    }
    expect(parseDay('2000-02-29')).toBe('2000-02-29');
  });
});
