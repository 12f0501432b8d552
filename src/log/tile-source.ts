import type { Bytes } from '../kernel/bytes.ts';
import { Malformed } from '../kernel/fault.ts';
import type { Suite } from '../kernel/suite.ts';
import { merkleRootOfHashes } from '../ledger/merkle-root.ts';
import type { NodeSource } from './prove.ts';
import { TILE_HEIGHT, TILE_WIDTH, type Tile, tileIn, tilePath } from './tile.ts';
import { HASH_BYTES, type TreeNode } from './tree-node.ts';

/** Where tiles come from: files, HTTP, memory. */
export interface TileSource {
  /** The tile's bytes. Rejects when it is not there. */
  tile(tile: Tile): Promise<Uint8Array>;
}

/** The tree hash over a tile's hashes from a place on. */
export function tileNode(suite: Suite, bytes: Uint8Array, at: number, count: number): Bytes {
  const hashes = Array.from({ length: count }, (_, i) =>
    bytes.subarray((at + i) * HASH_BYTES, (at + i + 1) * HASH_BYTES),
  );
  return merkleRootOfHashes(suite, hashes);
}

/**
 * Nodes of the tree of that size, out of its tiles; each tile is read once a call. The tiles may be a stranger's: proofs out of them are worth
 * what `verifyInclusion` and `verifyConsistency` say. Throws `Malformed` for a tile of another length than its width.
 */
export function tileNodes(suite: Suite, source: TileSource, size: bigint): NodeSource {
  const placeOf = ({ level, index }: TreeNode) => {
    const tileLevel = Math.floor(level / TILE_HEIGHT);
    const height = level % TILE_HEIGHT;
    const first = index << BigInt(height);
    const tile = tileIn(size, tileLevel, first / BigInt(TILE_WIDTH));
    const at = Number(first % BigInt(TILE_WIDTH));
    const count = 2 ** height;
    if (tile === undefined || at + count > tile.width) throw new RangeError('this node is not complete in the tree');
    return { tile, at, count };
  };
  return {
    nodes: async (wanted) => {
      const places = wanted.map(placeOf);
      const tiles = new Map(places.map(({ tile }) => [tilePath(tile), tile]));
      const bytes = new Map(
        await Promise.all(
          [...tiles].map(async ([path, tile]): Promise<[string, Uint8Array]> => {
            const read = await source.tile(tile);
            if (read.length !== tile.width * HASH_BYTES) throw new Malformed('tile', 'not as long as its width says');
            return [path, read];
          }),
        ),
      );
      return places.map(({ tile, at, count }) => tileNode(suite, bytes.get(tilePath(tile)) as Uint8Array, at, count));
    },
  };
}
