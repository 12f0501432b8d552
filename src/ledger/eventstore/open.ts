import { isFault, Malformed } from '../../kernel/fault.ts';
import { answered, causeOf } from '../../postgres/outage.ts';
import { assertDurable, type Sql } from '../../postgres/pools.ts';
import { LedgerIdentityMismatch, LedgerUnavailable } from '../faults.ts';
import { isOrigin } from '../leaf.ts';
import type { Reader } from './reader.ts';
import type { Requests } from './requests.ts';
import type { ReadingContext, StoredEvent } from './stored-event.ts';

interface IdentityRow {
  readonly prefix: string;
  readonly origin: string;
  readonly suite: string;
}

/**
 * Makes sure that what stands beside the ledger in this database is of this very ledger, and gives a fresh database its name. Whoever comes
 * first decides; if the process stops right after, an empty database has a name.
 * Throws `DatabaseNotDurable`, `LedgerIdentityMismatch`, `LedgerUnavailable`.
 */
export async function claimIdentity(sql: Sql, { identity, suite, prefix }: ReadingContext): Promise<void> {
  if (!isOrigin(identity.origin)) throw new Malformed('origin', 'not 1 to 128 visible ASCII letters without "+"');
  if (suite.name !== identity.suite) throw new LedgerIdentityMismatch('suite', suite.name, identity.suite);
  const row = await asked(async () => {
    await answered(assertDurable(sql));
    await answered(
      sql`INSERT INTO eventstore_ledger (prefix, origin, suite) VALUES (${prefix}, ${identity.origin}, ${identity.suite})
        ON CONFLICT DO NOTHING`,
    );
    const [first] = await answered(sql<IdentityRow[]>`SELECT prefix, origin, suite FROM eventstore_ledger`);
    return first;
  });
  if (row === undefined) throw new LedgerUnavailable(new Error('eventstore_ledger has no row'));
  if (row.origin !== identity.origin) throw new LedgerIdentityMismatch('origin', identity.origin, row.origin);
  if (row.suite !== identity.suite) throw new LedgerIdentityMismatch('suite', identity.suite, row.suite);
  if (row.prefix !== prefix) throw new LedgerIdentityMismatch('prefix', prefix, row.prefix);
}

async function asked<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isFault(error) ? error : new LedgerUnavailable(causeOf(error));
  }
}

/** Events at the end of the ledger whose rows are looked for at every start. */
const LOOKED_AT = 256;
const PAGE = 1_024;

/**
 * Every event has a row in `requests`, written before it. In a database that was restored from a backup the latest are missing, and the
 * same request could then be carried out twice: so where one of the last events has none, the whole ledger is gone through and every row
 * that is missing is written. Gives the number of those.
 */
export async function mendRequests(
  reader: Pick<Reader, 'newest' | 'all'>,
  requests: Pick<Requests, 'missing' | 'take'>,
  owner: string,
): Promise<number> {
  const newest = await reader.newest(LOOKED_AT);
  if (newest.length === 0 || (await requests.missing(newest.map(({ id }) => id))).size === 0) return 0;
  let mended = 0;
  let page: Pick<StoredEvent, 'id' | 'stream' | 'revision'>[] = [];
  const write = async (): Promise<void> => {
    const missing = await requests.missing(page.map(({ id }) => id));
    const rows = page.filter(({ id }) => missing.has(id));
    await requests.take(
      owner,
      rows.map(({ id, stream, revision }) => ({ id, stream, after: revision - 1n })),
    );
    mended += rows.length;
    page = [];
  };
  for await (const { id, stream, revision } of reader.all(undefined)) {
    page.push({ id, stream, revision });
    if (page.length === PAGE) await write();
  }
  await write();
  return mended;
}
