import type { Canonical } from './canonical.ts';
import { Malformed } from './fault.ts';
import { type Id16, isId16, isLabel, isStreamName, type Label, type Mark, type StreamName } from './id.ts';
import { type Day, type Instant, isDay, isInstant } from './instant.ts';

/**
 * The shape of one field of an event. `check` reads untrusted values strictly and returns them unchanged;
 * `shape` is what the printed catalogue (schema/events.json) says of it.
 */
export interface Field<T> {
  readonly shape: Canonical;
  readonly optional: boolean;
  check(value: unknown, path: string): T;
}

export type Fields = { readonly [name: string]: Field<unknown> };
type OptionalKeys<F extends Fields> = { [K in keyof F]: undefined extends Infer<F[K]> ? K : never }[keyof F];
export type Infer<F> = F extends Field<infer T> ? T : never;
type Flatten<T> = { [K in keyof T]: T[K] } & {};
/** The value that a set of fields describes; optional fields may be absent, never `undefined` or null. */
export type InferFields<F extends Fields> = Flatten<
  { readonly [K in Exclude<keyof F, OptionalKeys<F>>]: Infer<F[K]> } & {
    readonly [K in OptionalKeys<F>]?: Exclude<Infer<F[K]>, undefined>;
  }
>;

const field = <T>(shape: Canonical, check: (value: unknown, path: string) => T): Field<T> => ({
  shape,
  optional: false,
  check,
});

const checkedText = <T extends string>(shape: string, is: (text: string) => text is T): Field<T> =>
  field(shape, (value, path) => {
    if (typeof value !== 'string' || !is(value)) throw new Malformed(path, `not ${shape}`);
    return value;
  });

/** Text of 1 to `max` UTF-16 units, well-formed, without NUL. */
export function text(max: number): Field<string> {
  return field(`text(1..${max})`, (value, path) => {
    if (typeof value !== 'string') throw new Malformed(path, 'not text');
    if (value.length < 1 || value.length > max) throw new Malformed(path, `not 1 to ${max} letters long`);
    if (!value.isWellFormed() || value.includes('\u0000')) throw new Malformed(path, 'holds a lone surrogate or NUL');
    return value;
  });
}

/** Text of one printed pattern, such as a code of a code system. */
export function pattern(regex: RegExp, name: string): Field<string> {
  return field({ pattern: name, matches: regex.source }, (value, path) => {
    if (typeof value !== 'string' || !regex.test(value)) throw new Malformed(path, `not ${name}`);
    return value;
  });
}

export function integer(min: number, max: number): Field<number> {
  return field(`integer(${min}..${max})`, (value, path) => {
    if (!Number.isSafeInteger(value) || Object.is(value, -0) || (value as number) < min || (value as number) > max) {
      throw new Malformed(path, `not an integer from ${min} to ${max}`);
    }
    return value as number;
  });
}

export function oneOf<const T extends readonly string[]>(...values: T): Field<T[number]> {
  return field({ oneOf: values }, (value, path) => {
    if (typeof value !== 'string' || !values.includes(value)) throw new Malformed(path, 'not one of the known values');
    return value as T[number];
  });
}

export const instant = (): Field<Instant> => checkedText('instant', isInstant);
export const day = (): Field<Day> => checkedText('day', isDay);
export const id16 = (): Field<Id16> => checkedText('id16', isId16);
export const label = (): Field<Label> => checkedText('label', isLabel);
export const streamName = (): Field<StreamName> => checkedText('stream', isStreamName);

/** A keyed hash of 32 bytes in base64url. */
export const mark = (): Field<Mark> => checkedText('mark', (value): value is Mark => isLabel(value));

/** 32 bytes, base64url: a digest, a root, a salt, an opening. */
export const bytes32 = (): Field<string> => checkedText('bytes32', (value): value is string => isLabel(value));

export function list<T>(item: Field<T>, max: number, min = 0): Field<readonly T[]> {
  return field({ list: item.shape, max, min }, (value, path) => {
    if (!Array.isArray(value)) throw new Malformed(path, 'not a list');
    if (value.length < min || value.length > max) throw new Malformed(path, `not ${min} to ${max} items`);
    return value.map((entry, i) => item.check(entry, `${path}[${i}]`));
  });
}

/** A list in ascending text order without doubles: one spelling per set. */
export function setOf<T extends string>(item: Field<T>, max: number, min = 0): Field<readonly T[]> {
  const asList = list(item, max, min);
  return field({ set: item.shape, max, min }, (value, path) => {
    const items = asList.check(value, path);
    for (let i = 1; i < items.length; i++) {
      if ((items[i - 1] as T) >= (items[i] as T)) throw new Malformed(path, 'not in ascending order without doubles');
    }
    return items;
  });
}

/** Declared once, walked for every event. */
const entriesOf = new WeakMap<Fields, readonly (readonly [string, Field<unknown>])[]>();

function entries(fields: Fields): readonly (readonly [string, Field<unknown>])[] {
  const known = entriesOf.get(fields);
  if (known !== undefined) return known;
  const made = Object.entries(fields);
  entriesOf.set(fields, made);
  return made;
}

export function checkFields(fields: Fields, value: unknown, path: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Malformed(path, 'not an object');
  const given = value as Record<string, unknown>;
  for (const key of Object.keys(given)) {
    if (!Object.hasOwn(fields, key)) throw new Malformed(path, 'has a field that is not declared');
  }
  const out: Record<string, unknown> = {};
  for (const [key, declared] of entries(fields)) {
    if (Object.hasOwn(given, key) && given[key] !== undefined) out[key] = declared.check(given[key], `${path}.${key}`);
    else if (!declared.optional) throw new Malformed(`${path}.${key}`, 'is missing');
  }
  return out;
}

export function shapeOf(fields: Fields): Canonical {
  return Object.fromEntries(
    Object.entries(fields).map(([key, declared]) => [declared.optional ? `${key}?` : key, declared.shape]),
  );
}

export function object<const F extends Fields>(fields: F): Field<InferFields<F>> {
  return field(shapeOf(fields), (value, path) => checkFields(fields, value, path) as InferFields<F>);
}

/** May be absent; never null. */
export function optional<T>(inner: Field<T>): Field<T | undefined> {
  return { shape: inner.shape, optional: true, check: (value, path) => inner.check(value, path) };
}

/** A field whose values are related to each other; `why` names what is wrong when they are not, such as "ends before it begins". */
export function refined<T>(inner: Field<T>, holds: (value: T) => boolean, why: string): Field<T> {
  return field({ refined: inner.shape, refuses: why }, (value, path) => {
    const checked = inner.check(value, path);
    if (!holds(checked)) throw new Malformed(path, why);
    return checked;
  });
}
