import type { Policy } from '../domain/ledger/events.ts';
import type { Instant } from '../kernel/instant.ts';
import type { Actor, Caller, Role } from './actor.ts';
import type {
  DocumentInput,
  GrantConsentInput,
  InstitutionInput,
  Paging,
  PractitionerInput,
  RecordSelection,
  RegisterRecordInput,
  RegisterResidentInput,
  RequestConsentInput,
  TrailFilterInput,
} from './api-inputs.ts';
import type {
  CodeState,
  ConsentPage,
  Content,
  InstitutionView,
  PractitionerView,
  Profile,
  RecordPage,
  TrailPage,
} from './api-views.ts';
import type { Outcome } from './outcome.ts';

export type * from './api-inputs.ts';
export type * from './api-views.ts';
export type { Policy };

/**
 * Everything the platform does, as its edges (GraphQL, scripts) call it. Arguments are untrusted: each use case parses its input strictly
 * and throws `Malformed` naming the field. Refusals are values. Ids of records, and cursors, are opaque texts bound to the actor.
 */
export interface Platform {
  /**
   * The actor behind a verified token; undefined when its organisation, or the resident behind it, is unknown (then 401, and nothing is
   * appended). A first sign-in is an event, which bears `trace`.
   */
  actorOf(claims: TokenClaims, trace?: string): Promise<Actor | undefined>;

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
