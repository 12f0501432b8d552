import type { DocumentDraft } from './draft.ts';
import { exactText, type JsonObject, objectsAt, textAt } from './element.ts';
import { textTable } from './text-table.ts';

/** Identifier types, HL7 table 0203. */
const V2_0203 = 'http://terminology.hl7.org/CodeSystem/v2-0203';

interface DocumentRow {
  /** What the identifier must have: its type's code in table 0203, or its system. */
  readonly identifier: { readonly type: string } | { readonly system: string };
  readonly document: string;
  /** Fixed issuer, where one number space has several spellings; else the identifier's own system. */
  readonly issuer?: string;
  readonly meaning: string;
}

/** Issuing system of 公民身份号码. */
export const ID_CARD_SYSTEM = 'urn:oid:2.16.156.10011.1.3';

/** The first row that fits decides; an identifier that fits none is a document of type `fhir:<its system>`. */
const DOCUMENT_TABLE: readonly DocumentRow[] = [
  { identifier: { system: ID_CARD_SYSTEM }, document: '01', issuer: ID_CARD_SYSTEM, meaning: '居民身份证 ID card' },
  { identifier: { type: 'NNCHN' }, document: '01', issuer: ID_CARD_SYSTEM, meaning: '居民身份证 ID card' },
  {
    identifier: { system: 'http://hl7.org/fhir/sid/passport-CHN' },
    document: '03',
    issuer: 'urn:iso:3166:CN',
    meaning: '护照 passport of this country',
  },
  { identifier: { type: 'PPN' }, document: '03', meaning: '护照 passport of any other' },
];

/**
 * An identifier as a document. Type, issuing system and number together name it, so one without a system or value, or with
 * one that no event can hold, is none: `undefined`.
 */
export function documentOf(identifier: JsonObject): DocumentDraft | undefined {
  const system = exactText(textAt(identifier, 'system'), 200);
  const number = exactText(textAt(identifier, 'value'), 128);
  if (system === undefined || number === undefined) return undefined;
  const types = objectsAt(identifier, 'type.coding')
    .filter((coding) => coding.system === V2_0203)
    .map((coding) => coding.code);
  const row = DOCUMENT_TABLE.find(({ identifier: wanted }) =>
    'system' in wanted ? wanted.system === system : types.includes(wanted.type),
  );
  if (row !== undefined) return { type: row.document, issuer: row.issuer ?? system, number };
  return /^[!-~]+$/.test(system) ? { type: `fhir:${system}`, issuer: system, number } : undefined;
}

/** The table for people: in the docs and by `npm run import -- --table`. */
export function documentTableText(): string {
  const rows = DOCUMENT_TABLE.map((row) => [
    'system' in row.identifier ? `system ${row.identifier.system}` : `type ${row.identifier.type}`,
    row.document,
    row.issuer ?? 'its system',
    row.meaning,
  ]);
  return textTable(
    ['identifier', 'document', 'issuer', 'meaning'],
    [...rows, ['any other', 'fhir:<its system>', 'its system', '']],
  );
}
