import { AppendConflict, LedgerBusy } from '../../ledger/faults.ts';
import type { Caller } from '../actor.ts';
import type { App } from '../app.ts';
import { heedConflict } from '../conflict.ts';
import { type Outcome, refusal } from '../outcome.ts';

/** A read gives up after so many conflicts: somebody keeps changing what it is about. */
const MAX_CONFLICTS = 3;
const BUSY_RETRY_MS = 100;

/** Decides and plans anew after each conflict; busy after three, and an answer of its own when the token has ended meanwhile. */
export async function retrying<T>(app: App, caller: Caller, attempt: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
  for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof AppendConflict)) throw error;
      await heedConflict(app.clock, error);
      if (caller.actor.until <= app.clock.now()) return refusal('token-ended');
    }
  }
  throw new LedgerBusy(BUSY_RETRY_MS);
}
