import fc from 'fast-check';
import {
  CATEGORIES,
  CONFIDENTIALITIES,
  type Confidentiality,
  LABELS,
  type Period,
  PURPOSES,
  type Purpose,
  RECORD_INDEXES,
  SENSITIVITIES,
} from '../../src/domain/terms.ts';
import type { Day } from '../../src/kernel/instant.ts';

/** Random records, grants and questions of a world so small that they often meet and often just miss each other. */

const day = fc.integer({ min: 1, max: 12 }).map((month) => `2024-${String(month).padStart(2, '0')}-15` as Day);
const period = fc.tuple(day, day).map(([a, b]): Period => (a <= b ? { from: a, to: b } : { from: b, to: a }));
/** Wide enough, half of the time, to leave the deciding to something else. */
const wide = fc.oneof(fc.constant<Period>({ from: '2024-01-01' as Day, to: '2024-12-31' as Day }), period);
const some = <T extends string>(of: readonly T[], most: number) =>
  fc.subarray([...of].sort() as T[], { minLength: 1, maxLength: most });
const categories = fc.subarray(CATEGORIES.slice(0, 4), { minLength: 1, maxLength: 3 });
const sometimes = <T>(what: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: what });

export const record = fc.record({
  index: fc.constantFrom(...RECORD_INDEXES),
  category: fc.constantFrom(...CATEGORIES.slice(0, 4)),
  custodian: fc.constantFrom(0, 1),
  period: fc.oneof(
    day.map((one): Period => ({ from: one, to: one })),
    period,
  ),
  sensitivities: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: some(SENSITIVITIES, 2) }),
  confidentiality: fc.oneof(
    { weight: 2, arbitrary: fc.constant<Confidentiality>('N') },
    { weight: 1, arbitrary: fc.constantFrom(...CONFIDENTIALITIES) },
  ),
});
export const grant = fc.record({
  hospital: fc.constantFrom(0, 1),
  personally: fc.nat(3).map((n) => n === 0),
  purposes: some(['CAREMGT', 'ETREAT', 'HRESCH', 'TREAT'], 3),
  categories,
  period: wide,
  labels: fc.oneof(fc.constant([]), some(LABELS, 6)),
  revoked: fc.nat(7).map((n) => n === 0),
});
export const ask = fc.record({
  doctor: fc.constantFrom(0, 1, 2),
  purpose: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom<Purpose>('BTG', 'CAREMGT', 'ETREAT', 'HRESCH') },
    { weight: 1, arbitrary: fc.constantFrom(...PURPOSES) },
  ),
  categories: sometimes(categories),
  period: sometimes(wide),
  index: sometimes(fc.constantFrom(...RECORD_INDEXES)),
  first: fc.integer({ min: 2, max: 6 }),
});
type Of<A> = A extends fc.Arbitrary<infer T> ? T : never;
export type GivenRecord = Of<typeof record>;
export type GivenGrant = Of<typeof grant>;
export type Ask = Of<typeof ask>;
