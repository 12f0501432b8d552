import { fromUtf8 } from '../kernel/bytes.ts';

/** Where a resource stands in the bytes of its file. */
export interface Span {
  readonly from: number;
  readonly to: number;
  /** On which it begins, from 1. */
  readonly line: number;
}

export interface BundleScan {
  /** Of each `$.entry[i].resource` that is an object, by i. */
  readonly spans: ReadonlyMap<number, Span>;
  /** Members of all objects, each as often as it is written. */
  readonly members: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * One pass over bytes that are known to be JSON in UTF-8: it looks at brackets, colons, commas and quotes only, and recurses nowhere.
 * (The bytes of a multi-byte character never equal one looked for.)
 */
export function scanBundle(bytes: Uint8Array): BundleScan {
  const spans = new Map<number, Span>();
  let members = 0;
  let line = 1;
  let depth = 0;
  /** Of the last string: of a key, when a colon follows. */
  let textFrom = 0;
  let textTo = 0;
  // Of the innermost things that can matter: `$`, `$.entry`, `$.entry[i]`.
  let inEntry = false;
  let rootIsObject = false;
  let listIsArray = false;
  let elementIsObject = false;
  let index = 0;
  let atResource = false;
  let begun: { readonly from: number; readonly line: number } | undefined;

  const size = bytes.length;
  for (let i = 0; i < size; i++) {
    switch (bytes[i]) {
      case 0x0a:
        line++;
        break;
      case QUOTE:
        textFrom = i;
        for (i++; bytes[i] !== QUOTE && i < size; i++) if (bytes[i] === BACKSLASH) i++;
        textTo = i + 1;
        break;
      case 0x3a: // a colon
        members++;
        if (depth === 1) inEntry = isKey(bytes, textFrom, textTo, 'entry');
        else if (depth === 3 && elementIsObject) atResource = isKey(bytes, textFrom, textTo, 'resource');
        break;
      case 0x2c: // a comma
        if (depth === 2) index++;
        else if (depth === 3) atResource = false;
        else if (depth === 1) inEntry = false;
        break;
      case 0x7b:
      case 0x5b: {
        const object = bytes[i] === 0x7b;
        depth++;
        if (depth === 1) rootIsObject = object;
        else if (depth === 2) {
          listIsArray = !object && inEntry && rootIsObject;
          index = 0;
        } else if (depth === 3) {
          elementIsObject = object && listIsArray;
          atResource = false;
        } else if (depth === 4 && object && elementIsObject && atResource) begun = { from: i, line };
        break;
      }
      case 0x7d:
      case 0x5d:
        if (depth === 4 && begun !== undefined) {
          spans.set(index, { ...begun, to: i + 1 });
          begun = undefined;
        } else if (depth === 3) elementIsObject = false;
        depth--;
        break;
    }
  }
  return { spans, members };
}

/** Compares a key as it is written, quotes and escapes included, with a name of plain letters. */
function isKey(bytes: Uint8Array, from: number, to: number, name: string): boolean {
  let plain = true;
  for (let i = from; i < to; i++) plain = plain && bytes[i] !== BACKSLASH;
  if (!plain) return JSON.parse(fromUtf8(bytes.subarray(from, to))) === name;
  if (to - from !== name.length + 2) return false;
  for (let i = 0; i < name.length; i++) if (bytes[from + 1 + i] !== name.charCodeAt(i)) return false;
  return true;
}

/** Members of all objects of a parsed value. Fewer than were written: some object had a key twice, and the parser kept the last. */
export function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const item of value) count += countMembers(item);
    return count;
  }
  for (const key in value) {
    count += 1 + countMembers((value as Record<string, unknown>)[key]);
  }
  return count;
}
