import type { Policy } from './events.ts';

/** How the ledger was opened; `checks` tell a start whether it holds the keyring that it was opened with. */
export type LedgerState = {
  readonly opened?: {
    readonly origin: string;
    readonly suite: 'international';
    readonly region: string;
    readonly checks: readonly { readonly name: string; readonly value: string }[];
  };
};

/** The policy in force and its hash, H(canonical(policy)); absent before one is adopted. */
export type PolicyState = { readonly adopted?: { readonly policy: Policy; readonly hash: string } };

/** An access names each policy rule that it uses, this many at most; a policy with more for one purpose is not adopted. */
export const MAX_RULES_FOR_PURPOSE = 16;
