import { describe, expect, it } from 'vitest';
import { CLINIC, day, HOSPITAL } from '../../../test/support/domain-samples.ts';
import { LABELS } from '../terms.ts';
import { forbiddenLabels, type Row, type Scope, scopeCovers, within } from './covers.ts';

const SCOPE: Scope = {
  kind: 'grant',
  id: 'a',
  categories: ['imaging', 'outpatient'],
  period: { from: day('2026-01-01'), to: day('2026-06-30') },
  custodian: HOSPITAL,
  labels: ['HIV', 'R'],
};
const ROW: Row = {
  category: 'imaging',
  period: { from: day('2026-01-01'), to: day('2026-06-30') },
  custodian: HOSPITAL,
  labels: ['HIV'],
};
const sees = (row: Partial<Row>) => scopeCovers(SCOPE, { ...ROW, ...row });

describe('a scope covers a record', () => {
  it('of one of its categories, of its custodian, all of whose days lie within its period', () => {
    expect(sees({})).toBe(true);
    expect(sees({ category: 'invoice' })).toBe(false);
    expect(sees({ custodian: CLINIC })).toBe(false);
    expect(sees({ period: { from: day('2025-12-31'), to: day('2026-01-01') } })).toBe(false);
    expect(sees({ period: { from: day('2026-06-30'), to: day('2026-07-01') } })).toBe(false);
    expect(sees({ period: { from: day('2026-03-01'), to: day('2026-03-01') } })).toBe(true);
  });

  it('whose every label it names: one that it does not name hides it', () => {
    expect(sees({ labels: [] })).toBe(true);
    expect(sees({ labels: ['HIV', 'R'] })).toBe(true);
    expect(sees({ labels: ['HIV', 'PSY'] })).toBe(false);
    expect(sees({ labels: ['V'] })).toBe(false);
  });

  it('whatever its period and custodian, where it has none', () => {
    const { period: _, custodian: __, ...open } = SCOPE;
    expect(
      scopeCovers(open, { ...ROW, custodian: CLINIC, period: { from: day('1900-01-01'), to: day('2100-01-01') } }),
    ).toBe(true);
  });
});

it('forbids every label that it does not name, so that a query can leave out their marks', () => {
  expect(forbiddenLabels(SCOPE)).toEqual(LABELS.filter((label) => label !== 'HIV' && label !== 'R'));
  expect(forbiddenLabels({ ...SCOPE, labels: LABELS })).toEqual([]);
  expect(forbiddenLabels({ ...SCOPE, labels: [] })).toEqual(LABELS);
});

describe('the selected part of a scope', () => {
  it('is what both have, and never more', () => {
    expect(within(SCOPE, {})).toEqual(SCOPE);
    expect(within(SCOPE, { categories: ['imaging', 'invoice'] })).toEqual({ ...SCOPE, categories: ['imaging'] });
    expect(within(SCOPE, { period: { from: day('2026-06-01'), to: day('2026-12-31') } })).toEqual({
      ...SCOPE,
      period: { from: '2026-06-01', to: '2026-06-30' },
    });
  });

  it('is none where they have nothing in common', () => {
    expect(within(SCOPE, { categories: ['invoice'] })).toBeUndefined();
    expect(within(SCOPE, { period: { from: day('2026-07-01'), to: day('2026-12-31') } })).toBeUndefined();
  });
});
