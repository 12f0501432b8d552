import { toHex } from '../kernel/base64.ts';
import type { Suite } from '../kernel/suite.ts';
import type { Sql, TransactionSql } from '../postgres/pools.ts';
import { blindIndex } from './blind-index.ts';
import { ClaimsBusy } from './faults.ts';
import type { Keyring } from './keyring.ts';
import type { ClaimRef, Claims } from './port.ts';
import { durably, reach } from './reach.ts';

/** One row of `vault.claims` as it should be; `claim` says for which of the claims given. */
interface Wanted {
  readonly kind: ClaimRef['kind'];
  readonly version: number;
  readonly index: string;
  readonly claim: number;
}

/** Each retry is caused by a claim that appeared meanwhile; a person has few documents. */
const MAX_TRIES = 16;

/** Inside a transaction: a claim was taken for another subject since the look before. */
class Overtaken extends Error {}

const name = (row: Pick<Wanted, 'kind' | 'version' | 'index'>): string => `${row.version}/${row.kind}/${row.index}`;

/**
 * Claims in Postgres. One row a claim and live version of the index key, so that a new version can be brought in while old rows still answer.
 * Rows are inserted in one order everywhere: two takers of the same people wait for each other and never deadlock.
 */
export function postgresClaims(options: {
  readonly sql: Sql;
  readonly suite: Suite;
  readonly keyring: Keyring;
}): Claims {
  const { sql, suite, keyring } = options;

  function wantedRows(claims: readonly ClaimRef[]): readonly Wanted[] {
    const rows = new Map<string, Wanted>();
    for (const [claim, ref] of claims.entries()) {
      for (const [version, key] of keyring.index) {
        const row = { kind: ref.kind, version, index: toHex(blindIndex(suite, key, ref)), claim };
        rows.set(`${claim}:${name(row)}`, row);
      }
    }
    return [...rows.values()].sort((a, b) => (name(a) < name(b) ? -1 : name(a) > name(b) ? 1 : 0));
  }

  async function held(on: Sql | TransactionSql, rows: readonly Wanted[]): Promise<ReadonlyMap<string, string>> {
    const found = await on<{ kind: ClaimRef['kind']; version: number; index: string; subject: string }[]>`
      select c.kind, c.key_version as version, encode(c.blind_index, 'hex') as index, c.subject
      from unnest(${rows.map((row) => row.kind)}::text[], ${rows.map((row) => row.version)}::int[],
                  ${rows.map((row) => row.index)}::text[]) as w (kind, version, index)
      join vault.claims c on c.kind = w.kind and c.key_version = w.version and c.blind_index = decode(w.index, 'hex')`;
    return new Map(found.map((row) => [name(row), row.subject]));
  }

  async function insert(rows: readonly Wanted[], subject: string): Promise<void> {
    await durably(sql, async (tx) => {
      // An insert of the same row by another transaction is waited for; what it committed is then seen by the next statement.
      await tx`
        insert into vault.claims (kind, blind_index, key_version, subject)
        select kind, decode(index, 'hex'), version, ${subject}
        from unnest(${rows.map((row) => row.kind)}::text[], ${rows.map((row) => row.version)}::int[],
                    ${rows.map((row) => row.index)}::text[]) with ordinality as w (kind, version, index, place)
        order by place
        on conflict do nothing`;
      const now = await held(tx, rows);
      if (rows.some((row) => now.get(name(row)) !== subject)) throw new Overtaken();
    });
  }

  return {
    lookup: async (claims) => {
      if (claims.length === 0) return [];
      const rows = wantedRows(claims);
      const found = await reach(() => held(sql, rows));
      const subjects: (string | undefined)[] = claims.map(() => undefined);
      for (const row of rows) subjects[row.claim] ??= found.get(name(row));
      return subjects;
    },
    take: async (claims, proposed, rule) => {
      if (claims.length === 0) throw new Error('no claims to take');
      const rows = wantedRows(claims);
      for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
        const found = await reach(() => held(sql, rows));
        const [holder = proposed, ...others] = new Set(found.values());
        if (others.length > 0 || (rule?.onlyProposed === true && holder !== proposed)) return 'conflict';
        // Held by one, under every live version: nothing to write.
        if (rows.every((row) => found.has(name(row)))) return { subject: holder };
        try {
          await insert(rows, holder);
          // Stopped here: the claims stand and their stream is empty; the next attempt finds this holder and goes on with it.
          return { subject: holder };
        } catch (error) {
          if (!(error instanceof Overtaken)) throw error;
        }
      }
      throw new ClaimsBusy();
    },
  };
}
