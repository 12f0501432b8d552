/**
 * A dictionary that is a plain JSON value and cheap to change: entries lie in buckets by the first letter of their key (64 in
 * base64url), so that putting one copies a sixty-fourth of it. Ten thousand records of one resident fold in a blink; with one flat object
 * each event would copy all that came before it.
 */
export type Directory<T> = { readonly [firstLetter: string]: { readonly [key: string]: T } };

export function lookUp<T>(directory: Directory<T>, key: string): T | undefined {
  return directory[key.charAt(0)]?.[key];
}

/** The directory with this entry, in place of an earlier one under the same key. */
export function enter<T>(directory: Directory<T>, key: string, value: T): Directory<T> {
  const bucket = key.charAt(0);
  return { ...directory, [bucket]: { ...directory[bucket], [key]: value } };
}
