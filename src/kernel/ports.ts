import type { Bytes } from './bytes.ts';
import type { Instant } from './instant.ts';

/** The ledger's time as this process knows it. Wired in main, seeded in tests; never the client's clock. */
export interface Clock {
  /** Never behind the last instant observed; never ahead of the engine's clock while that does not step back. */
  now(): Instant;
  /** Tells the clock of an instant that the ledger has assigned, so that `now` is never before it. */
  observe(instant: Instant): void;
  /**
   * Tells the clock that the ledger was behind an instant of it: the engine's clock was set back. Resolves when `now` follows it, or
   * cannot be made to for now; never rejects.
   */
  doubt(): Promise<void>;
}

/** Randomness. Wired in main, seeded in tests. */
export interface Entropy {
  bytes(length: number): Bytes;
}
