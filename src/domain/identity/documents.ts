import type { Mark } from '../../kernel/id.ts';
import type { Day } from '../../kernel/instant.ts';
import { parseIdCard } from './id-card.ts';

/** An identity document as a command brings it: its number in normal form (the vault's), and its mark under the stream's tag key. */
export interface ShownDocument {
  readonly mark: Mark;
  /** CV02.01.101 code or `fhir:<identifier system>`. */
  readonly type: string;
  readonly issuer: string;
  readonly number: string;
}

/** 居民身份证 */
const ID_CARD = '01';

/** The document as the personal part of an event keeps it. */
export function written(document: ShownDocument): { type: string; issuer: string; number: string } {
  const { type, issuer, number } = document;
  return { type, issuer, number };
}

/** Each document once, the first of each mark. */
export function distinct(documents: readonly ShownDocument[]): ShownDocument[] {
  const byMark = new Map<Mark, ShownDocument>();
  for (const document of documents) if (!byMark.has(document.mark)) byMark.set(document.mark, document);
  return [...byMark.values()];
}

/**
 * What is wrong with documents by themselves: an ID card number that cannot have been issued, or one that says another birth
 * date or sex than was given. Only for 01: other documents' numbers have no check.
 */
export function documentFault(
  documents: readonly ShownDocument[],
  person: { readonly birthDate?: Day; readonly sex?: string } = {},
): 'id-card-invalid' | 'id-card-mismatch' | undefined {
  for (const { type, number } of documents) {
    if (type !== ID_CARD) continue;
    const card = parseIdCard(number);
    if (card === undefined || card.number !== number) return 'id-card-invalid';
    if (person.birthDate !== undefined && person.birthDate !== card.birthDate) return 'id-card-mismatch';
    const { sex } = person;
    if ((sex === 'male' || sex === 'female') && sex !== card.sex) return 'id-card-mismatch';
  }
  return undefined;
}
