import { isFault } from '../kernel/fault.ts';
import type { RecordedEvent } from '../ledger/port.ts';

/** What kind of fault an event shows; printed by fsck and stable, so that a script may act on it. */
export const FINDING_KINDS = [
  // The bytes of one event.
  'row-malformed',
  'leaf-malformed',
  'foreign-leaf',
  'leaf-hash',
  'header-malformed',
  'header-mismatch',
  'header-commitment',
  'unknown-type',
  // Its place.
  'position-order',
  'position-gap',
  'revision-gap',
  'chain-broken',
  'time-order',
  'id-twice',
  // What is sealed in it.
  'retained-unreadable',
  'personal-unreadable',
  'key-unreadable',
  'key-mismatch',
  'withheld',
  // What it says of the moment of its append, and of what it stands for.
  'condition-broken',
  'decided-after-append',
  'batch-partial',
  'served-mismatch',
  // What must stand beside it.
  'claim-differs',
  'content-missing',
  'content-unreadable',
  'head-mismatch',
  'head-without-event',
  'ledger-head-mismatch',
  'read-table-differs',
  'store-unreadable',
  // What somebody kept elsewhere.
  'anchor-origin',
  'anchor-truncated',
  'anchor-root',
  'anchor-head',
  // What the data folder has seen.
  'seen-truncated',
  'seen-other',
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

/** Where an event stands, and which it is. */
export type EventPlace = Pick<RecordedEvent, 'position' | 'stream' | 'revision' | 'id'>;

export function findingAt(event: EventPlace, kind: FindingKind, detail: string): Finding {
  const { position, stream, revision, id } = event;
  return { kind, detail, position, stream, revision: revision.toString(), event: id };
}

/** A fault's own words; they hold no contents. */
export function reason(error: unknown): string {
  return isFault(error) ? error.message : 'cannot be read';
}
