import { isOwnPurpose } from '../consent/terms.ts';
import { accept, type Decider, refuse } from '../decider.ts';
import type { RefusalCode } from '../refusals.ts';
import { sameValue } from '../sets.ts';
import { PURPOSES, purposeCovers } from '../terms.ts';
import type { LedgerEnd, NewLedgerEvent, Policy, PolicyRule } from './events.ts';
import { type LedgerState, MAX_RULES_FOR_PURPOSE, type PolicyState } from './terms.ts';

export type LedgerCommand =
  | {
      readonly type: 'open';
      readonly origin: string;
      readonly suite: 'international';
      readonly region: string;
      readonly checks: readonly { readonly name: string; readonly value: string }[];
    }
  /** `hash` is H(canonical(policy)), made by the caller, who has the suite. */
  | { readonly type: 'adopt-policy'; readonly policy: Policy; readonly hash: string }
  /** `expected` is what had been seen of the ledger, `found` what stands there instead. */
  | {
      readonly type: 'accept-restored';
      readonly expected?: LedgerEnd;
      readonly found?: LedgerEnd;
      readonly reason: string;
    };

interface States {
  readonly ledger: LedgerState;
  readonly policy: PolicyState;
}

export const ledgerDecider: Decider<LedgerCommand, States, NewLedgerEvent, RefusalCode> = {
  folds: ['ledger', 'policy'],
  decide(command, { ledger: { opened }, policy: { adopted } }) {
    switch (command.type) {
      case 'open': {
        const { origin, suite, region, checks } = command;
        if (opened !== undefined) {
          const same = opened.origin === origin && opened.suite === suite && opened.region === region;
          return same ? accept() : refuse('ledger-opened-otherwise');
        }
        return accept<NewLedgerEvent>({
          type: 'ledger.opened@1',
          retained: { origin, suite, region, checks },
          personal: {},
        });
      }
      case 'adopt-policy': {
        const { policy, hash } = command;
        if (opened === undefined) return refuse('ledger-not-open');
        if (adopted?.hash === hash) return accept();
        const ids = new Set(policy.rules.map(({ id }) => id));
        if (ids.size !== policy.rules.length || !policy.rules.every(isWellFormed)) return refuse('policy-rule-invalid');
        if (PURPOSES.some((purpose) => rulesFor(policy, purpose) > MAX_RULES_FOR_PURPOSE)) {
          return refuse('policy-too-many-rules');
        }
        return accept<NewLedgerEvent>({
          type: 'ledger.policy-adopted@1',
          retained: { policy, hash },
          personal: {},
        });
      }
      case 'accept-restored': {
        const { expected, found, reason } = command;
        if (opened === undefined) return refuse('ledger-not-open');
        // What was seen stands there: nothing is lost that would have to be accepted.
        if (expected !== undefined && found !== undefined && sameValue(expected, found)) return accept();
        return accept<NewLedgerEvent>({
          type: 'ledger.restored@1',
          retained: { ...(expected && { expected }), ...(found && { found }), reason },
          personal: {},
        });
      }
    }
  },
};

/** A law lets named organisations read, never everybody; what one registered itself needs no name. */
function isWellFormed(rule: PolicyRule): boolean {
  if (rule.purposes.some(isOwnPurpose)) return false;
  switch (rule.kind) {
    case 'own-records':
      return rule.institutions === undefined;
    case 'statutory':
      return rule.institutions !== undefined;
  }
}

function rulesFor(policy: Policy, asked: (typeof PURPOSES)[number]): number {
  return policy.rules.filter((rule) => rule.purposes.some((purpose) => purposeCovers(purpose, asked))).length;
}
