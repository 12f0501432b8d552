import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../kernel/base64.ts';
import type { Bytes } from '../kernel/bytes.ts';
import { nodeSuite } from '../suite-node/suite.ts';
import { reasonOf } from './faults.ts';
import {
  emptyPrefixTree,
  type PrefixSearch,
  type PrefixTree,
  prefixRoot,
  searchPrefix,
  withEntry,
} from './prefix-tree.ts';
import { verifyPrefixSearch } from './verify/prefix.ts';

type Entry = readonly [key: Bytes, commitment: Bytes];

const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((given) => new Uint8Array(given));
/** Also keys that share all but a few bits: they part deep in the tree. */
const near = fc.tuple(fc.nat(255), fc.nat(255)).map(([bit, other]) => {
  const key = new Uint8Array(32).fill(0xa5);
  for (const at of [bit, other]) key[at >>> 3] = (key[at >>> 3] as number) ^ (1 << (at & 7));
  return key;
});
const key = fc.oneof(bytes, near);
const entries = fc.uniqueArray(fc.tuple(key, bytes), { maxLength: 40, selector: ([given]) => toHex(given) });

const treeOf = (given: readonly Entry[]): PrefixTree =>
  given.reduce((tree, [at, commitment]) => withEntry(tree, at, commitment), emptyPrefixTree);

const bits = (given: Uint8Array): string => [...given].map((byte) => byte.toString(2).padStart(8, '0')).join('');

/** The draft's words over the whole list: a node stands for all keys with a prefix. */
function naiveNode(given: readonly Entry[], prefix: string): Bytes {
  const within = given.filter(([at]) => bits(at).startsWith(prefix));
  const [only] = within;
  if (only === undefined && prefix !== '') return new Uint8Array(32);
  if (within.length === 1 && only !== undefined && prefix !== '') return nodeSuite.hash(Uint8Array.of(2), ...only);
  return nodeSuite.hash(Uint8Array.of(3), naiveNode(within, `${prefix}0`), naiveNode(within, `${prefix}1`));
}

function outcome(given: { key: Bytes; search: PrefixSearch; root: Bytes }): string {
  try {
    const found = verifyPrefixSearch(given, nodeSuite);
    return found === undefined ? 'absent' : toHex(found);
  } catch (error) {
    return reasonOf(error) ?? 'broken';
  }
}

