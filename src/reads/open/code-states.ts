import type { Label, Mark } from '../../kernel/id.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { Sql } from '../../postgres/pools.ts';

/** A code without its text. */
export interface CodeStateRow {
  readonly codeRef: Mark;
  readonly state: 'active' | 'suspended' | 'closed';
  readonly issuedAt: Instant;
  readonly changedAt: Instant;
}

/** Every code that the resident ever had, in the order of issue. */
export async function codeStatesOf(sql: Sql, label: Label): Promise<CodeStateRow[]> {
  return sql<CodeStateRow[]>`
    select code_ref as "codeRef", state, issued_at as "issuedAt", changed_at as "changedAt"
    from codes where label = ${label} order by issued_at, revision`;
}
