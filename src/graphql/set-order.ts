/** Ascending, each once: the platform takes sets in one spelling, so that a retry is known whatever order the client lists them in. */
export function inOrder<T extends string>(items: readonly T[]): T[] {
  return [...new Set(items)].sort();
}
