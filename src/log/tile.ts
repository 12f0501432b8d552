import { Malformed } from '../kernel/fault.ts';
import { checkSize } from './tree-size.ts';

/** C2SP tlog-tiles (docs/spec/tiles.md): eight levels of the tree to a tile, whose hashes stand at the lowest of them. */
export const TILE_HEIGHT = 8;
export const TILE_WIDTH = 256;

/** `index` counts tiles of that level; `width` is 256 for a full tile, less for the last one of a level. */
export interface Tile {
  readonly level: number;
  readonly index: bigint;
  readonly width: number;
}

/** An entry bundle is to entries what a tile of level 0 is to their hashes. */
export type EntryBundle = Omit<Tile, 'level'>;

function checkTile({ level, index, width }: Tile): void {
  checkSize(index, 'tile index');
  if (!Number.isInteger(level) || level < 0 || level > 63) throw new Malformed('tile level', 'not 0 to 63');
  if (!Number.isInteger(width) || width < 1 || width > TILE_WIDTH) throw new Malformed('tile width', 'not 1 to 256');
}

/** Three digits an element, all but the last with an `x`: no name is both a file and a folder. */
function indexPath(index: bigint, width: number): string {
  const digits = index.toString();
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/.{3}/g) as string[];
  const path = groups.map((group, i) => (i === groups.length - 1 ? group : `x${group}`)).join('/');
  return width === TILE_WIDTH ? path : `${path}.p/${width}`;
}

export function tilePath(tile: Tile): string {
  checkTile(tile);
  return `tile/${tile.level}/${indexPath(tile.index, tile.width)}`;
}

export function entriesPath({ index, width }: EntryBundle): string {
  checkTile({ level: 0, index, width });
  return `tile/entries/${indexPath(index, width)}`;
}

const PATH = /^tile\/(entries|0|[1-9][0-9]?)\/((?:x[0-9]{3}\/)*)([0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/;

/** A path under a log's prefix, as a stranger asks for it; `level` is `entries` for a bundle. path(parse(p)) = p. */
export function parseTilePath(
  path: string,
): { readonly kind: 'tile'; readonly tile: Tile } | { readonly kind: 'entries'; readonly bundle: EntryBundle } {
  const [, level = '', groups = '', last = '', partial] = PATH.exec(path.length > 64 ? '' : path) ?? [];
  if (last === '') throw new Malformed('tile path', 'not `tile/<level>/<index>[.p/<width>]`');
  const index = BigInt(groups.replace(/[x/]/g, '') + last);
  const width = partial === undefined ? TILE_WIDTH : Number(partial);
  if (groups.startsWith('x000/') || (partial !== undefined && width >= TILE_WIDTH)) {
    throw new Malformed('tile path', 'another spelling of a tile');
  }
  const tile = { level: level === 'entries' ? 0 : Number(level), index, width };
  checkTile(tile);
  return level === 'entries' ? { kind: 'entries', bundle: { index, width } } : { kind: 'tile', tile };
}

/** How many hashes stand at that level in a tree of this size. */
const hashesAt = (level: number, size: bigint): bigint => size >> BigInt(TILE_HEIGHT * level);

/** The tile in a tree of that size: full, partial, or undefined when the tree has nothing there yet. */
export function tileIn(size: bigint, level: number, index: bigint): Tile | undefined {
  const width = hashesAt(level, size) - index * BigInt(TILE_WIDTH);
  if (width <= 0n) return undefined;
  return { level, index, width: width < BigInt(TILE_WIDTH) ? Number(width) : TILE_WIDTH };
}

/** The tiles that a tree of `newSize` has and one of `oldSize` has not, level by level: what is to be written when a log has grown. */
export function* newTiles(oldSize: bigint, newSize: bigint): Generator<Tile> {
  for (let level = 0; hashesAt(level, newSize) > 0n; level++) {
    if (hashesAt(level, oldSize) === hashesAt(level, newSize)) continue;
    let index = hashesAt(level, oldSize) / BigInt(TILE_WIDTH);
    for (let tile = tileIn(newSize, level, index); tile !== undefined; tile = tileIn(newSize, level, ++index)) {
      yield tile;
    }
  }
}
