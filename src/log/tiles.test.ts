import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { naivePath, naiveProof, naiveRoot, someLeaves } from '../../test/support/naive-tree.ts';
import { toHex } from '../kernel/base64.ts';
import { type Bytes, concat } from '../kernel/bytes.ts';
import { nodeSuite } from '../suite-node/suite.ts';
import { encodeEntryBundle, parseEntryBundle } from './entry-bundle.ts';
import { proveConsistency, proveInclusion, rootAt } from './prove.ts';
import { entriesPath, newTiles, parseTilePath, type Tile, tileIn, tilePath } from './tile.ts';
import { emptyGrowth, resumeGrowth, type TileGrowth } from './tile-growth.ts';
import { type TileSource, tileNodes } from './tile-source.ts';
import { verifyInclusion } from './verify/inclusion.ts';

const MANY = 66_000;
const ALL = someLeaves(nodeSuite, MANY);

/** What was written, by path; what is not there is an error, as over HTTP. */
function store() {
  const files = new Map<string, Bytes>();
  const source: TileSource = {
    tile: async (tile) => {
      const bytes = files.get(tilePath(tile));
      if (bytes === undefined) throw new Error(`${tilePath(tile)} is not there`);
      return bytes;
    },
  };
  return { files, source };
}

const pushUpTo = (growth: TileGrowth, size: number): void => {
  for (let i = Number(growth.size); i < size; i++) growth.push(ALL[i] as Bytes);
};

/** A log of that size, published once at each of the sizes. */
function published(...sizes: readonly number[]) {
  const { files, source } = store();
  const growth = emptyGrowth(nodeSuite);
  for (const size of sizes) {
    pushUpTo(growth, size);
    for (const { tile, bytes } of growth.take()) files.set(tilePath(tile), bytes);
  }
  return { files, source, growth };
}

const size600 = fc.integer({ min: 1, max: 600 });

