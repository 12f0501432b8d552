import { documentType } from '../domain/terms.ts';
import { Malformed } from '../kernel/fault.ts';
import * as f from '../kernel/field.ts';
import { documentNormalForm } from '../vault/normal-form.ts';
import type { ClaimRef } from '../vault/port.ts';
import type { DocumentInput } from './api.ts';

/** Documents that one national system numbers: whoever shows them, and whatever issuer is named, the issuer is this. */
const NATIONAL = new Set(['01', '02', '04', '05', '06', '07']);
/** Passports are numbered by many states; without an issuer it is this country's. */
const PASSPORT = '03';

/** How a document comes in from outside. `issuer` may be left out for all but 99. */
export const documentInput = () =>
  f.object({ type: documentType(), issuer: f.optional(f.text(256)), number: f.text(128) });

export interface GivenDocument {
  readonly type: string;
  readonly issuer: string;
  readonly number: string;
}

export function withIssuer(document: DocumentInput, path = 'document'): GivenDocument {
  const { type, number } = document;
  const issuer = NATIONAL.has(type)
    ? `urn:cv02.01.101:${type}`
    : (document.issuer ??
      (type === PASSPORT ? 'urn:iso:3166:CN' : type.startsWith('fhir:') ? type.slice('fhir:'.length) : undefined));
  if (issuer === undefined)
    throw new Malformed(`${path}.issuer`, 'is missing: documents of this type have many issuers');
  checkNumber(document, `${path}.number`);
  return { type, issuer, number };
}

/** Separators alone are a text, and no number: what is left of them would be everybody's. */
function checkNumber({ type, number }: DocumentInput, path: string): void {
  try {
    documentNormalForm(type, number);
  } catch (error) {
    throw error instanceof Malformed ? new Malformed(path, 'is empty in normal form') : error;
  }
}

export const documentClaim = ({ type, issuer, number }: GivenDocument): ClaimRef => ({
  kind: 'document',
  type,
  issuer,
  value: number,
});

export const loginClaim = (issuer: string, subject: string): ClaimRef => ({
  kind: 'actor',
  type: 'actor',
  issuer,
  value: subject,
});

/** Codes are unique in a ledger; their issuer is the ledger itself. */
export const codeClaim = (code: string): ClaimRef => ({ kind: 'code', type: 'code', issuer: '', value: code });

export const institutionClaim = (key: { system: string; number: string }): ClaimRef => ({
  kind: 'institution',
  type: 'institution',
  issuer: key.system,
  value: key.number,
});

export const practitionerClaim = (key: { system: string; number: string }): ClaimRef => ({
  kind: 'practitioner',
  type: 'practitioner',
  issuer: key.system,
  value: key.number,
});
