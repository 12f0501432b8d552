import type { PartyKey } from '../support/cast.ts';

/**
 * What the test knows of the population because it made it: in the API's words, kept by hand, told by nothing in `src`. Names,
 * numbers, titles and contents bear markers (markers.ts), so that each can be found in any answer.
 */

export interface KnownPeriod {
  readonly from: string;
  readonly to: string;
}

export interface KnownHospital {
  readonly id: string;
  readonly key: PartyKey;
  readonly name: string;
  readonly region: string;
  readonly level: number;
  readonly kind: string;
  ended: boolean;
}

export interface KnownDoctor {
  readonly id: string;
  readonly key: PartyKey;
  readonly name: string;
  readonly title: string;
  readonly licence: string;
  affiliations: readonly KnownHospital[];
  ended: boolean;
}

export interface KnownRecord {
  /** Names the record in what the test writes: `<resident>.<n>`. */
  readonly name: string;
  readonly custodian: KnownHospital;
  readonly source: { readonly system: string; readonly type: string; readonly id: string };
  readonly index: string;
  readonly at: string;
  readonly period: KnownPeriod;
  author: KnownDoctor | null;
  category: string;
  sensitivities: readonly string[];
  confidentiality: string;
  code: { readonly system: string; readonly code: string } | null;
  title: string;
  content: string;
  mediaType: string;
  withdrawn: boolean;
}

export interface KnownTerms {
  readonly grantee: { readonly kind: string; readonly institution: string; readonly practitioner?: string };
  readonly purposes: readonly string[];
  readonly categories: readonly string[];
  readonly labels: readonly string[];
  readonly period: KnownPeriod;
  readonly validFrom: string;
  readonly validUntil: string;
}

export interface KnownConsent {
  readonly id: string;
  terms: KnownTerms;
  fate: 'requested' | 'granted' | 'denied' | 'revoked';
  /** As the resident's own list says them: when something happened is no secret, and the server's clock is the only witness. */
  instants: {
    readonly requestedAt: string | null;
    readonly answerBy: string | null;
    readonly grantedAt: string | null;
    readonly endedAt: string | null;
  };
}

export interface KnownCode {
  readonly text: string;
  state: 'ACTIVE' | 'SUSPENDED' | 'CLOSED';
  ref: string;
  issuedAt: string;
}

export interface KnownResident {
  readonly name: string;
  readonly label: string;
  readonly profile: {
    readonly region: string;
    readonly name: string;
    readonly sex: string | null;
    readonly birthDate: string | null;
    readonly phone: string | null;
    readonly address: string | null;
    readonly documents: { readonly type: string; readonly issuer: string; readonly number: string }[];
  };
  readonly codes: KnownCode[];
  readonly records: KnownRecord[];
  readonly consents: KnownConsent[];
  dead: boolean;
}

export type KnownRole = 'resident' | 'practitioner' | 'issuer' | 'regulator' | 'system';

export interface KnownActor {
  readonly name: string;
  readonly role: KnownRole;
  readonly token: string;
  /** As events name the actor, and as cursors and record ids are bound to. */
  readonly id: string;
  readonly resident?: KnownResident;
  /** Absent for a practitioner's token under a number that nobody has. */
  readonly doctor?: KnownDoctor;
  readonly organisation?: KnownHospital;
}

export interface KnownRule {
  readonly id: string;
  readonly kind: string;
  readonly purposes: readonly string[];
  readonly categories: readonly string[];
  readonly labels: readonly string[];
  readonly basis: string;
  readonly institutions: readonly string[] | null;
}

export interface Truth {
  readonly hospitals: readonly KnownHospital[];
  readonly doctors: readonly KnownDoctor[];
  readonly residents: readonly KnownResident[];
  readonly actors: readonly KnownActor[];
  /** Every marker that was planted. */
  readonly planted: ReadonlySet<string>;
  policy: { hash: string; version: string; rules: readonly KnownRule[] };
}

export function residentOfCode(truth: Truth, text: string): KnownResident | undefined {
  return truth.residents.find(({ codes }) => codes.some((code) => code.text === text));
}
