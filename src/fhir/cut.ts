import { type JSONVisitor, type ParseErrorCode, printParseErrorCode, visit } from 'jsonc-parser';
import { BundleFault } from './bundle-fault.ts';
import type { BundleText } from './bundle-text.ts';
import { isObject, type JsonObject } from './element.ts';

/** One resource's content, at most: what the ledger holds as one record's content. */
const MAX_RESOURCE_BYTES = 16 * 1024 * 1024;

/** A resource with the exact bytes that it has in the file, from its opening to its closing brace. */
export interface CutResource {
  readonly type: string;
  readonly value: JsonObject;
  readonly bytes: Uint8Array;
}

export interface BundleEntry {
  readonly index: number;
  /** Line (from 1) on which the resource, else the file, begins. */
  readonly line: number;
  readonly fullUrl?: string;
  /** `request.method`, as written. */
  readonly method?: string;
  /** A word instead says why there is none that can be taken. */
  readonly resource: CutResource | 'no-resource' | 'not-a-resource' | 'resource-too-large';
}

export interface Bundle {
  readonly file: string;
  readonly entries: readonly BundleEntry[];
}

interface Span {
  from: number;
  to: number;
  readonly line: number;
}

/**
 * Cuts a transaction bundle into its resources. Strict RFC 8259: no comments, no trailing commas, and no key twice in one
 * object (which reader would be right?). Throws `BundleFault` with line and column, or the path, of what is wrong.
 */
export function cutBundle(bundle: BundleText, limit = MAX_RESOURCE_BYTES): Bundle {
  const spans = resourceSpans(bundle);
  const root = parsed(bundle);
  const shapeFault = (path: string, why: string) =>
    new BundleFault('bundle-not-transaction', bundle.file, why, { place: { path } });
  if (!isObject(root) || root.resourceType !== 'Bundle') throw shapeFault('$', 'is not a FHIR Bundle');
  if (root.type !== 'transaction') throw shapeFault('$.type', 'is not a transaction bundle');
  const list = root.entry ?? [];
  if (!Array.isArray(list)) throw shapeFault('$.entry', 'is not a list');

  const byteAt = byteOffsets(bundle);
  const entries = list.map((entry: unknown, index): BundleEntry => {
    const span = spans.get(index);
    const head = { index, line: span?.line ?? 1 };
    if (!isObject(entry)) return { ...head, resource: 'not-a-resource' };
    const named = { ...head, ...optionalText('fullUrl', entry.fullUrl), ...method(entry.request) };
    const value = entry.resource;
    if (value === undefined) return { ...named, resource: 'no-resource' };
    if (span === undefined || !isObject(value) || !isTypeName(value.resourceType)) {
      return { ...named, resource: 'not-a-resource' };
    }
    const bytes = bundle.bytes.subarray(byteAt(span.from), byteAt(span.to));
    if (bytes.length > limit) return { ...named, resource: 'resource-too-large' };
    return { ...named, resource: { type: value.resourceType, value, bytes } };
  });
  return { file: bundle.file, entries };
}

/** The form of every FHIR type name. Types are printed in reports, so nothing else may stand there. */
function isTypeName(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Z][A-Za-z]{1,63}$/.test(value);
}

function method(request: unknown): { method?: string } {
  return isObject(request) ? optionalText('method', request.method) : {};
}

function optionalText<K extends string>(key: K, value: unknown): { [P in K]?: string } {
  return typeof value === 'string' ? ({ [key]: value } as { [P in K]?: string }) : {};
}

/** Values come from the engine's own parser: a second opinion on what is JSON, and the one everybody else has. */
function parsed({ file, text }: BundleText): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The engine's message quotes the text, so it is not passed on.
    throw new BundleFault('bundle-not-json', file, 'is not JSON');
  }
}

/** Where each `$.entry[i].resource` begins and ends in the text, in UTF-16 units. */
function resourceSpans({ file, text }: BundleText): ReadonlyMap<number, Span> {
  const spans = new Map<number, Span>();
  /** Open objects and lists: an object's keys so far and the latest, or a list's index so far. */
  const open: { keys?: Set<string>; at: string | number }[] = [];

  const enter = (): void => {
    const parent = open.at(-1);
    if (parent !== undefined && typeof parent.at === 'number') parent.at++;
  };
  /** The index i when the value now beginning or ending is `$.entry[i].resource`. */
  const resourceIndex = (): number | undefined => {
    const [root, list, entry] = open;
    const here = open.length === 3 && root?.at === 'entry' && entry?.at === 'resource';
    return here && typeof list?.at === 'number' && entry?.keys !== undefined ? list.at : undefined;
  };

  const visitor: JSONVisitor = {
    onObjectBegin: (offset, _length, line) => {
      enter();
      const index = resourceIndex();
      if (index !== undefined) spans.set(index, { from: offset, to: offset, line: line + 1 });
      open.push({ keys: new Set(), at: '' });
    },
    onObjectProperty: (key, _offset, _length, line, column) => {
      const object = open.at(-1);
      if (object?.keys === undefined) return;
      if (object.keys.has(key)) {
        const place = { line: line + 1, column: column + 1 };
        throw new BundleFault('bundle-duplicate-key', file, 'one object has the same key twice', { place });
      }
      object.keys.add(key);
      object.at = key;
    },
    onObjectEnd: (offset) => {
      open.pop();
      const index = resourceIndex();
      const span = index === undefined ? undefined : spans.get(index);
      if (span !== undefined) span.to = offset + 1;
    },
    onArrayBegin: () => {
      enter();
      open.push({ at: -1 });
    },
    onArrayEnd: () => {
      open.pop();
    },
    onLiteralValue: enter,
    onError: (error: ParseErrorCode, _offset, _length, line, column) => {
      const place = { line: line + 1, column: column + 1 };
      throw new BundleFault('bundle-not-json', file, `is not JSON (${printParseErrorCode(error)})`, { place });
    },
  };
  visit(text, visitor, { disallowComments: true, allowTrailingComma: false, allowEmptyContent: false });
  return spans;
}

/** From offsets in the text to offsets in its UTF-8 bytes; asked in ascending order, so all of it is one pass. */
function byteOffsets({ text, bytes }: BundleText): (offset: number) => number {
  if (bytes.length === text.length) return (offset) => offset;
  let unit = 0;
  let byte = 0;
  return (offset) => {
    for (; unit < offset; unit++) {
      const code = text.charCodeAt(unit);
      if (code < 0x80) byte += 1;
      else if (code < 0x800) byte += 2;
      else if (code >= 0xd800 && code <= 0xdfff) byte += 2;
      else byte += 3;
    }
    return byte;
  };
}
