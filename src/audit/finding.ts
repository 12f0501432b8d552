/** What kind of fault an event shows; printed by fsck and stable, so that a script may act on it. */
export const FINDING_KINDS = [
  'leaf-malformed',
  'foreign-leaf',
  'leaf-hash',
  'header-malformed',
  'header-commitment',
  'header-mismatch',
  'revision-gap',
  'chain-broken',
  'position-order',
  'time-order',
  'id-twice',
  'unknown-type',
  'retained-unreadable',
  'personal-unreadable',
  'condition-broken',
  'decided-after-append',
  'batch-partial',
  'served-mismatch',
  'head-mismatch',
  'head-without-event',
  'ledger-head-mismatch',
  'read-table-differs',
  'anchor-origin',
  'anchor-truncated',
  'anchor-root',
  'anchor-head',
] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

/** The first place where the ledger is wrong. Names places and kinds, never contents. */
export interface Finding {
  readonly kind: FindingKind;
  readonly detail: string;
  readonly position?: string;
  readonly stream?: string;
  readonly revision?: string;
  readonly event?: string;
}
