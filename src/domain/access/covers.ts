import type { Id16 } from '../../kernel/id.ts';
import { inBoth, isSubset } from '../sets.ts';
import { type Category, LABELS, type Label, type Period, periodCovers, periodOverlap } from '../terms.ts';

/**
 * What one grant, one policy rule, or the resident's own right lets be seen. A decision has several; what may be seen is their
 * union, never a mixture (the categories of one with the period of another).
 */
export interface Scope {
  readonly kind: 'all' | 'grant' | 'policy';
  /** `self`, the consent id, or the policy rule's id. */
  readonly id: string;
  readonly categories: readonly Category[];
  /** A record's whole data period must lie within; absent: any. */
  readonly period?: Period;
  /** Only what this organisation registered; absent: anybody's. */
  readonly custodian?: Id16;
  /** Labels that a record may bear; any other label on it hides it. */
  readonly labels: readonly Label[];
}

/** What decides whether a record may be seen. */
export interface Row {
  readonly category: Category;
  readonly period: Period;
  readonly custodian: Id16;
  /** Its sensitivity codes, and R or V where that is its confidentiality. */
  readonly labels: readonly Label[];
}

/**
 * A record reaches out of a scope's period by one day: it stays hidden, since showing it would show that day too. So a period is
 * about the data, not about when they were written down.
 */
export function scopeCovers(scope: Scope, row: Row): boolean {
  return (
    scope.categories.includes(row.category) &&
    (scope.period === undefined || periodCovers(scope.period, row.period)) &&
    (scope.custodian === undefined || scope.custodian === row.custodian) &&
    isSubset(row.labels, scope.labels)
  );
}

/** The labels whose marks a query leaves out: the residual obligation of a scope. */
export function forbiddenLabels(scope: Scope): Label[] {
  return LABELS.filter((label) => !scope.labels.includes(label));
}

/** The part of a scope that a selection asks for; `undefined` when they have nothing in common. */
export function within(
  scope: Scope,
  selection: { readonly categories?: readonly Category[]; readonly period?: Period },
): Scope | undefined {
  const categories =
    selection.categories === undefined ? scope.categories : inBoth(scope.categories, selection.categories);
  if (categories.length === 0) return undefined;
  const { period: asked } = selection;
  if (asked === undefined) return { ...scope, categories };
  const period = scope.period === undefined ? asked : periodOverlap(scope.period, asked);
  return period === undefined ? undefined : { ...scope, categories, period };
}
