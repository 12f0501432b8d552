import type { ConsentTerms } from '../domain/consent/terms.ts';
import type { Category, Period, Purpose, RecordIndex } from '../domain/terms.ts';
import type { Instant } from '../kernel/instant.ts';
import type { Role } from './actor.ts';

/** What the use cases answer. */

export interface Page {
  readonly hasNextPage: boolean;
  readonly endCursor: string | null;
  /** All rows that the selection and the decision let match; stands in the event. */
  readonly total: number;
}

export interface OpenedRecord {
  /** Opaque; names the record to `openContent` or `myContent` for this actor only. */
  readonly id: string;
  readonly cursor: string;
  readonly index: RecordIndex;
  readonly category: Category;
  readonly custodian: NamedRef;
  readonly author: NamedRef | null;
  readonly period: Period;
  readonly type: string;
  readonly code: { readonly system: string; readonly code: string } | null;
  readonly title: string;
  readonly at: Instant;
  readonly sensitivities: readonly string[];
  readonly confidentiality: string;
  readonly contentType: string;
  readonly contentSize: number;
}

/** An organisation or person by id and the name it had then; null when it is not registered. */
export interface NamedRef {
  readonly id: string;
  readonly name: string | null;
}

export interface RecordPage extends Page {
  /** The id of the access event that stands for this answer. */
  readonly event: string;
  readonly records: readonly OpenedRecord[];
}

export interface Content {
  readonly event: string;
  readonly mediaType: string;
  /** The exact text that was registered. */
  readonly text: string;
  /** SHA-256 of its bytes, base64url. */
  readonly hash: string;
}

export interface Profile {
  readonly event: string;
  readonly region: string;
  readonly name: string;
  readonly sex: string | null;
  readonly birthDate: string | null;
  readonly phone: string | null;
  readonly address: string | null;
  readonly documents: readonly { readonly type: string; readonly issuer: string; readonly number: string }[];
}

export interface TrailEntry {
  readonly cursor: string;
  readonly event: string;
  readonly kind: 'permitted' | 'denied' | 'missed' | 'log-read' | 'withheld';
  readonly time: Instant;
  readonly actorKind: Role;
  readonly actor: NamedRef;
  readonly organisation: NamedRef | null;
  readonly purpose: Purpose | null;
  readonly trace: string | null;
  /** Null once the retention period of these details has ended. */
  readonly details: {
    readonly rule: string | null;
    readonly basis: string | null;
    readonly policy: string | null;
    readonly what: string | null;
    readonly categories: readonly string[];
    readonly count: number | null;
    readonly grants: readonly string[];
    readonly servedRoot: string | null;
  } | null;
}

export interface TrailPage extends Page {
  readonly event: string;
  readonly entries: readonly TrailEntry[];
}

export interface ConsentView {
  readonly consentId: string;
  readonly cursor: string;
  /** As of now: expiry is computed, never stored. */
  readonly state: 'pending' | 'live' | 'not-yet-valid' | 'denied' | 'revoked' | 'expired';
  readonly terms: ConsentTerms;
  readonly institution: NamedRef;
  readonly practitioner: NamedRef | null;
  readonly requestedAt: Instant | null;
  readonly answerBy: Instant | null;
  readonly grantedAt: Instant | null;
  readonly endedAt: Instant | null;
}

export interface ConsentPage {
  readonly consents: readonly ConsentView[];
  readonly hasNextPage: boolean;
  readonly endCursor: string | null;
  readonly total: number;
}

export interface CodeState {
  /** Names the code in the resident's own calls; the code's text is on the card. */
  readonly ref: string;
  readonly state: 'active' | 'suspended' | 'closed';
  readonly issuedAt: Instant;
}

export interface InstitutionView {
  readonly id: string;
  readonly name: string;
  readonly identifiers: readonly { readonly system: string; readonly number: string }[];
  readonly region: string | null;
  readonly level: number | null;
  readonly kind: string | null;
  readonly state: 'active' | 'ended';
}

export interface PractitionerView {
  readonly id: string;
  readonly name: string;
  readonly title: string | null;
  readonly licence: string | null;
  readonly affiliations: readonly NamedRef[];
  readonly state: 'active' | 'ended';
}
