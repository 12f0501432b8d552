import type { Clock } from '../kernel/ports.ts';
import type { AppendConflict } from '../ledger/faults.ts';

/** An append later than this after its decision is a conflict: decide again. */
export const DECISION_LIFE_MS = 5_000;

/**
 * Before whatever met a conflict is decided again. The ledger's time never goes back, this process's clock may: behind it, every decision
 * would be too old; ahead of it, none would have come yet.
 */
export async function heedConflict(clock: Clock, { last, reason }: AppendConflict): Promise<void> {
  if (last !== undefined) clock.observe(last);
  if (reason === 'not-yet') await clock.doubt();
}
