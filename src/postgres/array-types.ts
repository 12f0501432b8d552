/**
 * Arrays both ways for the types that we use. The driver would learn them from the server with a question of its own on each new
 * connection; when the connection breaks during that question, its rejection is nobody's and ends the process.
 */

type Item = string | number | bigint;

/** Of texts, each quoted; of numbers, plainly. A text is an array literal already. */
function serialize(value: readonly Item[] | string): string {
  if (typeof value === 'string') return value;
  return `{${value.map((item) => (typeof item === 'string' ? `"${item.replace(/["\\]/g, '\\$&')}"` : `${item}`)).join(',')}}`;
}

/** Reads what the server prints of a one-dimensional array without nulls. */
function parse(literal: string): string[] {
  const items: string[] = [];
  for (const [, quoted, bare] of literal.slice(1, -1).matchAll(/"((?:[^"\\]|\\.)*)"|([^,]+)/gs)) {
    items.push(quoted === undefined ? (bare ?? '') : quoted.replace(/\\(.)/gs, '$1'));
  }
  return items;
}

const numbers = (literal: string): number[] => parse(literal).map((item) => Number.parseInt(item, 10));

/** By the numbers that PostgreSQL gives its built-in array types. */
export const ARRAY_TYPES = {
  textArray: { to: 1009, from: [1009], serialize, parse },
  nameArray: { to: 1003, from: [1003], serialize, parse },
  varcharArray: { to: 1015, from: [1015], serialize, parse },
  uuidArray: { to: 2951, from: [2951], serialize, parse },
  int4Array: { to: 1007, from: [1007], serialize, parse: numbers },
  int8Array: { to: 1016, from: [1016], serialize, parse: (literal: string) => parse(literal).map(BigInt) },
} as const;