describe('the tiles of a growing tree', () => {
  it('are named as the specification names them', () => {
    const named = [...newTiles(0n, 70_000n)];
    const at = (level: number): Tile[] => named.filter((tile) => tile.level === level);
    expect(at(0)).toHaveLength(274);
    expect(at(0).at(-1)).toEqual({ level: 0, index: 273n, width: 112 });
    expect(at(1)).toEqual([
      { level: 1, index: 0n, width: 256 },
      { level: 1, index: 1n, width: 17 },
    ]);
    expect(at(2)).toEqual([{ level: 2, index: 0n, width: 1 }]);
    expect(named).toHaveLength(277);
    expect([...newTiles(0n, 256n)].map(tilePath)).toEqual(['tile/0/000', 'tile/1/000.p/1']);
    expect([...newTiles(0n, 0n)]).toEqual([]);
    expect(tileIn(2n ** 64n - 1n, 7, 0n)).toEqual({ level: 7, index: 0n, width: 255 });
    expect(tileIn(256n, 0, 1n)).toBeUndefined();
  });

  it('are those that the larger tree has and the smaller has not, each once', () => {
    fc.assert(
      fc.property(fc.nat(MANY), fc.nat(MANY), (a, b) => {
        const [oldSize, newSize] = [BigInt(Math.min(a, b)), BigInt(Math.max(a, b))];
        const before = new Set([...newTiles(0n, oldSize)].map(tilePath));
        const after = [...newTiles(0n, newSize)].map(tilePath);
        const news = [...newTiles(oldSize, newSize)].map(tilePath);
        expect(news).toEqual(after.filter((path) => !before.has(path)));
        expect(new Set(news).size).toBe(news.length);
      }),
      { numRuns: 30 },
    );
  });

  it('are taken once, as they are named, and hold what a naive tree holds', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(600), { minLength: 1, maxLength: 5 }), (given) => {
        const sizes = given.toSorted((a, b) => a - b);
        const growth = emptyGrowth(nodeSuite);
        let before = 0;
        for (const size of sizes) {
          pushUpTo(growth, size);
          const taken = growth.take();
          const named = [...newTiles(BigInt(before), BigInt(size))].map(tilePath);
          expect(taken.map(({ tile }) => tilePath(tile)).sort()).toEqual(named.sort());
          for (const { tile, bytes } of taken) {
            const span = 256 ** tile.level;
            const first = Number(tile.index) * 256 * span;
            const hashes = Array.from({ length: tile.width }, (_, i) =>
              naiveRoot(nodeSuite, ALL.slice(first + i * span, first + (i + 1) * span)),
            );
            expect(toHex(bytes)).toBe(toHex(concat(...hashes)));
          }
          expect(toHex(growth.root())).toBe(toHex(naiveRoot(nodeSuite, ALL.slice(0, size))));
          expect(growth.size).toBe(BigInt(size));
          before = size;
        }
        expect(growth.take()).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  it('give the root and the proofs of a naive tree at every size that was published', async () => {
    await fc.assert(
      fc.asyncProperty(size600, fc.nat(), async (size, at) => {
        const older = 1 + (at % size);
        const { source } = published(older, size);
        const nodes = tileNodes(nodeSuite, source, BigInt(size));
        const leaves = ALL.slice(0, size);
        const index = at % size;
        expect(await rootAt(nodeSuite, nodes, BigInt(size))).toEqual(naiveRoot(nodeSuite, leaves));
        expect(await proveInclusion(nodeSuite, nodes, BigInt(index), BigInt(size))).toEqual(
          naivePath(nodeSuite, index, leaves),
        );
        expect(await proveConsistency(nodeSuite, nodes, BigInt(older), BigInt(size))).toEqual(
          naiveProof(nodeSuite, older, leaves),
        );
        // The smaller tree out of its own tiles.
        const smaller = tileNodes(nodeSuite, source, BigInt(older));
        expect(await rootAt(nodeSuite, smaller, BigInt(older))).toEqual(naiveRoot(nodeSuite, leaves.slice(0, older)));
      }),
      { numRuns: 40 },
    );
  });

  it('reach three levels, where a path needs six tiles at most', async () => {
    const { source, growth } = published(MANY);
    const asked: string[] = [];
    const counting: TileSource = {
      tile: (tile) => {
        asked.push(tilePath(tile));
        return source.tile(tile);
      },
    };
    const nodes = tileNodes(nodeSuite, counting, BigInt(MANY));
    const root = growth.root();
    expect(toHex(await rootAt(nodeSuite, nodes, BigInt(MANY)))).toBe(toHex(root));
    for (const index of [0, 255, 256, 65_535, 65_536, MANY - 1]) {
      asked.length = 0;
      const proof = await proveInclusion(nodeSuite, nodes, BigInt(index), BigInt(MANY));
      const leafHash = ALL[index] as Bytes;
      verifyInclusion({ index: BigInt(index), size: BigInt(MANY), leafHash, proof, root }, nodeSuite);
      expect(asked.length).toBeLessThanOrEqual(6);
      expect(new Set(asked).size).toBe(asked.length);
    }
  });

  it('are enough to go on from, at any size: the same tiles and roots follow', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(600), fc.nat(300), async (size, more) => {
        const { source, growth } = published(size);
        const resumed = await resumeGrowth(nodeSuite, source, BigInt(size));
        expect(resumed.size).toBe(BigInt(size));
        expect(resumed.root()).toEqual(growth.root());
        expect(resumed.take()).toEqual([]);
        pushUpTo(growth, size + more);
        pushUpTo(resumed, size + more);
        expect(resumed.take()).toEqual(growth.take());
        expect(resumed.root()).toEqual(growth.root());
      }),
      { numRuns: 30 },
    );
  });

  it('that are too short, too long or not there are refused, not hashed', async () => {
    const { files, source } = published(300);
    const nodes = tileNodes(nodeSuite, source, 300n);
    const path = 'tile/0/001.p/44';
    const good = files.get(path) as Bytes;
    for (const bad of [good.subarray(1), concat(good, Uint8Array.of(0)), new Uint8Array()]) {
      files.set(path, new Uint8Array(bad));
      await expect(rootAt(nodeSuite, nodes, 300n)).rejects.toMatchObject({ code: 'malformed' });
      await expect(resumeGrowth(nodeSuite, source, 300n)).rejects.toMatchObject({ code: 'malformed' });
    }
    files.delete(path);
    await expect(rootAt(nodeSuite, nodes, 300n)).rejects.toThrow('is not there');
    // A node beyond the tree is nobody's to ask for.
    await expect(nodes.nodes([{ level: 0, index: 300n }])).rejects.toThrow(RangeError);
    await expect(nodes.nodes([{ level: 8, index: 1n }])).rejects.toThrow(RangeError);
  });

  it('take hashes only', () => {
    expect(() => emptyGrowth(nodeSuite).push(new Uint8Array(31))).toThrow('32 bytes');
  });
});

