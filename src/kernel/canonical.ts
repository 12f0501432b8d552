import { type Bytes, fromUtf8, utf8 } from './bytes.ts';
import { Malformed } from './fault.ts';

/** What a compartment may hold: strings and integers in objects and arrays. No floats, booleans or null: they have no use here and several spellings elsewhere. */
export type Canonical = string | number | readonly Canonical[] | { readonly [key: string]: Canonical };

/** Objects and arrays nest no deeper than this; real compartments stay below 8. A bound keeps recursion off an attacker's hands. */
export const MAX_CANONICAL_DEPTH = 16;

function check(value: unknown, path: string, depth: number): void {
  if (depth > MAX_CANONICAL_DEPTH) throw new Malformed(path, 'nested too deeply');
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw new Malformed(path, 'text holds a lone surrogate');
    return;
  }
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value) || Object.is(value, -0))
      throw new Malformed(path, 'not an integer of at most 53 bits');
    return;
  }
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) check(value[i], `${path}[${i}]`, depth + 1);
    return;
  }
  if (typeof value === 'object' && value !== null) {
    const proto: unknown = Object.getPrototypeOf(value);
    if (proto !== Object.prototype && proto !== null) throw new Malformed(path, 'not a plain object');
    for (const [key, item] of Object.entries(value)) {
      if (!key.isWellFormed()) throw new Malformed(path, 'a key holds a lone surrogate');
      check(item, `${path}.${key.slice(0, 40)}`, depth + 1);
    }
    return;
  }
  throw new Malformed(path, 'neither text, integer, list nor object');
}

/** Letters that stand for themselves between quotes; all others are JSON.stringify's business, whose escapes are those of RFC 8785. */
const PLAIN = /^[ !#-[\]-~]*$/;

function quoted(text: string): string | undefined {
  if (PLAIN.test(text)) return `"${text}"`;
  return text.isWellFormed() ? JSON.stringify(text) : undefined;
}

/**
 * The canonical text, or `undefined` where `check` finds fault: one walk instead of three, for every compartment that is written or read
 * passes here. Keys stand in the order of their UTF-16 units, which is that of `sort`; integers of 53 bits have one spelling.
 */
function write(value: unknown, depth: number): string | undefined {
  if (depth > MAX_CANONICAL_DEPTH) return undefined;
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'number') return Number.isSafeInteger(value) && !Object.is(value, -0) ? `${value}` : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  let out = '';
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const item = write(value[i], depth + 1);
      if (item === undefined) return undefined;
      out += i === 0 ? item : `,${item}`;
    }
    return `[${out}]`;
  }
  const proto: unknown = Object.getPrototypeOf(value);
  if (proto !== Object.prototype && proto !== null) return undefined;
  for (const key of Object.keys(value).sort()) {
    const name = quoted(key);
    const item = write((value as Record<string, unknown>)[key], depth + 1);
    if (name === undefined || item === undefined) return undefined;
    out += out === '' ? `${name}:${item}` : `,${name}:${item}`;
  }
  return `{${out}}`;
}

function canonicalText(value: Canonical, path: string): string {
  const text = write(value, 0);
  if (text !== undefined) return text;
  check(value, path, 0);
  throw new Malformed(path, 'has no canonical form');
}

/** RFC 8785 bytes of a value. Throws `Malformed` on anything that has no canonical form here. */
export function canonicalBytes(value: Canonical, path = 'value'): Bytes {
  return utf8(canonicalText(value, path));
}

/** A cheap bound on nesting, looked at before `JSON.parse` recurses over bytes that an attacker controls. */
function tooDeep(text: string): boolean {
  let depth = 0;
  let inText = false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (inText) {
      if (c === 0x5c) i++;
      else if (c === 0x22) inText = false;
    } else if (c === 0x22) inText = true;
    else if (c === 0x7b || c === 0x5b) {
      if (++depth > MAX_CANONICAL_DEPTH + 1) return true;
    } else if (c === 0x7d || c === 0x5d) depth--;
  }
  return false;
}

/** Reads bytes that an attacker may control; accepts exactly those for which canonical(parse(b)) = b. */
export function parseCanonical(bytes: Uint8Array, path = 'value'): Canonical {
  let text: string;
  try {
    text = fromUtf8(bytes);
  } catch {
    throw new Malformed(path, 'not UTF-8');
  }
  if (tooDeep(text)) throw new Malformed(path, 'nested too deeply');
  let value: Canonical;
  try {
    value = JSON.parse(text) as Canonical;
  } catch {
    throw new Malformed(path, 'not JSON');
  }
  // Texts are compared: the decoder is strict, so one text has one spelling in bytes.
  if (canonicalText(value, path) !== text) throw new Malformed(path, 'not in canonical form');
  return value;
}
