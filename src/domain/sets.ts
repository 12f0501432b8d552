import { equalBytes } from '../kernel/bytes.ts';
import { type Canonical, canonicalBytes } from '../kernel/canonical.ts';

/** Ascending, each once: the one spelling of a set in an event. */
export function asSet<T extends string>(items: Iterable<T>): T[] {
  return [...new Set(items)].sort();
}

export function isSubset<T>(inner: readonly T[], outer: readonly T[]): boolean {
  return inner.every((item) => outer.includes(item));
}

/** The items that both have, in the order of the first. */
export function inBoth<T>(a: readonly T[], b: readonly T[]): T[] {
  return a.filter((item) => b.includes(item));
}

/** Equality of values, whatever the order of their keys: of states, which a snapshot gives back with sorted keys, and of commands. */
export function sameValue(a: Canonical, b: Canonical): boolean {
  return equalBytes(canonicalBytes(a), canonicalBytes(b));
}
