import { parseIdCard } from '../domain/identity/id-card.ts';
import { Malformed } from '../kernel/fault.ts';

/**
 * One spelling for each number that a person may show, so that nobody is two people. What a normal form joins it joins for ever: the
 * blind indexes and marks made of it are stored and cannot be made again.
 */

/** White space, dashes of every script, and what has no shape at all (zero-width spaces, soft hyphens, variation selectors). */
const SEPARATORS = /[\p{White_Space}\p{Dash}\p{Default_Ignorable_Code_Point}]/gu;

/** NFKC: full-width digits and letters become plain ones. For codes, and for numbers of systems whose rules are not ours. */
export function plainNormalForm(value: string): string {
  if (!value.isWellFormed()) throw new Malformed('number', 'holds a lone surrogate');
  return filled(value.normalize('NFKC'));
}

/**
 * The normal form of an identity document's number. Types of CV02.01.101: NFKC, upper case, spaces and hyphens removed; for 01
 * (居民身份证) also 15 digits → 18. `fhir:<system>`: NFKC alone, because FHIR's identifiers differ by case and hyphens unless their system says otherwise.
 */
export function documentNormalForm(type: string, value: string): string {
  const plain = plainNormalForm(value);
  if (type.startsWith('fhir:')) return plain;
  // Upper case and the removed separators can leave letters that NFKC would join, so it stands at both ends.
  const bare = filled(plain.toUpperCase().replace(SEPARATORS, '').normalize('NFKC'));
  if (type !== '01') return bare;
  return parseIdCard(bare)?.number ?? bare;
}

function filled(value: string): string {
  if (value === '') throw new Malformed('number', 'is empty in normal form');
  return value;
}
