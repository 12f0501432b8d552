import { readdirSync, readFileSync } from 'node:fs';
import { parseHex } from '../../src/kernel/base64.ts';
import { type Bytes, utf8 } from '../../src/kernel/bytes.ts';
import { Malformed } from '../../src/kernel/fault.ts';
import { nobleSuite } from '../../src/kernel/suite-noble.ts';
import { nodeSuite } from '../../src/suite-node/suite.ts';

/** Both implementations of the one suite: every vector holds on each. */
export const SUITES = [
  { name: 'noble', suite: nobleSuite },
  { name: "Node's crypto", suite: nodeSuite },
] as const;

/** A vector's bytes: as text where they are UTF-8, as hex where they are not. */
export type Shown = { readonly text: string } | { readonly hex: string };

/** The vectors of a format as [fact, content]; the file's name is the fact. */
export function vectors<T>(format: string, verdict: 'valid' | 'invalid'): [fact: string, vector: T][] {
  const folder = new URL(`${format}/${verdict}/`, import.meta.url);
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => [file.slice(0, -'.json'.length), JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as T]);
}

export function hex(text: string): Bytes {
  const bytes = parseHex(text);
  if (bytes === undefined) throw new Error('a vector holds something that is not hex');
  return bytes;
}

export const shownBytes = (shown: Shown): Bytes => ('text' in shown ? utf8(shown.text) : hex(shown.hex));

/** Why each invalid vector is refused, by fact. One that is accepted, or that breaks the parser, fails here. */
export function refusals<T>(format: string, read: (vector: T) => unknown): Record<string, string> {
  return Object.fromEntries(
    vectors<T>(format, 'invalid').map(([fact, vector]) => {
      try {
        read(vector);
      } catch (error) {
        if (error instanceof Malformed) return [fact, error.message];
        throw new Error(`${format}/invalid/${fact} broke the parser`, { cause: error });
      }
      throw new Error(`${format}/invalid/${fact} was accepted`);
    }),
  );
}
