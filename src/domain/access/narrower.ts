import type { Day } from '../../kernel/instant.ts';
import { type Instant, toEpochMs } from '../../kernel/instant.ts';
import type { ConsentTerms } from '../consent/terms.ts';
import type { PolicyRule } from '../ledger/events.ts';
import { PURPOSES, type Purpose, purposeCovers } from '../terms.ts';

/**
 * Which of several permits is named as the winner: the narrower one, then the newer. Widths are compared dimension by dimension, the
 * first difference decides. Whatever is within another in every dimension is never wider in any, so it comes first.
 */
export function compareGrants(a: ConsentTerms, b: ConsentTerms): number {
  return compare(grantWidths(a), grantWidths(b));
}

/** A law that names the organisation goes before the region's general rule; then the narrower; then by id, so that the order is one. */
export function compareRules(a: PolicyRule, b: PolicyRule): number {
  return compare(ruleWidths(a), ruleWidths(b)) || (a.id < b.id ? -1 : 1);
}

function grantWidths(terms: ConsentTerms): number[] {
  return [
    terms.grantee.kind === 'practitioner' ? 0 : 1,
    ...commonWidths(terms),
    toEpochMs(startOf(terms.period.to)) - toEpochMs(startOf(terms.period.from)),
    toEpochMs(terms.validUntil) - toEpochMs(terms.validFrom),
  ];
}

function ruleWidths(rule: PolicyRule): number[] {
  return [rule.kind === 'statutory' ? 0 : 1, ...commonWidths(rule)];
}

function commonWidths(permit: Pick<ConsentTerms, 'categories' | 'purposes' | 'labels'>): number[] {
  return [permit.categories.length, breadth(permit.purposes), permit.labels.length];
}

/** How many purposes are covered, sub-codes included: ETREAT is narrower than TREAT. */
function breadth(purposes: readonly Purpose[]): number {
  return PURPOSES.filter((asked) => purposes.some((purpose) => purposeCovers(purpose, asked))).length;
}

function startOf(day: Day): Instant {
  return `${day}T00:00:00.000Z` as Instant;
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [i, width] of a.entries()) {
    const difference = width - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
