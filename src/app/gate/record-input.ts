import { asSet } from '../../domain/sets.ts';
import { category, period, recordIndex } from '../../domain/terms.ts';
import type { Canonical } from '../../kernel/canonical.ts';
import * as f from '../../kernel/field.ts';
import { DEFAULT_PAGE, PAGING } from '../input.ts';

/** The arguments that choose records. All of them stand in the access event. */
export const RECORD_FIELDS = {
  index: f.optional(recordIndex()),
  categories: f.optional(f.list(category(), 9, 1)),
  period: f.optional(period()),
  ...PAGING,
} as const;

export type RecordInput = f.InferFields<typeof RECORD_FIELDS>;

/** What was chosen, without the page: a cursor is of no use for another choice. */
export function chosen(input: RecordInput) {
  return {
    ...(input.index === undefined ? {} : { index: input.index }),
    ...(input.categories === undefined ? {} : { categories: asSet(input.categories) }),
    ...(input.period === undefined ? {} : { period: input.period }),
  };
}

export const firstOf = (input: { readonly first?: number }): number => input.first ?? DEFAULT_PAGE;

/** The arguments as a cursor is bound to them. */
export const asQuery = (choice: object): Canonical => choice as Canonical;
