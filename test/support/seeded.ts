import { createCipheriv, createHash } from 'node:crypto';
import { addMs, fromEpochMs, type Instant, latest } from '../../src/kernel/instant.ts';
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
    doubt: () => Promise.resolve(),
    advance: (ms) => {
      shown = addMs(shown, ms);
      return shown;
    },
    set: (instant) => {
      shown = instant;
    },
  };
}

/** The machine's own time, for tests that take as long as they take. */
export const machineClock: Clock = {
  now: () => fromEpochMs(Date.now()),
  observe: () => {},
  doubt: () => Promise.resolve(),
};

/** The same bytes for the same seed and the same calls: the key stream of AES-256-CTR under the seed's hash. */
export function seededEntropy(seed: number | string = 0): Entropy {
  const key = createHash('sha256').update(`hrl seeded ${seed}`).digest();
  const stream = createCipheriv('aes-256-ctr', key, Buffer.alloc(16));
  return { bytes: (length) => new Uint8Array(stream.update(Buffer.alloc(length))) };
}
