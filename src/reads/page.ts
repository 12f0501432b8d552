/** One page of a list, newest first or by id, and whether more follow. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly hasNext: boolean;
}

/** Where a row stands in its list; give it back as `after` to go on behind it. Opaque to callers, and never shown in clear. */
export type SortKey = readonly [string, string];

export interface PageRequest {
  /** How many rows at most, 1 or more. */
  readonly first: number;
  readonly after?: SortKey;
}

/** Cuts the one row more that was asked for to see whether there is one. */
export function pageOf<Row, Item>(rows: readonly Row[], first: number, itemOf: (row: Row) => Item): Page<Item> {
  return { items: rows.slice(0, first).map(itemOf), hasNext: rows.length > first };
}
