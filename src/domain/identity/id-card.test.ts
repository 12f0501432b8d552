import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { idCardCheckDigit, parseIdCard } from './id-card.ts';

/** An independent implementation; it knows regions of 2008 and no lengths of months. */
const load = createRequire(import.meta.url);
const IdValidator = load('id-validator') as new () => { isValid(id: string): boolean };
const oracle = new IdValidator();

const digits = (length: number) => fc.stringMatching(new RegExp(`^\\d{${length}}$`));
const birthDate = fc
  .date({ min: new Date('1900-01-01'), max: new Date('2030-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10).replaceAll('-', ''));
const first17 = fc
  .tuple(fc.constantFrom('110101', '520102', '440301', '650101', '830000'), birthDate, digits(3))
  .map((parts) => parts.join(''));

describe('an ID card number (GB 11643)', () => {
  it('is read as the published samples say', () => {
    expect(parseIdCard('11010519491231002X')).toEqual({
      number: '11010519491231002X',
      region: '110105',
      birthDate: '1949-12-31',
      sex: 'female',
    });
    expect(parseIdCard('11010020171225006X')).toEqual({
      number: '11010020171225006X',
      region: '110100',
      birthDate: '2017-12-25',
      sex: 'female',
    });
    expect(parseIdCard('440524188001010014')?.sex).toBe('male');
  });

  it('is accepted exactly with the check character that an independent implementation accepts', () => {
    fc.assert(
      fc.property(first17, fc.constantFrom(...'0123456789X'), (body, check) => {
        expect(parseIdCard(body + check) !== undefined).toBe(oracle.isValid(body + check));
        expect(idCardCheckDigit(body) === check).toBe(oracle.isValid(body + check));
      }),
    );
  });

  it('with one digit changed, or two neighbours swapped, is no number', () => {
    fc.assert(
      fc.property(first17, fc.nat(16), fc.integer({ min: 1, max: 9 }), (body, at, by) => {
        const number = body + idCardCheckDigit(body);
        const other = String((Number(number[at]) + by) % 10);
        expect(parseIdCard(number.slice(0, at) + other + number.slice(at + 1))).toBeUndefined();
        const swapped = number.slice(0, at) + number.charAt(at + 1) + number.charAt(at) + number.slice(at + 2);
        if (swapped !== number) expect(parseIdCard(swapped)).toBeUndefined();
      }),
    );
  });

  it('of 15 digits becomes the one of 18 with the same region, day and serial', () => {
    expect(parseIdCard('110105491231002')).toEqual(parseIdCard('11010519491231002X'));
    fc.assert(
      fc.property(first17, (body) => {
        const old = body.slice(0, 6) + body.slice(8);
        const parsed = parseIdCard(old);
        if (parsed === undefined) return; // 29 February of a year that is no leap year in the 20th century
        const century = Number(body.slice(14)) >= 996 ? '18' : '19';
        expect(parsed.number.slice(0, 17)).toBe(`${body.slice(0, 6)}${century}${body.slice(8)}`);
        expect(parseIdCard(parsed.number)).toEqual(parsed);
      }),
    );
  });

  it('names a day of the calendar, a known province and nothing else', () => {
    const withCheck = (body: string) => body + idCardCheckDigit(body);
    expect(parseIdCard(withCheck('11010519490229001'))).toBeUndefined();
    expect(parseIdCard(withCheck('11010520000229001'))?.birthDate).toBe('2000-02-29');
    expect(parseIdCard(withCheck('11010519491301001'))).toBeUndefined();
    expect(parseIdCard(withCheck('11010517991231001'))).toBeUndefined();
    expect(parseIdCard(withCheck('99010519491231001'))).toBeUndefined();
    for (const text of [
      '',
      '11010519491231002x',
      ' 11010519491231002X',
      '1101051949123100',
      '１１０１０５４９１２３１００２',
    ]) {
      expect(parseIdCard(text)).toBeUndefined();
    }
  });

  it('has a check character for 17 digits only', () => {
    expect(() => idCardCheckDigit('1101051949123100')).toThrow(RangeError);
    expect(() => idCardCheckDigit('1101051949123100X')).toThrow(RangeError);
  });
});
