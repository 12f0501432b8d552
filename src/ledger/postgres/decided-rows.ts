import { isEventId, type StreamName } from '../../kernel/id.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { Sql } from '../../postgres/pools.ts';
import { parseLeaf } from '../leaf.ts';
import type { Position } from '../port.ts';
import type { DecidedRow, Share } from '../stored.ts';
import { toFault } from './database-error.ts';

/** Twice a check’s pages: these rows are a third of the size, and each page is a round trip. */
const PAGE = 512;

/** A row as the driver gives it; nothing is believed of it. */
interface Raw {
  readonly position: unknown;
  readonly stream: unknown;
  readonly revision: unknown;
  readonly id: unknown;
  readonly type: unknown;
  readonly time: unknown;
  readonly leaf: unknown;
  readonly retained_key: unknown;
  readonly retained: unknown;
}

/**
 * Events with their retained part alone, in the order of positions. Of several shares each has the residents whose streams' hashes fall
 * to it; the hash is PostgreSQL's own and means nothing beyond this statement. All other streams are in every share.
 */
export async function* decidedRows(tx: Sql, share: Share | undefined): AsyncGenerator<readonly DecidedRow[]> {
  try {
    const mine =
      share === undefined
        ? tx``
        : tx`where stream is null or stream not like 'resident/%' or abs(hashtext(stream)::bigint) % ${share.of}::int = ${share.at}::int`;
    const cursor = tx<Raw[]>`
      select position::text as position, stream, revision, id, type, time, leaf, retained_key, retained
      from events ${mine} order by events.position`.cursor(PAGE);
    for await (const page of cursor) yield page.map(toDecidedRow);
  } catch (error) {
    throw toFault(error);
  }
}

const text = (value: unknown): value is string => typeof value === 'string';

function toDecidedRow(raw: Raw): DecidedRow {
  const { position, stream, revision, id, type, time, leaf, retained_key: keyId, retained } = raw;
  const right =
    text(position) &&
    text(stream) &&
    text(id) &&
    isEventId(id) &&
    text(type) &&
    text(time) &&
    text(keyId) &&
    typeof revision === 'bigint' &&
    leaf instanceof Uint8Array &&
    retained instanceof Uint8Array;
  if (right) {
    try {
      return {
        position: position as Position,
        stream: stream as StreamName,
        revision,
        id,
        type,
        time: time as Instant,
        commitment: parseLeaf(leaf).commitments.retained,
        retained: { keyId, bytes: new Uint8Array(retained) },
      };
    } catch {
      // A leaf that cannot be parsed: the row says nothing that could be held against anything.
    }
  }
  return {
    malformed: 'row',
    why: 'holds no event that could be decided again',
    ...(text(position) ? { position } : {}),
    ...(text(stream) ? { stream } : {}),
    ...(typeof revision === 'bigint' ? { revision: revision.toString() } : {}),
    ...(text(id) ? { event: id } : {}),
  };
}
