import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { naiveRoot, someLeaves } from '../../test/support/naive-tree.ts';
import { toHex } from '../kernel/base64.ts';
import type { Bytes } from '../kernel/bytes.ts';
import { nodeSuite } from '../suite-node/suite.ts';
import { type CompactRange, emptyRange, joinRanges, leafRange, rootOfRange } from './compact-range.ts';
import { nodesOf } from './tree-node.ts';

const ALL = someLeaves(nodeSuite, 600);

const grow = (begin: number, end: number): CompactRange => {
  let range = emptyRange(BigInt(begin));
  for (let i = begin; i < end; i++) range = joinRanges(nodeSuite, range, leafRange(BigInt(i), ALL[i] as Bytes));
  return range;
};

describe('a compact range', () => {
  it('grown leaf by leaf has the root of a naive tree at every size up to 600', () => {
    let range = emptyRange(0n);
    for (let size = 0; size <= ALL.length; size++) {
      if (size % 7 === 0 || size > 590) {
        expect(toHex(rootOfRange(nodeSuite, range))).toBe(toHex(naiveRoot(nodeSuite, ALL.slice(0, size))));
      }
      if (size < ALL.length) range = joinRanges(nodeSuite, range, leafRange(BigInt(size), ALL[size] as Bytes));
    }
  });

  it('holds the hash of each node that makes it up', () => {
    fc.assert(
      fc.property(fc.nat(300), fc.nat(300), (begin, length) => {
        const range = grow(begin, begin + length);
        expect(range.hashes).toEqual(
          nodesOf(range).map(({ level, index }) => {
            const from = Number(index) * 2 ** level;
            return naiveRoot(nodeSuite, ALL.slice(from, from + 2 ** level));
          }),
        );
      }),
      { numRuns: 40 },
    );
  });

  it('cut anywhere and joined again is the same: parts may be hashed apart', () => {
    fc.assert(
      fc.property(fc.nat(100), fc.array(fc.nat(60), { minLength: 1, maxLength: 6 }), (begin, lengths) => {
        let end = begin;
        const parts = lengths.map((length) => {
          end += length;
          return grow(end - length, end);
        });
        const whole = grow(begin, end);
        const fromLeft = parts.reduce((a, b) => joinRanges(nodeSuite, a, b));
        const fromRight = parts.reduceRight((b, a) => joinRanges(nodeSuite, a, b));
        expect(fromLeft).toEqual(whole);
        expect(fromRight).toEqual(whole);
      }),
      { numRuns: 40 },
    );
  });

  it('tells of each node above the leaves once, when it is complete', () => {
    const seen = new Map<string, string>();
    let range = emptyRange(0n);
    for (let i = 0; i < 300; i++) {
      range = joinRanges(nodeSuite, range, leafRange(BigInt(i), ALL[i] as Bytes), ({ level, index }, hash) => {
        expect(seen.has(`${level}/${index}`)).toBe(false);
        seen.set(`${level}/${index}`, toHex(hash));
        expect(toHex(naiveRoot(nodeSuite, ALL.slice(Number(index) * 2 ** level, i + 1)))).toBe(toHex(hash));
      });
    }
    // Of 300 leaves: 150 + 75 + 37 + 18 + 9 + 4 + 2 + 1 complete nodes.
    expect(seen.size).toBe(296);
  });

  it('is not joined with one that begins elsewhere, and has a root only from the first leaf on', () => {
    expect(() => joinRanges(nodeSuite, grow(0, 3), grow(4, 5))).toThrow(RangeError);
    expect(() => joinRanges(nodeSuite, grow(0, 3), grow(2, 5))).toThrow(RangeError);
    expect(() => rootOfRange(nodeSuite, grow(1, 5))).toThrow(RangeError);
  });

  it('of one leaf is a copy: changing it changes no leaf', () => {
    const before = toHex(ALL[0] as Bytes);
    rootOfRange(nodeSuite, leafRange(0n, ALL[0] as Bytes)).fill(0);
    expect(toHex(ALL[0] as Bytes)).toBe(before);
  });
});
