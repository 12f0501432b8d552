import { createHash } from 'node:crypto';
import type { Bytes } from '../../src/kernel/bytes.ts';
import { addMs, type Instant, latest } from '../../src/kernel/instant.ts';
import type { Clock, Entropy } from '../../src/kernel/ports.ts';

/** The first instant of tests: that of the design's vector. */
export const SEEDED_START = '2026-11-22T03:04:05.678Z' as Instant;

/** A clock that stands still until it is told. */
export interface SeededClock extends Clock {
  /** Goes on by so many milliseconds (back, if negative) and says what it shows then. */
  advance(ms: number): Instant;
  set(instant: Instant): void;
}

export function seededClock(start: Instant = SEEDED_START): SeededClock {
  let shown = start;
  return {
    now: () => shown,
    observe: (instant) => {
      shown = latest(shown, instant);
    },
    advance: (ms) => {
      shown = addMs(shown, ms);
      return shown;
    },
    set: (instant) => {
      shown = instant;
    },
  };
}

/** The same bytes for the same seed and the same calls: SHA-256 of the seed and a counter, block after block. */
export function seededEntropy(seed: number | string = 0): Entropy {
  let counter = 0;
  let pool = Buffer.alloc(0);
  return {
    bytes: (length): Bytes => {
      while (pool.length < length) {
        pool = Buffer.concat([pool, createHash('sha256').update(`hrl seeded ${seed} ${counter++}`).digest()]);
      }
      const out = new Uint8Array(pool.subarray(0, length));
      pool = pool.subarray(length);
      return out;
    },
  };
}
