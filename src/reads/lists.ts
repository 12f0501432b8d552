import type postgres from 'postgres';
import type { Sql } from '../postgres/pools.ts';

/**
 * A part of a statement. Lists travel as JSON both ways: the driver knows array types only after a query of its own on each new
 * connection, and misreads them when that one fails.
 */
export type Fragment = postgres.PendingQuery<postgres.Row[]>;

/** A list of texts as an array to compare with: `column = any(…)`. */
export function texts(sql: Sql, values: readonly string[]): Fragment {
  return sql`array(select json_array_elements_text(${JSON.stringify(values)}::text::json))`;
}
