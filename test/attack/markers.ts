/**
 * Letters that occur nowhere by chance and stand in every text that somebody may not see: `ZQ<what><number>QZ`. A marker in an answer
 * in which the oracle expects none of that kind is a leak, wherever in the bytes it stands.
 */
export type MarkerKind =
  | 'title'
  | 'text'
  | 'clinical'
  | 'person'
  | 'phone'
  | 'address'
  | 'document'
  | 'never'
  | 'subject';

const LETTERS: { readonly [K in MarkerKind]: string } = {
  title: 'T',
  text: 'X',
  clinical: 'C',
  person: 'P',
  phone: 'F',
  address: 'A',
  document: 'D',
  /** Of what no answer ever shows: contacts of officers, sources, reasons, the notice's version, sign-ins. */
  never: 'N',
  subject: 'S',
};

const MARKER = /ZQ[A-Z][0-9A-Z]{4}QZ/gi;

export interface Markers {
  next(kind: MarkerKind): string;
  /** All that were made: among millions of random letters some look like a marker, and are none. */
  readonly planted: ReadonlySet<string>;
}

export function markers(): Markers {
  const planted = new Set<string>();
  return {
    planted,
    next: (kind) => {
      const marker = `ZQ${LETTERS[kind]}${planted.size.toString(36).toUpperCase().padStart(4, '0')}QZ`;
      planted.add(marker);
      return marker;
    },
  };
}

/** Tokens in which something could hide: long runs of base64url, base64 or hexadecimal letters. */
const OPAQUE = /[A-Za-z0-9_+/-]{24,}={0,2}/g;

/** Whatever looks like a marker in a text: in clear in any case, escaped, or inside what is encoded in it. */
export function markersIn(text: string): Set<string> {
  const found = new Set<string>();
  const collect = (from: string): void => {
    for (const match of from.matchAll(MARKER)) found.add(match[0].toUpperCase());
  };
  collect(text);
  if (text.includes('\\u'))
    collect(text.replace(/\\u([0-9a-f]{4})/gi, (_, code) => String.fromCharCode(Number.parseInt(code, 16))));
  for (const [token] of text.matchAll(OPAQUE)) {
    collect(Buffer.from(token, 'base64url').toString('latin1'));
    if (/^[0-9a-f]+$/i.test(token)) collect(Buffer.from(token, 'hex').toString('latin1'));
  }
  return found;
}
