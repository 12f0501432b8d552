import { type Bytes, concat } from '../kernel/bytes.ts';
import { Malformed } from '../kernel/fault.ts';
import type { Suite } from '../kernel/suite.ts';
import { merkleRootOfHashes } from '../ledger/merkle-root.ts';
import { TILE_WIDTH, type Tile, tileIn } from './tile.ts';
import { type TileSource, tileNode } from './tile-source.ts';
import { checkHash, HASH_BYTES } from './tree-node.ts';

export interface WrittenTile {
  readonly tile: Tile;
  readonly bytes: Bytes;
}

/** A growing tree as the last tile of each level: what an integrator has in memory, at most 255 hashes a level. */
export interface TileGrowth {
  readonly size: bigint;
  /** Adds the next leaf. */
  push(leafHash: Uint8Array): void;
  /**
   * The tiles since the last call, as `newTiles` names them: full ones, and at the right edge partial ones, which the next call may replace by
   * wider ones. A tree is published once all of them are durable.
   */
  take(): WrittenTile[];
  /** The root of all leaves so far. */
  root(): Bytes;
}

interface Level {
  hashes: Uint8Array[];
  /** Tiles of this level that are full. */
  full: bigint;
  taken: number;
}

function growth(suite: Suite, levels: Level[], start: bigint): TileGrowth {
  let size = start;
  let full: WrittenTile[] = [];

  function add(at: number, hash: Uint8Array): void {
    if (levels[at] === undefined) levels[at] = { hashes: [], full: 0n, taken: 0 };
    const level = levels[at];
    level.hashes.push(hash);
    if (level.hashes.length < TILE_WIDTH) return;
    const bytes = concat(...level.hashes);
    full.push({ tile: { level: at, index: level.full, width: TILE_WIDTH }, bytes });
    levels[at] = { hashes: [], full: level.full + 1n, taken: 0 };
    add(at + 1, tileNode(suite, bytes, 0, TILE_WIDTH));
  }

  return {
    get size() {
      return size;
    },
    push(leafHash) {
      checkHash(leafHash, 'leaf hash');
      add(0, new Uint8Array(leafHash));
      size += 1n;
    },
    take() {
      const partial = levels.flatMap((level, at): WrittenTile[] => {
        if (level.hashes.length === level.taken) return [];
        level.taken = level.hashes.length;
        return [{ tile: { level: at, index: level.full, width: level.taken }, bytes: concat(...level.hashes) }];
      });
      const taken = [...full, ...partial];
      full = [];
      return taken;
    },
    root() {
      // What stands right of a level's tiles is smaller than each of their hashes: RFC 6962 puts it last.
      let right: Bytes | undefined;
      for (const { hashes } of levels) {
        const row: Uint8Array[] = right === undefined ? hashes : [...hashes, right];
        if (row.length > 0) right = merkleRootOfHashes(suite, row);
      }
      return right ?? suite.hash();
    },
  };
}

export const emptyGrowth = (suite: Suite): TileGrowth => growth(suite, [], 0n);

/**
 * Goes on from the tiles of a tree of that size. Its root is what they say: compare it with the checkpoint before a leaf is added. Throws
 * `Malformed` for a tile of another length than its width.
 */
export async function resumeGrowth(suite: Suite, source: TileSource, size: bigint): Promise<TileGrowth> {
  const levels: Level[] = [];
  for (let level = 0; tileIn(size, level, 0n) !== undefined; level++) {
    const full = (size >> BigInt(8 * level)) / BigInt(TILE_WIDTH);
    const tile = tileIn(size, level, full);
    const bytes = tile === undefined ? new Uint8Array() : await source.tile(tile);
    const width = tile?.width ?? 0;
    if (bytes.length !== width * HASH_BYTES) throw new Malformed('tile', 'not as long as its width says');
    const hashes = Array.from({ length: width }, (_, i) => bytes.slice(i * HASH_BYTES, (i + 1) * HASH_BYTES));
    levels.push({ hashes, full, taken: width });
  }
  return growth(suite, levels, size);
}
