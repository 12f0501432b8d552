import { openConnection } from '../../postgres/connection.ts';
import type { Sql } from '../../postgres/pools.ts';
import { LedgerCorrupt } from '../faults.ts';
import type { RecordedEvent } from '../port.ts';
import { textArray } from './array-literal.ts';
import { toFault } from './database-error.ts';
import { toPosition } from './position.ts';
import { CHANNEL } from './statements.ts';
import { headColumns, writeColumns } from './write-columns.ts';

/**
 * Puts recorded events into the tables of migration 0001 as they are, each batch in one transaction, behind the `size` events that stand
 * there; `sql` is a pool of the owner, for whom no right was taken away. For copying a ledger: an append goes through the port.
 * `put` throws `LedgerUnavailable` (the batch stands or does not), `LedgerCorrupt` (somebody else wrote; nothing stands of it).
 */
export function postgresPutter(
  sql: Sql,
  size: bigint,
): { put(events: readonly RecordedEvent[]): Promise<void>; close(): Promise<void> } {
  const connection = openConnection(sql, 'hrl copy', true);
  let before = size - 1n;

  async function insert(tx: Sql, events: readonly RecordedEvent[]): Promise<void> {
    await tx`SET LOCAL synchronous_commit = on`;
    const [head] = await tx<{ position: bigint }[]>`SELECT position FROM ledger_head WHERE single FOR UPDATE`;
    if (head?.position !== before) throw new LedgerCorrupt('somebody else appends to it while it is copied to');
    const placed = events.map((event, i) => ({ ...event, position: toPosition(before + 1n + BigInt(i)) }));
    const rows = writeColumns(placed);
    const heads = headColumns(placed);
    const times = textArray(placed.map(({ time }) => time));
    await tx`
      WITH part AS MATERIALIZED (
        SELECT decode(${rows.bytes}, 'base64') AS bytes
      )
      INSERT INTO events (position, stream, revision, id, type, time, header, header_opening, leaf, leaf_hash, head,
        retained_key, retained, personal_key, personal)
      SELECT ${before.toString()}::bigint + e.n, e.stream, e.revision, e.id, e.type, e.time,
        substr(bytes, start + 96, header), substr(bytes, start, 32), substr(bytes, start + 96 + header, leaf),
        substr(bytes, start + 32, 32), substr(bytes, start + 64, 32),
        e.retained_key, substr(bytes, start + 96 + header + leaf, retained),
        e.personal_key, substr(bytes, start + 96 + header + leaf + retained, personal)
      FROM part, unnest(${rows.streams}::text[], ${rows.revisions}::bigint[], ${rows.ids}::uuid[], ${rows.types}::text[],
        ${times}::text[], ${rows.retainedKeys}::text[], ${rows.personalKeys}::text[], ${rows.starts}::int[],
        ${rows.headerSizes}::int[], ${rows.leafSizes}::int[], ${rows.retainedSizes}::int[], ${rows.personalSizes}::int[]
      ) WITH ORDINALITY AS e (stream, revision, id, type, time, retained_key, personal_key, start, header, leaf, retained,
        personal, n)
      ORDER BY e.n`;
    await tx`
      INSERT INTO stream_heads (stream, revision, head, position)
      SELECT h.stream, h.revision, decode(h.head, 'hex'), h.position
      FROM unnest(${heads.streams}::text[], ${heads.revisions}::bigint[], ${heads.heads}::text[],
        ${heads.positions}::bigint[]) AS h (stream, revision, head, position)
      ON CONFLICT (stream) DO UPDATE
        SET revision = excluded.revision, head = excluded.head, position = excluded.position`;
    // Instants of another engine may go back between streams; what is appended here later is behind all of them.
    const last = placed.map(({ time }) => time).reduce((a, b) => (b > a ? b : a));
    await tx`
      UPDATE ledger_head SET position = position + ${placed.length}, time = greatest(time, ${last}) WHERE single`;
    await tx`SELECT pg_notify(${CHANNEL}, '')`;
    // If the process stops here, nothing of the batch stands.
  }

  return {
    put: async (events) => {
      if (events.length === 0) return;
      try {
        await connection.transaction((tx) => insert(tx, events), 'isolation level read committed read write');
      } catch (error) {
        throw toFault(error);
      }
      before += BigInt(events.length);
    },
    close: () => connection.end(),
  };
}
