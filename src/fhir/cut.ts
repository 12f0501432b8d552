import { BundleFault } from './bundle-fault.ts';
import type { BundleText } from './bundle-text.ts';
import { isObject, type JsonObject } from './element.ts';
import { jsonFault } from './json-fault.ts';
import { countMembers, scanBundle } from './scan.ts';

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

/**
 * Cuts a transaction bundle into its resources. Strict RFC 8259: no comments, no trailing commas, and no key twice in one
 * object (which reader would be right?). Throws `BundleFault` with line and column, or the path, of what is wrong.
 */
export function cutBundle(bundle: BundleText, limit = MAX_RESOURCE_BYTES): Bundle {
  const root = parsed(bundle);
  const { spans, members } = scanBundle(bundle.bytes);
  if (countMembers(root) !== members) throw jsonFault(bundle);
  const shapeFault = (path: string, why: string) =>
    new BundleFault('bundle-not-transaction', bundle.file, why, { place: { path } });
  if (!isObject(root) || root.resourceType !== 'Bundle') throw shapeFault('$', 'is not a FHIR Bundle');
  if (root.type !== 'transaction') throw shapeFault('$.type', 'is not a transaction bundle');
  const list = root.entry ?? [];
  if (!Array.isArray(list)) throw shapeFault('$.entry', 'is not a list');

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
    const bytes = bundle.bytes.subarray(span.from, span.to);
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

/** Values come from the engine's own parser, the one everybody else has; what it refuses is looked for once more, to name the place. */
function parsed(bundle: BundleText): unknown {
  try {
    return JSON.parse(bundle.text);
  } catch {
    // The engine's message quotes the text, so it is not passed on.
    throw jsonFault(bundle);
  }
}
