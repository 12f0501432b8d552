import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromEpochMs } from '../kernel/instant.ts';
import { parseFhirTime } from './fhir-time.ts';

describe('a FHIR time', () => {
  it.each([
    ['2020', '2020-01-01', '2020-12-31', '2020-01-01T00:00:00.000Z'],
    ['2020-02', '2020-02-01', '2020-02-29', '2020-02-01T00:00:00.000Z'],
    ['2021-02', '2021-02-01', '2021-02-28', '2021-02-01T00:00:00.000Z'],
    ['2020-04', '2020-04-01', '2020-04-30', '2020-04-01T00:00:00.000Z'],
    ['2020-02-29', '2020-02-29', '2020-02-29', '2020-02-29T00:00:00.000Z'],
    ['2020-03-01T07:59:59+08:00', '2020-02-29', '2020-02-29', '2020-02-29T23:59:59.000Z'],
    ['2019-12-31T23:30:00.5-04:00', '2020-01-01', '2020-01-01', '2020-01-01T03:30:00.500Z'],
    ['2020-01-01T00:00:00.1239Z', '2020-01-01', '2020-01-01', '2020-01-01T00:00:00.123Z'],
    ['2016-12-31T23:59:60Z', '2016-12-31', '2016-12-31', '2016-12-31T23:59:59.000Z'],
  ])('%s means the UTC days %s to %s and begins at %s', (text, from, to, at) => {
    expect(parseFhirTime(text)).toEqual({ from, to, at });
  });

  it.each([
    '',
    '20',
    '2020-13',
    '2020-00',
    '2020-02-30',
    '0000',
    '0000-01-01',
    '9999-12-31T23:59:59-01:00',
    '2020-01-01T00:00:00',
    '2020-01-01T24:00:00Z',
    '2020-01-01T00:00Z',
    '2020-01-01T00:00:00+15:00',
    '2020-01-01T00:00:00+01:60',
    '2020-01-01 00:00:00Z',
    ' 2020',
    '２０２０',
    5,
    null,
    undefined,
    {},
    ['2020'],
  ])('%j is none', (value) => {
    expect(parseFhirTime(value)).toBeUndefined();
  });

  it('is the same instant in every offset', () => {
    const time = fc.integer({ min: -6e13, max: 2e14 });
    fc.assert(
      fc.property(time, fc.integer({ min: -14 * 60, max: 14 * 60 }), (ms, minutes) => {
        const local = fromEpochMs(ms + minutes * 60_000).slice(0, -1);
        const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
        const offset = `${minutes < 0 ? '-' : '+'}${String(hours).padStart(2, '0')}:${String(rest).padStart(2, '0')}`;
        expect(parseFhirTime(local + offset)?.at).toBe(fromEpochMs(ms));
      }),
    );
  });
});
