import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Malformed } from '../kernel/fault.ts';
import { nobleSuite } from '../kernel/suite-noble.ts';
import { encodeLeaf, isOrigin, type Leaf, leafHash, parseLeaf } from './leaf.ts';

const commitment = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Uint8Array.from(bytes));
const leaf: fc.Arbitrary<Leaf> = fc.record({
  origin: fc.stringMatching(/^[!-*,-~]{1,128}$/),
  suite: fc.constant('international'),
  commitments: fc.record({ header: commitment, retained: commitment, personal: commitment }),
});

describe('a leaf', () => {
  it('is read back as it was written', () => {
    fc.assert(
      fc.property(leaf, (given) => {
        expect(parseLeaf(encodeLeaf(given))).toEqual(given);
      }),
    );
  });

  it('with any byte changed is refused, or is another leaf with another hash', () => {
    fc.assert(
      fc.property(leaf, fc.nat(), fc.integer({ min: 1, max: 255 }), (given, at, by) => {
        const bytes = encodeLeaf(given);
        const hash = leafHash(nobleSuite, bytes);
        bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ by;
        expect(leafHash(nobleSuite, bytes)).not.toEqual(hash);
        try {
          const other = parseLeaf(bytes);
          expect(other).not.toEqual(given);
          expect(encodeLeaf(other)).toEqual(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(Malformed);
        }
      }),
    );
  });

  it('cut or lengthened anywhere is refused', () => {
    fc.assert(
      fc.property(leaf, fc.nat(), (given, at) => {
        const bytes = encodeLeaf(given);
        const cut = at % bytes.length;
        expect(() => parseLeaf(bytes.subarray(0, cut))).toThrow(Malformed);
        expect(() => parseLeaf(Uint8Array.of(...bytes, bytes[cut] ?? 0))).toThrow(Malformed);
      }),
    );
  });

  it('that could not be read back is not written', () => {
    const [good] = fc.sample(leaf, 1) as [Leaf];
    for (const wrong of [
      { origin: '' },
      { origin: 'a+b' },
      { origin: 'a\nb' },
      { origin: 'z'.repeat(129) },
      { suite: 'sm' },
      { commitments: { ...good.commitments, personal: new Uint8Array(31) } },
    ]) {
      expect(() => encodeLeaf({ ...good, ...wrong })).toThrow(Malformed);
    }
  });
});

it('an origin is visible ASCII without a plus sign, as the name of a signed note must be', () => {
  for (const text of ['health.example/110000', 'a', 'z'.repeat(128)]) expect(isOrigin(text)).toBe(true);
  for (const text of ['', 'a b', 'a+b', 'a\n', 'a\u00a0b', '北京', 'z'.repeat(129)]) expect(isOrigin(text)).toBe(false);
});