describe('a prefix tree', () => {
  it('has the root of a naive one, in whatever order its entries came', () => {
    fc.assert(
      fc.property(entries, (given) => {
        const root = toHex(naiveNode(given, ''));
        expect(toHex(prefixRoot(nodeSuite, treeOf(given)))).toBe(root);
        expect(toHex(prefixRoot(nodeSuite, treeOf(given.toReversed())))).toBe(root);
      }),
    );
  });

  it('holds what a key was given last, and leaves the tree before it as it was', () => {
    fc.assert(
      fc.property(entries, key, bytes, bytes, (given, at, first, second) => {
        const before = treeOf(given);
        const root = toHex(prefixRoot(nodeSuite, before));
        const after = withEntry(withEntry(before, at, first), at, second);
        const others = given.filter(([other]) => toHex(other) !== toHex(at));
        expect(toHex(prefixRoot(nodeSuite, after))).toBe(toHex(naiveNode([...others, [at, second]], '')));
        expect(toHex(prefixRoot(nodeSuite, before))).toBe(root);
      }),
    );
  });

  it('shows each of its entries, and of any other key that it has none', () => {
    fc.assert(
      fc.property(entries, key, (given, other) => {
        const tree = treeOf(given);
        const root = prefixRoot(nodeSuite, tree);
        for (const [at, commitment] of given) {
          const search = searchPrefix(nodeSuite, tree, at);
          expect(outcome({ key: at, search, root })).toBe(toHex(commitment));
          expect(verifyPrefixSearch({ key: at, search, root })).toEqual(commitment);
        }
        if (given.some(([at]) => toHex(at) === toHex(other))) return;
        expect(outcome({ key: other, search: searchPrefix(nodeSuite, tree, other), root })).toBe('absent');
      }),
    );
  });

  it('hides no entry and makes none up: whatever search is shown for a key, it gives what the tree has', () => {
    fc.assert(
      fc.property(entries, key, key, fc.nat(), bytes, (given, first, second, pick, made) => {
        const tree = treeOf(given);
        const root = prefixRoot(nodeSuite, tree);
        const at = given.length > 0 && pick % 2 === 0 ? (given[pick % given.length] as Entry)[0] : first;
        const truth = outcome({ key: at, search: searchPrefix(nodeSuite, tree, at), root });
        const honest = searchPrefix(nodeSuite, tree, at);
        const { depth } = honest.end;
        const shown: PrefixSearch[] = [
          searchPrefix(nodeSuite, tree, second),
          { ...honest, end: { kind: 'no-child', depth } },
          { ...honest, end: { kind: 'inclusion', depth, commitment: made } },
          { ...honest, end: { kind: 'other-leaf', depth, leaf: { key: second, commitment: made } } },
          { ...honest, elements: honest.elements.toReversed() },
          { end: { kind: 'no-child', depth: depth + 1 }, elements: [...honest.elements, made] },
          ...given.map(
            ([other, commitment]): PrefixSearch => ({
              ...honest,
              end: { kind: 'other-leaf', depth, leaf: { key: other, commitment } },
            }),
          ),
        ];
        for (const search of shown) {
          expect(['forged', 'wrong-size', 'malformed', truth]).toContain(outcome({ key: at, search, root }));
        }
      }),
      { numRuns: 200 },
    );
  });

  it('shows nothing with a bit flipped, a hash more or less, or another depth', () => {
    const filled = fc.uniqueArray(fc.tuple(key, bytes), { minLength: 1, maxLength: 20, selector: ([at]) => toHex(at) });
    fc.assert(
      fc.property(filled, key, fc.nat(), fc.nat(255), (given, at, which, bit) => {
        const tree = treeOf(given);
        const root = prefixRoot(nodeSuite, tree);
        const search = searchPrefix(nodeSuite, tree, at);
        const flip = (part: Bytes): Bytes => {
          const out = new Uint8Array(part);
          out[bit >>> 3] = (out[bit >>> 3] as number) ^ (1 << (bit & 7));
          return out;
        };
        const place = which % search.elements.length;
        const elements = search.elements.with(place, flip(search.elements[place] as Bytes));
        expect(outcome({ key: at, search: { ...search, elements }, root })).toBe('forged');
        expect(outcome({ key: at, search, root: flip(root) })).toBe('forged');
        const fewer = search.elements.toSpliced(place, 1);
        const more = search.elements.toSpliced(place, 0, root);
        for (const wrong of [fewer, more]) {
          expect(outcome({ key: at, search: { ...search, elements: wrong }, root })).toBe('wrong-size');
        }
        for (const depth of [0, -1, 257, 1.5]) {
          expect(outcome({ key: at, search: { ...search, end: { ...search.end, depth } }, root })).toBe('malformed');
        }
      }),
    );
  });

  it('shows no absence by a leaf that stands where it must not, even in a tree that was built so', () => {
    const low = new Uint8Array(32);
    const high = new Uint8Array(32).fill(0xff);
    const none = new Uint8Array(32);
    const leaf = nodeSuite.hash(Uint8Array.of(2), high, high);
    // A key that begins with 1 on the left: whoever looks for one that begins with 0 would find another's leaf there.
    const root = nodeSuite.hash(Uint8Array.of(3), leaf, none);
    const search: PrefixSearch = {
      end: { kind: 'other-leaf', depth: 1, leaf: { key: high, commitment: high } },
      elements: [none],
    };
    expect(outcome({ key: low, search, root })).toBe('forged');
  });

  it('parts two keys that differ in the last bit only, 256 deep', () => {
    const one = new Uint8Array(32).fill(7);
    const other = Uint8Array.from(one).fill(6, 31);
    const tree = treeOf([
      [one, one],
      [other, one],
    ]);
    const search = searchPrefix(nodeSuite, tree, one);
    expect(search.end.depth).toBe(256);
    expect(outcome({ key: one, search, root: prefixRoot(nodeSuite, tree) })).toBe(toHex(one));
  });

  it('takes keys and commitments of 32 bytes', () => {
    const good = new Uint8Array(32);
    expect(() => withEntry(emptyPrefixTree, good.subarray(1), good)).toThrow('32 bytes');
    expect(() => withEntry(emptyPrefixTree, good, new Uint8Array(33))).toThrow('32 bytes');
    expect(() => searchPrefix(nodeSuite, emptyPrefixTree, new Uint8Array(31))).toThrow('32 bytes');
  });
});
