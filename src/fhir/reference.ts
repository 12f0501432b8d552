import { BundleFault } from './bundle-fault.ts';
import type { Bundle, BundleEntry, CutResource } from './cut.ts';
import { isObject, type JsonObject, objectsAt, textAt } from './element.ts';

/** A resource of the bundle, or one contained in it; contained ones have no bytes and no identity of their own. */
export interface Target {
  readonly type: string;
  readonly value: JsonObject;
  /** The entry it stands in; absent for contained resources. */
  readonly entry?: BundleEntry;
}

export interface References {
  /** What a Reference in `from` points to; `undefined` when the bundle does not have it, or has two that it could be. */
  resolve(reference: unknown, from: JsonObject): Target | undefined;
}

/** Longer than any address; keeps the pattern below off an attacker's megabytes. */
const MAX_REFERENCE = 2048;

/** `Type/id`, with or without a server before it and a version behind it. */
const REST = /^(?:(https?:\/\/.+)\/)?([A-Z][A-Za-z]+)\/([A-Za-z0-9.-]{1,64})(?:\/_history\/[A-Za-z0-9.-]{1,64})?$/;

/**
 * Indexes a bundle by fullUrl and by `Type/id`. Two entries with one fullUrl (FHIR bdl-7) would let a record land on another
 * person, so such a file is refused whole: throws `BundleFault`.
 */
export function bundleReferences(bundle: Bundle): References {
  const byUrl = new Map<string, Target>();
  /** `null`: two entries share the name, so it means neither. */
  const byName = new Map<string, Target | null>();
  for (const entry of bundle.entries) {
    if (typeof entry.resource === 'string') continue;
    const { type, value } = entry.resource;
    const target: Target = { type, value, entry };
    if (entry.fullUrl !== undefined) {
      if (byUrl.has(entry.fullUrl)) {
        const place = { line: entry.line, path: `$.entry[${entry.index}].fullUrl` };
        throw new BundleFault('bundle-ambiguous', bundle.file, 'another entry has the same fullUrl', { place });
      }
      byUrl.set(entry.fullUrl, target);
    }
    const id = resourceId(entry.resource, entry.fullUrl);
    if (id === undefined) continue;
    const name = `${type}/${id}`;
    byName.set(name, byName.has(name) ? null : target);
  }

  const resolve = (reference: unknown, from: JsonObject): Target | undefined => {
    const text = isObject(reference) ? textAt(reference, 'reference') : undefined;
    if (text === undefined || text.length > MAX_REFERENCE) return undefined;
    if (text.startsWith('#')) return containedIn(from, text.slice(1));
    const exact = byUrl.get(text);
    if (exact !== undefined) return exact;
    const rest = REST.exec(text);
    if (rest === null) return undefined;
    const [, server, type, id] = rest;
    // A reference to another server's resource is not to one here that happens to have the same id.
    if (server !== undefined) return byUrl.get(`${server}/${type}/${id}`);
    return byName.get(`${type}/${id}`) ?? undefined;
  };
  return { resolve };
}

function containedIn(container: JsonObject, id: string): Target | undefined {
  const found = objectsAt(container, 'contained').filter((item) => item.id === id);
  const [value] = found;
  if (value === undefined || found.length > 1 || typeof value.resourceType !== 'string') return undefined;
  return { type: value.resourceType, value };
}

/** The resource's own id, else the UUID that the bundle gave it; `undefined` when it has neither in FHIR's form. */
export function resourceId(resource: CutResource, fullUrl: string | undefined): string | undefined {
  const id = resource.value.id ?? /^urn:uuid:([0-9a-f-]{36})$/.exec(fullUrl ?? '')?.[1];
  return typeof id === 'string' && /^[A-Za-z0-9.-]{1,64}$/.test(id) ? id : undefined;
}
