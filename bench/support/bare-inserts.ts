import { toEventId } from '../../src/kernel/id.ts';
import type { RecordedEvent } from '../../src/ledger/port.ts';
import { openLane } from '../../src/ledger/postgres/lane.ts';
import { PLANNING } from '../../src/ledger/postgres/statements.ts';
import { writeColumns } from '../../src/ledger/postgres/write-columns.ts';
import type { Sql } from '../../src/postgres/pools.ts';
import { nodeEntropy } from '../../src/suite-node/entropy.ts';

/** Two, so that one has its rows made while the other's are written. */
const LANES = 2;

/**
 * The ceiling of bench/append: rows of the same bytes into the same table and indexes, many a transaction, by the engine's own way of sending them, and
 * nothing else: no hash, no seal, no lock, no condition, no heads. `insert(n)` writes n rows from `templates`, under ids and places of their own.
 */
export function bareInserts(pool: Sql, templates: readonly RecordedEvent[]) {
  const lanes = Array.from({ length: LANES }, () => openLane(pool, 'bench ceiling', PLANNING));
  let position = 0n;

  const insert = async (lane: number, count: number): Promise<void> => {
    const { sql } = lanes[lane % LANES] as (typeof lanes)[number];
    const before = position;
    const rows = writeColumns(
      Array.from({ length: count }, () => {
        const template = templates[Number(position % BigInt(templates.length))] as RecordedEvent;
        position += 1n;
        return { ...template, id: toEventId(nodeEntropy.bytes(16)), revision: position };
      }),
    );
    await Promise.all([
      sql.unsafe('BEGIN').simple(),
      sql`
        WITH part AS MATERIALIZED (SELECT decode(${rows.bytes}, 'base64') AS bytes)
        INSERT INTO events (position, stream, revision, id, type, time, header, header_opening, leaf, leaf_hash, head,
          retained_key, retained, personal_key, personal)
        SELECT ${before.toString()}::bigint + e.n, e.stream, e.revision, e.id, e.type, '2026-01-01T00:00:00.000Z',
          substr(bytes, start + 96, header), substr(bytes, start, 32), substr(bytes, start + 96 + header, leaf),
          substr(bytes, start + 32, 32), substr(bytes, start + 64, 32),
          e.retained_key, substr(bytes, start + 96 + header + leaf, retained),
          e.personal_key, substr(bytes, start + 96 + header + leaf + retained, personal)
        FROM part, unnest(${rows.streams}::text[], ${rows.revisions}::bigint[], ${rows.ids}::uuid[],
          ${rows.types}::text[], ${rows.retainedKeys}::text[], ${rows.personalKeys}::text[], ${rows.starts}::int[],
          ${rows.headerSizes}::int[], ${rows.leafSizes}::int[], ${rows.retainedSizes}::int[], ${rows.personalSizes}::int[]
        ) WITH ORDINALITY AS e (stream, revision, id, type, retained_key, personal_key, start, header, leaf, retained,
          personal, n)`,
      sql.unsafe('COMMIT').simple(),
    ]);
  };
  return { insert, close: () => Promise.all(lanes.map((lane) => lane.end())) };
}
