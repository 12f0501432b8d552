import { LedgerCorrupt } from '../ledger/faults.ts';

/** SQLSTATE classes of what only damage explains where all statements are right: bad data, a table or column that is gone, a broken page. */
const DAMAGED = /^(?:22|42|XX)[0-9A-Z]{3}$/;
/** Lacking a right is a matter of settings. */
const FORBIDDEN = '42501';

/** Why the store cannot be read on, when that is the store's own fault; undefined for an outage, a setting or a bug. */
export function damage(error: unknown): string | undefined {
  if (error instanceof LedgerCorrupt) return error.message;
  const code = codeOf(error) ?? (error instanceof Error ? codeOf(error.cause) : undefined);
  return code === undefined ? undefined : `a table is not as it was made (SQLSTATE ${code})`;
}

function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && DAMAGED.test(code) && code !== FORBIDDEN ? code : undefined;
}
