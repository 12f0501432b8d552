import { declareEvent, type NewEvent, type PastEvent } from '../../kernel/event.ts';
import * as f from '../../kernel/field.ts';
import { category, labelCode, purpose, region } from '../terms.ts';

/** The region's own account. The openings of its events are published. */

export const ledgerOpened = declareEvent({
  type: 'ledger.opened@1',
  retention: 'life',
  retained: {
    origin: f.text(128),
    suite: f.oneOf('international'),
    region: region(),
    /** HMAC(key, "hrl/check/v1\n" ‖ lp(name)) of keyring keys that never change: another keyring is found at start. */
    checks: f.list(f.object({ name: f.text(32), value: f.bytes32() }), 8, 1),
  },
  personal: {},
});

/** One rule of the region's policy. `own-records`: an institution reads for these purposes what it registered itself. `statutory`: a law's article lets these read (PIPL 13 (2)–(7)). */
const policyRule = f.object({
  id: f.pattern(/^[a-z][a-z0-9-]{0,63}$/, 'rule-id'),
  kind: f.oneOf('own-records', 'statutory'),
  purposes: f.setOf(purpose(), 12, 1),
  categories: f.setOf(category(), 9, 1),
  /** Labelled records that the rule includes. */
  labels: f.setOf(labelCode(), 10),
  /** The law's article that stands as basis in every access under this rule. */
  basis: f.text(64),
  /** `statutory` only: which organisations. */
  institutions: f.optional(f.setOf(f.id16(), 256, 1)),
});
export type PolicyRule = f.Infer<typeof policyRule>;

export const policy = () => f.object({ version: f.text(32), rules: f.list(policyRule, 64) });
export type Policy = f.Infer<ReturnType<typeof policy>>;

export const ledgerPolicyAdopted = declareEvent({
  type: 'ledger.policy-adopted@1',
  retention: 'life',
  retained: {
    policy: policy(),
    /** H(canonical(policy)), base64url; what access events name. */
    hash: f.bytes32(),
  },
  personal: {},
});

export const LEDGER_EVENTS = [ledgerOpened, ledgerPolicyAdopted] as const;
export type LedgerEvent = PastEvent<(typeof LEDGER_EVENTS)[number]>;
export type NewLedgerEvent = NewEvent<(typeof LEDGER_EVENTS)[number]>;
