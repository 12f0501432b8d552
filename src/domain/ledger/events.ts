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

/** Where a ledger ends: how many events stand in it, and the leaf hash of the last one. */
const ledgerEnd = f.object({ size: f.integer(1, Number.MAX_SAFE_INTEGER), leaf: f.bytes32() });
export type LedgerEnd = f.Infer<typeof ledgerEnd>;

/**
 * The operator goes on with a database that lacks what a data folder had seen of the ledger, such as one restored from a backup: what
 * was appended in between is gone, and here it stands that it is.
 */
export const ledgerRestored = declareEvent({
  type: 'ledger.restored@1',
  retention: 'life',
  retained: {
    /** What had been seen; absent when the file that says so could not be read. */
    expected: f.optional(ledgerEnd),
    /** What stood there instead; absent: nothing. */
    found: f.optional(ledgerEnd),
    /** By the operator, about the incident: no person's data. It may be published. */
    reason: f.text(500),
  },
  personal: {},
});

export const LEDGER_EVENTS = [ledgerOpened, ledgerPolicyAdopted, ledgerRestored] as const;
export type LedgerEvent = PastEvent<(typeof LEDGER_EVENTS)[number]>;
export type NewLedgerEvent = NewEvent<(typeof LEDGER_EVENTS)[number]>;
