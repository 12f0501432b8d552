import { utf8 } from '../kernel/bytes.ts';
import { nobleSuite } from '../kernel/suite-noble.ts';

/** A stream of choices that depends on its label alone, so that the same seed makes the same province, byte for byte. */
export interface Random {
  /** 0 to `below` − 1. */
  int(below: number): number;
  pick<T>(items: readonly T[]): T;
  /** True in so many of a hundred cases. */
  percent(chance: number): boolean;
  /** A UUID of version 4's form. */
  uuid(): string;
}

/** sfc32 (Chris Doty-Humphrey), started by the label's SHA-256: quick, and no two labels share a stream. Not for secrets. */
export function randomOf(label: string): Random {
  const digest = nobleSuite.hash(utf8(label));
  const view = new DataView(digest.buffer);
  let [a, b, c, counter] = [view.getUint32(0), view.getUint32(4), view.getUint32(8), 1];
  const next = (): number => {
    const t = (a + b + counter) >>> 0;
    counter = (counter + 1) >>> 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) >>> 0;
    c = (((c << 21) | (c >>> 11)) + t) >>> 0;
    return t;
  };
  for (let i = 0; i < 12; i++) next();

  const int = (below: number): number => Math.floor((next() / 2 ** 32) * below);
  return {
    int,
    pick: (items) => {
      const item = items[int(items.length)];
      if (item === undefined) throw new RangeError('nothing to pick from');
      return item;
    },
    percent: (chance) => int(100) < chance,
    uuid: () => {
      const hex = Array.from({ length: 4 }, () => next().toString(16).padStart(8, '0')).join('');
      const variant = '89ab'.charAt(int(4));
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
    },
  };
}
