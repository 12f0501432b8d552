import type { Category, Confidentiality, Period, RecordIndex, Sensitivity } from '../domain/terms.ts';
import type { Day, Instant } from '../kernel/instant.ts';

/**
 * Plain data on its way to commands: what an import or the seed found, in the words of the events, but naming others by
 * their own systems' numbers, since ids and labels are the ledger's to give.
 */

/** An organisation's or practitioner's number in one issuing system; by this pair it is found. */
export interface PartyKey {
  readonly system: string;
  readonly number: string;
}

export interface InstitutionDraft {
  /** One of the identifiers, the same whatever their order (see party.ts). */
  readonly key: PartyKey;
  readonly identifiers: readonly PartyKey[];
  readonly name: string;
  /** GB/T 2260. */
  readonly region?: string;
  /** 3 三级, 2 二级, 1 一级, 0 none. */
  readonly level?: number;
  readonly kind?: string;
  readonly phone?: string;
  readonly address?: string;
}

export interface PractitionerDraft {
  readonly key: PartyKey;
  readonly identifiers: readonly PartyKey[];
  readonly name: string;
  readonly licence?: string;
  readonly title?: string;
  /** Keys of the organisations in which the practitioner works, as far as this source shows. */
  readonly affiliations: readonly PartyKey[];
  readonly phone?: string;
  readonly address?: string;
}

export interface DocumentDraft {
  /** CV02.01.101 or `fhir:<identifier system>` (document-type.ts). */
  readonly type: string;
  readonly issuer: string;
  /** As written; its normal form is the claim's business. */
  readonly number: string;
}

export interface ResidentDraft {
  readonly sourceSystem: string;
  readonly sourceId: string;
  /** The name to show; `names` has all, this one first. */
  readonly name: string;
  readonly names: readonly string[];
  readonly sex?: 'male' | 'female' | 'other' | 'unknown';
  readonly birthDate?: Day;
  readonly deceased?: { readonly at?: Instant };
  readonly phone?: string;
  readonly address?: string;
  /** GB/T 2260 code of the residence, where the source has one. */
  readonly region?: string;
  /** What else the source says of the person, by element or extension name. */
  readonly demographics: { readonly [name: string]: string };
  /** At least one. */
  readonly documents: readonly DocumentDraft[];
}

export interface RecordDraft {
  /** (sourceSystem, type, id) is the record's identity, whatever file it came in. */
  readonly sourceSystem: string;
  readonly type: string;
  readonly id: string;
  readonly category: Category;
  readonly index: RecordIndex;
  readonly custodian: PartyKey;
  readonly author?: PartyKey;
  /** UTC days that the data are of, both included. */
  readonly period: Period;
  /** The clinical instant. */
  readonly at: Instant;
  readonly code?: { readonly system: string; readonly code: string };
  readonly title: string;
  /** Ascending, without doubles. */
  readonly sensitivities: readonly Sensitivity[];
  readonly confidentiality: Confidentiality;
  /** The exact bytes of the source. */
  readonly content: Uint8Array;
  readonly mediaType: string;
}

/** A text for maps and sets; system and number may hold any character but NUL. */
export function partyKeyText(key: PartyKey): string {
  return `${key.system}\u0000${key.number}`;
}

/** RFC 6838 name of FHIR's JSON. */
export const FHIR_JSON = 'application/fhir+json';
