import type { Bytes } from '../../kernel/bytes.ts';
import { answered } from '../../postgres/outage.ts';
import type { Sql } from '../../postgres/pools.ts';
import type { LedgerTail } from '../tail.ts';
import { toFault } from './database-error.ts';

/** Positions are gapless from 0, so the n-th event stands at n - 1. What a statement sees is committed, and commits are synced. */
export function postgresTail(sql: Sql): LedgerTail {
  return {
    look: async (size) => {
      try {
        const rows = await answered(
          sql<{ position: bigint; leaf_hash: Uint8Array; last: boolean }[]>`
            SELECT e.position, e.leaf_hash, e.position = h.position AS last
            FROM ledger_head AS h JOIN events AS e ON e.position IN (h.position, ${(size - 1n).toString()}::bigint)
            WHERE h.single`,
        );
        const last = rows.find((row) => row.last);
        const at = rows.find((row) => row.position === size - 1n);
        return {
          last: last && { size: last.position + 1n, leaf: own(last.leaf_hash) },
          at: at && own(at.leaf_hash),
        };
      } catch (error) {
        throw toFault(error);
      }
    },
  };
}

const own = (bytes: Uint8Array): Bytes => new Uint8Array(bytes);
