import fc from 'fast-check';
import type { AnyEvent, AnyNewEvent } from '../../src/domain/catalogue.ts';
import type { Canonical } from '../../src/kernel/canonical.ts';
import type { EventDeclaration } from '../../src/kernel/event.ts';
import { shapeOf } from '../../src/kernel/field.ts';
import { fromEpochMs, toEpochMs } from '../../src/kernel/instant.ts';
import { id16, label, mark, NOW } from './domain-samples.ts';
import { stored } from './given.ts';

/**
 * Any event of a type, drawn from what its declaration prints of itself, so that a new type is covered on the day that it is
 * declared. Ids come from small pools, so that events of one history speak of the same things.
 */
export function arbitraryEvent(declaration: EventDeclaration): fc.Arbitrary<AnyNewEvent> {
  return fc
    .record({
      type: fc.constant(declaration.type),
      retained: fields(shapeOf(declaration.retained)),
      personal: fields(shapeOf(declaration.personal)),
    })
    .map((event) => mended(event) as unknown as AnyNewEvent);
}

/** The event as folds see it, or with its retained part expired. */
export function expired(event: AnyNewEvent): AnyEvent {
  const [past] = stored([event]);
  if (past === undefined) throw new Error('stored nothing');
  return { ...past, retained: 'expired' };
}

const DAY_MS = 86_400_000;
const instants = fc.integer({ min: -60, max: 60 }).map((days) => fromEpochMs(toEpochMs(NOW) + days * DAY_MS));

const NAMED: { readonly [shape: string]: fc.Arbitrary<Canonical> } = {
  bytes32: fc.nat(9).map(mark),
  day: fc.integer({ min: 0, max: 200 }).map((days) => fromEpochMs(toEpochMs(NOW) + days * DAY_MS).slice(0, 10)),
  id16: fc.nat(9).map(id16),
  instant: instants,
  label: fc.nat(3).map(label),
  mark: fc.nat(9).map(mark),
};

interface Parts {
  readonly matches?: string;
  readonly refined?: Canonical;
  readonly oneOf?: readonly string[];
  readonly list?: Canonical;
  readonly set?: Canonical;
  readonly min?: number;
  readonly max?: number;
}

function of(shape: Canonical): fc.Arbitrary<Canonical> {
  if (typeof shape === 'string') {
    const named = NAMED[shape];
    if (named !== undefined) return named;
    const [, kind, min, max] = /^(text|integer)\((\d+)\.\.(\d+)\)$/.exec(shape) ?? [];
    if (kind === 'text')
      return fc
        .string({ minLength: 1, maxLength: Math.min(Number(max), 12) })
        .map((text) => text.replaceAll('\0', '0'));
    if (kind === 'integer') return fc.integer({ min: Number(min), max: Number(max) });
    throw new Error(`no arbitrary for a field of shape ${shape}`);
  }
  if (typeof shape !== 'object') throw new Error('a shape is text or an object');
  const { matches, refined, oneOf, list, set, min, max } = shape as Parts;
  if (matches !== undefined) return fc.stringMatching(new RegExp(matches));
  if (refined !== undefined) return of(refined);
  if (oneOf !== undefined) return fc.constantFrom(...oneOf);
  const item = list ?? set;
  if (item !== undefined && min !== undefined && max !== undefined) {
    const size = { minLength: min, maxLength: Math.min(max, Math.max(min, 4)) };
    if (list !== undefined) return fc.array(of(item), size);
    return fc.uniqueArray(of(item) as fc.Arbitrary<string>, size).map((items) => items.toSorted());
  }
  return fields(shape);
}

function fields(shape: Canonical): fc.Arbitrary<Canonical> {
  const required: Record<string, fc.Arbitrary<Canonical>> = {};
  const optional: Record<string, fc.Arbitrary<Canonical>> = {};
  for (const [key, inner] of Object.entries(shape as { readonly [key: string]: Canonical })) {
    if (key.endsWith('?')) optional[key.slice(0, -1)] = of(inner);
    else required[key] = of(inner);
  }
  return fc
    .tuple(fc.record(required), fc.record(optional, { requiredKeys: [] }))
    .map(([given, some]) => ({ ...given, ...some }) as Canonical);
}

/** What a printed shape does not say: ends come after begins, and a practitioner is named exactly when one is the grantee. */
function mended(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(mended);
  if (typeof value !== 'object' || value === null) return value;
  const object = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mended(inner)]));
  for (const [first, last] of [
    ['from', 'to'],
    ['validFrom', 'validUntil'],
  ] as const) {
    const [a, b] = [object[first], object[last]];
    if (typeof a !== 'string' || typeof b !== 'string') continue;
    object[first] = a < b ? a : b;
    object[last] = a < b ? b : a;
    if (a === b && first === 'validFrom') object[last] = fromEpochMs(toEpochMs(NOW) + 100 * DAY_MS);
  }
  if (!('institution' in object)) return object;
  const { practitioner, ...organisation } = object;
  return object.kind === 'practitioner' ? { practitioner: practitioner ?? id16(0), ...organisation } : organisation;
}
