/**
 * Arrays as parameters, written as Postgres's own text for a cast (`${…}::text[]`). The driver could do it only after it has asked
 * the server for its types on each new connection, and when the connection breaks during that question, its rejection is nobody's
 * and ends the process.
 */

/** Of numbers and ids, which need no quotes. */
export const plainArray = (items: readonly (string | bigint | number)[]): string => `{${items.join(',')}}`;

/** Of any text. */
export const textArray = (items: readonly string[]): string =>
  `{${items.map((item) => `"${item.replace(/["\\]/g, '\\$&')}"`).join(',')}}`;
