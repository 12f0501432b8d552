import type { Actor } from './actor.ts';
import type { Outcome } from './outcome.ts';
import type { Operation } from './roles.ts';

/** Several times what such an answer takes; short for somebody who waits. */
const STEP_MS = 50;

/**
 * Whether the answer may not tell that somebody stands behind a code, and so may not tell it by how long it took. The one refusal for
 * every no, to all but the resident; and a request for consent, which is answered alike whoever is behind the code, or nobody.
 */
export function isSilent(operation: Operation, actor: Actor, outcome: Outcome<unknown>): boolean {
  if (actor.role === 'resident') return false;
  return operation === 'requestConsent' || (outcome.kind === 'refusal' && outcome.code === 'not-available');
}

/**
 * Waits for the next of the steps since `began` (`performance.now()`): a code that nobody has needs less to be looked up than one that
 * is hidden, and after the wait both are answered at the same time. Nothing hangs on it: what stands in the ledger stands before.
 */
export async function untilNextStep(began: number): Promise<void> {
  const passed = performance.now() - began;
  await new Promise((resolve) => setTimeout(resolve, STEP_MS - (passed % STEP_MS)));
}