describe('a path', () => {
  const width = fc.integer({ min: 1, max: 256 });
  const index = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

  it('is read as it was written', () => {
    fc.assert(
      fc.property(fc.nat(63), index, width, (level, at, wide) => {
        const tile = { level, index: at, width: wide };
        expect(parseTilePath(tilePath(tile))).toEqual({ kind: 'tile', tile });
        const bundle = { index: at, width: wide };
        expect(parseTilePath(entriesPath(bundle))).toEqual({ kind: 'entries', bundle });
      }),
    );
  });

  it('has one spelling: any text that is read is written the same', () => {
    const near = fc
      .tuple(fc.nat(63), index, width)
      .map(([level, at, wide]) => tilePath({ level, index: at, width: wide }));
    fc.assert(
      fc.property(near, fc.nat(), fc.constantFrom('0', '1', 'x', '/', '.', 'p', ''), (path, at, letter) => {
        const cut = at % path.length;
        const changed = path.slice(0, cut) + letter + path.slice(cut + (at % 2));
        try {
          const parsed = parseTilePath(changed);
          expect(parsed.kind === 'tile' ? tilePath(parsed.tile) : entriesPath(parsed.bundle)).toBe(changed);
        } catch (error) {
          expect(error).toMatchObject({ code: 'malformed' });
        }
      }),
    );
  });

  it('is of no tile that cannot be', () => {
    for (const wrong of [
      { level: 64 },
      { level: -1 },
      { level: 0.5 },
      { index: -1n },
      { index: 2n ** 64n },
      { width: 0 },
      { width: 257 },
    ]) {
      expect(() => tilePath({ level: 0, index: 0n, width: 1, ...wrong })).toThrow();
    }
  });
});

describe('an entry bundle', () => {
  it('is read as it was written, whatever the entries', () => {
    const entries = fc.array(fc.uint8Array({ maxLength: 700 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(entries, (given) => {
        const bytes = encodeEntryBundle(given);
        expect(parseEntryBundle(bytes, given.length).map(toHex)).toEqual(given.map(toHex));
        expect(() => parseEntryBundle(bytes, given.length + 1)).toThrow('fewer');
        expect(() => parseEntryBundle(bytes.subarray(0, -1), given.length)).toThrow();
      }),
    );
  });

  it('has 1 to 256 entries of at most 65,535 bytes', () => {
    expect(() => encodeEntryBundle([])).toThrow(RangeError);
    expect(() => encodeEntryBundle(Array.from({ length: 257 }, () => new Uint8Array()))).toThrow(RangeError);
    expect(() => encodeEntryBundle([new Uint8Array(65_536)])).toThrow(RangeError);
    const largest = new Uint8Array(65_535).fill(9);
    expect(parseEntryBundle(encodeEntryBundle([largest]), 1)).toEqual([largest]);
  });
});
