import type { Bytes } from '../../kernel/bytes.ts';
import { isFault } from '../../kernel/fault.ts';
import type { EventId, StreamName } from '../../kernel/id.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { Sql } from '../../postgres/pools.ts';
import { LedgerCorrupt } from '../faults.ts';
import { parseLeaf } from '../leaf.ts';
import type { Position, RecordedEvent } from '../port.ts';

/** A row of `events` as the driver gives it. */
export interface EventRow {
  readonly position: string;
  readonly stream: StreamName;
  readonly revision: bigint;
  readonly id: EventId;
  readonly type: string;
  readonly time: Instant;
  readonly header: Uint8Array;
  readonly header_opening: Uint8Array;
  readonly leaf: Uint8Array;
  readonly leaf_hash: Uint8Array;
  readonly head: Uint8Array;
  readonly retained_key: string;
  readonly retained: Uint8Array;
  readonly personal_key: string;
  readonly personal: Uint8Array;
}

/** The columns of `EventRow`, for the table or subquery named `e`. */
export const eventColumns = (sql: Sql) => sql`
  e.position::text AS position, e.stream, e.revision, e.id, e.type, e.time, e.header, e.header_opening, e.leaf, e.leaf_hash,
  e.head, e.retained_key, e.retained, e.personal_key, e.personal`;

/** Small buffers of the driver share one pool; what leaves the engine owns its memory. */
const own = (bytes: Uint8Array): Bytes => new Uint8Array(bytes);

/** The event of a row; its columns are given as they stand, and whether they fit the header is for whoever checks the ledger. */
export function toRecordedEvent(row: EventRow): RecordedEvent {
  const leaf = own(row.leaf);
  return {
    position: row.position as Position,
    stream: row.stream,
    revision: row.revision,
    id: row.id,
    type: row.type,
    time: row.time,
    commitments: commitmentsOf(leaf, row.position),
    sealed: {
      retained: { keyId: row.retained_key, bytes: own(row.retained) },
      personal: { keyId: row.personal_key, bytes: own(row.personal) },
    },
    header: own(row.header),
    headerOpening: own(row.header_opening),
    leaf,
    leafHash: own(row.leaf_hash),
    head: own(row.head),
  };
}

function commitmentsOf(leaf: Bytes, position: string): RecordedEvent['commitments'] {
  try {
    const { retained, personal } = parseLeaf(leaf).commitments;
    return { retained, personal };
  } catch (error) {
    throw isFault(error) ? new LedgerCorrupt(`the leaf at position ${position} is malformed`) : error;
  }
}
