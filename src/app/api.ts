import type { ConsentTerms, Evidence } from '../domain/consent/terms.ts';
import type { Policy } from '../domain/ledger/events.ts';
import type { Category, Period, Purpose, RecordIndex } from '../domain/terms.ts';
import type { Instant } from '../kernel/instant.ts';
import type { Actor, Caller, Role } from './actor.ts';
import type { Outcome } from './outcome.ts';

/**
 * Everything the platform does, as its edges (GraphQL, scripts) call it. Arguments are untrusted: each use case parses its input strictly
 * and throws `Malformed` naming the field. Refusals are values. Ids of records, and cursors, are opaque texts bound to the actor.
 */
export interface Platform {
  /** The actor behind a verified token; undefined when its organisation, or the resident behind it, is unknown (then 401, and nothing is appended). */
  actorOf(claims: TokenClaims): Promise<Actor | undefined>;

  // Identity and code: issuer (health-code office); system of an organisation.
  registerResident: Mutation<RegisterResidentInput, { readonly code: string }>;
  linkDocuments: Mutation<{ code: string; documents: readonly DocumentInput[] }, Receipt>;
  reportDeath: Mutation<{ code: string; deceasedAt?: string; source?: string }, Receipt>;
  issueCode: Mutation<{ documents: readonly DocumentInput[] }, { readonly code: string }>;
  suspendCode: Mutation<{ code?: string; reason: string }, Receipt>;
  resumeCode: Mutation<{ code?: string }, Receipt>;
  closeCode: Mutation<{ code?: string; reason: string }, Receipt>;
  /** Resident whose token bears a verified document claim: binds the token's (issuer, subject). Done by `actorOf` on first sight. */

  // Consent
  requestConsent: Mutation<RequestConsentInput, { readonly consentId: string }>;
  grantConsent: Mutation<GrantConsentInput, { readonly consentId: string }>;
  denyConsent: Mutation<{ consentId: string }, Receipt>;
  revokeConsent: Mutation<{ consentId: string }, Receipt>;

  // Record: practitioner or system of the custodian organisation.
  registerRecord: Mutation<RegisterRecordInput, { readonly record: string }>;
  withdrawRecord: Mutation<
    { code: string; sourceSystem: string; type: string; sourceId: string; reason: string },
    Receipt
  >;

  // Institutions, practitioners, policy: regulator.
  registerInstitution: Mutation<InstitutionInput, { readonly id: string }>;
  changeInstitution: Mutation<InstitutionInput & { id: string }, Receipt>;
  endInstitution: Mutation<{ id: string; reason: string }, Receipt>;
  registerPractitioner: Mutation<PractitionerInput, { readonly id: string }>;
  changePractitioner: Mutation<PractitionerInput & { id: string }, Receipt>;
  endPractitioner: Mutation<{ id: string; reason: string }, Receipt>;
  adoptPolicy: Mutation<{ policy: Policy }, { readonly hash: string }>;

  // Gated reads: each call appends exactly one event before it answers.
  /** Resident: own demographics. */
  myProfile: Read<Record<never, never>, Profile>;
  /** Resident: own records. */
  myRecords: Read<RecordSelection, RecordPage>;
  myContent: Read<{ record: string }, Content>;
  myAccessLog: Read<{ from?: string; until?: string } & Paging, TrailPage>;
  /** Practitioner: the records behind one health code, for a purpose. */
  openRecords: Read<RecordSelection & { code: string; purpose: string }, RecordPage>;
  openContent: Read<{ code: string; purpose: string; record: string }, Content>;
  /** Is this code live? Tells nothing of the person. */
  verifyCode: Read<{ code: string; purpose?: string }, { readonly live: 'yes' }>;
  /** Regulator: trails, by any of the filters together. */
  readTrail: Read<TrailFilterInput & Paging, TrailPage>;

  // Open reads: nothing clinical, nothing personal beside the caller's own consents.
  myConsents(caller: Caller, input: { state?: 'live' | 'pending' | 'ended' } & Paging): Promise<Outcome<ConsentPage>>;
  myCodes(caller: Caller): Promise<Outcome<readonly CodeState[]>>;
  institution(caller: Caller, key: { id?: string; system?: string; number?: string }): Promise<InstitutionView | null>;
  practitioner(
    caller: Caller,
    key: { id?: string; system?: string; number?: string },
  ): Promise<PractitionerView | null>;
  policy(caller: Caller): Promise<{ hash: string; policy: Policy } | null>;
}

