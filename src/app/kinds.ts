/** True when the type starts with one of the prefixes; `''` is any type. */
export function hasKind(kinds: readonly string[], type: string): boolean {
  return kinds.some((kind) => type.startsWith(kind));
}
