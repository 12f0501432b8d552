import { Malformed } from '../../kernel/fault.ts';
import type { Suite } from '../../kernel/suite.ts';
import { answered } from '../../postgres/outage.ts';
import { assertDurable, type Sql } from '../../postgres/pools.ts';
import { inTransaction } from '../../postgres/transactions.ts';
import { LedgerCorrupt, LedgerIdentityMismatch } from '../faults.ts';
import { isOrigin } from '../leaf.ts';
import type { LedgerIdentity } from '../port.ts';
import { toFault } from './database-error.ts';

/**
 * Makes sure that these tables hold the ledger of this identity, and gives a fresh ledger its identity. Whoever comes first decides;
 * if the process stops right after, an empty ledger has a name.
 * Throws `DatabaseNotDurable`, `LedgerIdentityMismatch`, `LedgerCorrupt` (a tail is missing), `LedgerUnavailable`.
 */
export async function claimIdentity(sql: Sql, identity: LedgerIdentity, suite: Suite): Promise<void> {
  if (!isOrigin(identity.origin)) throw new Malformed('origin', 'not 1 to 128 visible ASCII letters without "+"');
  if (suite.name !== identity.suite) throw new LedgerIdentityMismatch('suite', suite.name, identity.suite);
  try {
    await answered(assertDurable(sql));
    const claim = inTransaction(sql, async (tx) => {
      await tx`
        UPDATE ledger_head SET origin = ${identity.origin}, suite = ${identity.suite} WHERE single AND origin IS NULL`;
      const [head] = await tx<{ origin: string; suite: string; position: bigint; last: bigint }[]>`
        SELECT origin, suite, position, coalesce((SELECT max(position) FROM events), -1) AS last
        FROM ledger_head WHERE single`;
      return head;
    });
    const row = await answered(claim);
    if (row === undefined) throw new LedgerCorrupt('ledger_head has no row');
    if (row.origin !== identity.origin) throw new LedgerIdentityMismatch('origin', identity.origin, row.origin);
    if (row.suite !== identity.suite) throw new LedgerIdentityMismatch('suite', identity.suite, row.suite);
    if (row.last !== row.position) {
      throw new LedgerCorrupt(`its last event stands at position ${row.last}, its head at ${row.position}`);
    }
  } catch (error) {
    throw toFault(error);
  }
}
