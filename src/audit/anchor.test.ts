import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Malformed } from '../kernel/fault.ts';
import { institutionStream, residentStream, type StreamName, toId16, toLabel } from '../kernel/id.ts';
import { type Anchor, parseAnchor, printAnchor } from './anchor.ts';

const bytes = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((drawn) => new Uint8Array(drawn));
const stream: fc.Arbitrary<StreamName> = fc.oneof(
  bytes(32).map((drawn) => residentStream(toLabel(drawn))),
  bytes(16).map((drawn) => institutionStream(toId16(drawn))),
);
const revision = fc.bigInt({ min: 0n, max: 2n ** 28n - 1n });

const anchor: fc.Arbitrary<Anchor> = fc.record({
  origin: fc.stringMatching(/^[!-*,-~]{1,128}$/),
  size: fc.bigInt({ min: 0n, max: 2n ** 59n }),
  root: bytes(32),
  heads: fc
    .array(fc.tuple(stream, fc.record({ revision, head: bytes(32) })), { maxLength: 4 })
    .map((list) => new Map(list)),
});

const sorted = ({ heads, ...rest }: Anchor) => ({ ...rest, heads: [...heads].sort(([a], [b]) => (a < b ? -1 : 1)) });

describe('an anchor', () => {
  it('reads back as it was written, whatever order its streams came in', () => {
    fc.assert(
      fc.property(anchor, (given) => {
        expect(sorted(parseAnchor(printAnchor(given)))).toEqual(sorted(given));
      }),
    );
  });

  it('has one spelling: a text that is read is the text that would be written', () => {
    const edit = fc.tuple(
      fc.nat(),
      fc.constantFrom('', '\n', ' ', '0', 'A', '=', '/', '-', '\r\n', '\u{feff}'),
      fc.nat(2),
    );
    fc.assert(
      fc.property(anchor, edit, (given, [where, put, cut]) => {
        const text = printAnchor(given);
        const at = where % (text.length + 1);
        const changed = text.slice(0, at) + put + text.slice(at + cut);
        let read: Anchor;
        try {
          read = parseAnchor(changed);
        } catch (error) {
          expect(error).toBeInstanceOf(Malformed);
          return;
        }
        expect(printAnchor(read)).toBe(changed);
      }),
      { numRuns: 500 },
    );
  });
});
