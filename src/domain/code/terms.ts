import type { Mark } from '../../kernel/id.ts';

export type SuspensionReason = 'resident' | 'lost' | 'misuse' | 'office';

/** The codes of one resident: at most one is live (active or suspended). */
export type CodeState = {
  readonly live?: {
    readonly codeRef: Mark;
    /** Why it is suspended; absent while it is active. */
    readonly suspended?: SuspensionReason;
  };
  /** Closed for good, in the order of closing. */
  readonly closed: readonly Mark[];
};

/** True when a person may be reached through this code now: live and not suspended. */
export function isActive(state: CodeState, codeRef: Mark): boolean {
  return state.live?.codeRef === codeRef && state.live.suspended === undefined;
}
