/** Reading values of a parsed resource. It comes from outside: any element may be missing or of another kind. */

export interface JsonObject {
  readonly [key: string]: unknown;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * All values at a path such as `item[].encounter[]`. Lists are entered at every step; `[]` is for the reader of the path.
 * Only own properties count.
 */
export function valuesAt(value: unknown, path: string): readonly unknown[] {
  const found: unknown[] = [];
  gather(value, stepsOf(path), 0, found);
  return found;
}

function gather(value: unknown, steps: readonly string[], at: number, found: unknown[]): void {
  const step = steps[at];
  for (const item of Array.isArray(value) ? value : [value]) {
    if (step === undefined) found.push(item);
    else if (isObject(item) && Object.hasOwn(item, step)) gather(item[step], steps, at + 1, found);
  }
}

/** Paths stand in code, so there are few, and each is read a million times. */
const STEPS = new Map<string, readonly string[]>();

function stepsOf(path: string): readonly string[] {
  const known = STEPS.get(path);
  if (known !== undefined) return known;
  const steps = path.replaceAll('[]', '').split('.');
  STEPS.set(path, steps);
  return steps;
}

export function objectsAt(value: unknown, path: string): readonly JsonObject[] {
  return valuesAt(value, path).filter(isObject);
}

export function textsAt(value: unknown, path: string): readonly string[] {
  return valuesAt(value, path).filter((item) => typeof item === 'string' && item !== '') as string[];
}

export function textAt(value: unknown, path: string): string | undefined {
  return textsAt(value, path)[0];
}

/**
 * Text as an event may hold it: no NUL, no lone surrogate, spaces outside trimmed, at most `max` UTF-16 units (never
 * half a character); `undefined` when nothing is left. For text that people read, not for numbers that identify.
 */
export function tidyText(text: string | undefined, max: number): string | undefined {
  if (text === undefined) return undefined;
  const whole = text.replaceAll('\u0000', '').toWellFormed().trim();
  const cut = whole.length > max ? whole.slice(0, max).replace(/[\ud800-\udbff]$/, '') : whole;
  return cut === '' ? undefined : cut;
}

/** Text that identifies: as it is, or not at all. */
export function exactText(text: string | undefined, max: number): string | undefined {
  if (text === undefined || text.length > max || text.trim() === '') return undefined;
  return text.isWellFormed() && !text.includes('\u0000') ? text : undefined;
}

/** An object without its absent keys, as `exactOptionalPropertyTypes` and canonical JSON want it. */
export function present<T extends object>(
  fields: { readonly [K in keyof T]: T[K] | undefined },
): {
  [K in keyof T]?: Exclude<T[K], undefined>;
} {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
