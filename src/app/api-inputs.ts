import type { ConsentTerms, Evidence } from '../domain/consent/terms.ts';

/** What the edges hand to the use cases: untrusted texts; each use case parses its own strictly. */

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

export interface RecordSelection extends Paging {
  readonly index?: string;
  readonly categories?: readonly string[];
  readonly period?: { readonly from: string; readonly to: string };
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
