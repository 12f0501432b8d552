import { type Bytes, concat, lp } from '../kernel/bytes.ts';
import { Malformed } from '../kernel/fault.ts';
import { TILE_WIDTH } from './tile.ts';

/** (u16 length ‖ entry)*, 1 to 256 of them (docs/spec/tiles.md). */
export function encodeEntryBundle(entries: readonly Uint8Array[]): Bytes {
  if (entries.length === 0 || entries.length > TILE_WIDTH) throw new RangeError('a bundle has 1 to 256 entries');
  return concat(...entries.map(lp));
}

/** Reads what an attacker may have written: exactly `width` entries and nothing behind them. */
export function parseEntryBundle(bytes: Uint8Array, width: number): Bytes[] {
  const entries: Bytes[] = [];
  for (let at = 0; at < bytes.length; ) {
    const begin = at + 2;
    const end = begin + (((bytes[at] as number) << 8) | (bytes[at + 1] ?? 0));
    if (end > bytes.length) throw new Malformed('entry bundle', 'ends within an entry');
    if (entries.length === width) throw new Malformed('entry bundle', 'has more entries than its width');
    entries.push(new Uint8Array(bytes.subarray(begin, end)));
    at = end;
  }
  if (entries.length < width) throw new Malformed('entry bundle', 'has fewer entries than its width');
  return entries;
}
