/** Accesses fill a resident's stream, and no decision but a metered one turns on them. */
const ACCESS = 'access.';

export const isAccess = (type: string): boolean => type.startsWith(ACCESS);

export const isOfKind = (kinds: readonly string[], type: string): boolean =>
  kinds.some((kind) => type.startsWith(kind));

/** Whether an access may be of one of these kinds. */
export const asksForAccesses = (kinds: readonly string[]): boolean =>
  kinds.some((kind) => ACCESS.startsWith(kind) || kind.startsWith(ACCESS));
