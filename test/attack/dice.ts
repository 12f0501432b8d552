/** Random choices that a number repeats: the same seed, the same documents. */
export interface Dice {
  /** 0 ≤ x < 1. */
  next(): number;
  /** An integer from 0 to `below` − 1. */
  below(below: number): number;
  chance(probability: number): boolean;
  /** One of them; throws on an empty list. */
  pick<T>(of: readonly T[]): T;
  /** `least` to `most` of them, each at most once, in their order. */
  some<T>(of: readonly T[], least: number, most: number): T[];
}

/** mulberry32. */
export function diceOf(seed: number): Dice {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    next,
    below,
    chance: (probability) => next() < probability,
    pick: (of) => {
      if (of.length === 0) throw new RangeError('nothing to pick from');
      return of[below(of.length)] as never;
    },
    some: (of, least, most) => {
      const wanted = Math.min(of.length, least + below(most - least + 1));
      const left = of.map((_, i) => i);
      const chosen = Array.from({ length: wanted }, () => left.splice(below(left.length), 1)[0] as number);
      return chosen.sort((a, b) => a - b).map((i) => of[i] as never);
    },
  };
}
