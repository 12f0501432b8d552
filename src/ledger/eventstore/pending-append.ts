import type { PendingAppend as Queued } from '../append-queue.ts';

/** One call of `append` on its way to a server that may keep an answer to itself. */
export interface PendingAppend extends Queued {
  /** `sent`: from now on it may be written. `answered`: its caller has heard; what is under way goes on without it. */
  state: 'waiting' | 'sent' | 'answered';
}