/** `requestId`: `[A-Za-z0-9._-]{8,64}`, chosen by the client, the same when it sends the same again. */
export type Mutation<I, T> = (caller: Caller, requestId: string, input: I) => Promise<Outcome<T>>;
export type Read<I, T> = (caller: Caller, input: I) => Promise<Outcome<T>>;

/** The id of the first event that the command appended (or found appended); absent when there was nothing to do. */
export interface Receipt {
  readonly event?: string;
}

/** What auth hands over from a verified token; the claims' names are configuration. */
export interface TokenClaims {
  readonly issuer: string;
  readonly subject: string;
  readonly role: Role;
  readonly until: Instant;
  readonly organisation?: { readonly system: string; readonly number: string };
  readonly practitioner?: { readonly system: string; readonly number: string };
  /** A document of the resident that the identity provider has verified. */
  readonly document?: DocumentInput;
}

export interface DocumentInput {
  readonly type: string;
  readonly issuer?: string;
  readonly number: string;
}

export interface RegisterResidentInput {
  readonly region: string;
  readonly name: string;
  readonly sex?: string;
  readonly birthDate?: string;
  readonly phone?: string;
  readonly address?: string;
  readonly documents: readonly DocumentInput[];
  readonly login?: { readonly issuer: string; readonly subject: string };
}

export interface RequestConsentInput {
  readonly code: string;
  /** 'institution': for the token's organisation; 'practitioner': for the asker alone. */
  readonly granteeKind: 'institution' | 'practitioner';
  readonly purposes: readonly string[];
  readonly categories: readonly string[];
  readonly labels?: readonly string[];
  readonly period: { readonly from: string; readonly to: string };
  readonly validFrom?: string;
  readonly validUntil: string;
  readonly answerBy?: string;
  readonly message?: string;
}

/** Without a `consentId`: by the resident's own wish, answering no request. */
export interface GrantConsentInput {
  readonly consentId?: string;
  readonly terms: ConsentTerms;
  readonly evidence: Evidence;
}

export interface RegisterRecordInput {
  readonly code: string;
  readonly index: string;
  readonly category: string;
  readonly period: { readonly from: string; readonly to: string };
  readonly type: string;
  readonly codeOfType?: { readonly system: string; readonly code: string };
  readonly title: string;
  readonly at: string;
  readonly sensitivities?: readonly string[];
  readonly confidentiality?: string;
  readonly sourceSystem: string;
  readonly sourceId: string;
  readonly mediaType: string;
  /** The content's exact text; its UTF-8 bytes are what is stored. */
  readonly content: string;
}

export interface InstitutionInput {
  readonly identifiers: readonly { readonly system: string; readonly number: string }[];
  readonly name: string;
  readonly region?: string;
  readonly level?: number;
  readonly kind?: string;
  readonly phone?: string;
  readonly address?: string;
}

export interface PractitionerInput {
  readonly identifiers: readonly { readonly system: string; readonly number: string }[];
  readonly name: string;
  readonly licence?: string;
  readonly title?: string;
  readonly affiliations: readonly string[];
  readonly phone?: string;
  readonly address?: string;
}

/** Forward paging only. `first` 1 to 200, default 20. */
export interface Paging {
  readonly first?: number;
  readonly after?: string;
}

export interface Page {
  readonly hasNextPage: boolean;
  readonly endCursor: string | null;
  /** All rows that the selection and the decision let match; stands in the event. */
  readonly total: number;
}

export interface RecordSelection extends Paging {
  readonly index?: string;
  readonly categories?: readonly string[];
  readonly period?: { readonly from: string; readonly to: string };
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

export interface TrailFilterInput {
  /** One resident, by health code. */
  readonly code?: string;
  /** A practitioner or officer by actor id. */
  readonly person?: string;
  readonly organisation?: string;
  readonly purpose?: string;
  /** X-Request-Id. */
  readonly trace?: string;
  readonly from?: string;
  readonly until?: string;
}

export interface TrailEntry {
  readonly cursor: string;
  readonly event: string;
  readonly kind: 'permitted' | 'denied' | 'missed' | 'log-read';
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

export type { Policy };
