import { isEventId } from '../../kernel/id.ts';
import { openConnection } from '../../postgres/connection.ts';
import type { Sql } from '../../postgres/pools.ts';
import { parseLeaf } from '../leaf.ts';
import type { LedgerIdentity, Position } from '../port.ts';
import type { MalformedRow, StoredEnd, StoredHead, StoredLedger, StoredRow, StoredView } from '../stored.ts';
import { toFault } from './database-error.ts';
import { decidedRows } from './decided-rows.ts';
import { comparePositions, parsePosition, toIndex, toPosition } from './position.ts';
import { type EventRow, toRecordedEvent } from './rows.ts';

const PAGE = 256;

/**
 * The tables of migration 0001 as they are, read in one REPEATABLE READ transaction. Nothing is believed of them: constraints and types
 * may have been taken away by whoever owns the database.
 */
export function postgresStored(sql: Sql, identity: LedgerIdentity): StoredLedger {
  return {
    identity,
    compare: comparePositions,
    next: (position) => toPosition(toIndex(position) + 1n),
    asOfNow: async <T>(work: (view: StoredView) => Promise<T>): Promise<T> => {
      // What `work` throws is not this store's to explain.
      let thrown: { readonly error: unknown } | undefined;
      const connection = openConnection(sql, 'hrl check', true);
      try {
        return await connection.transaction(async (tx) => {
          await tx`set transaction read only`;
          await tx`set local idle_in_transaction_session_timeout = 0`;
          const end = await readEnd(tx);
          const view: StoredView = {
            end,
            rows: (after) => rows(tx, after),
            decided: (share) => decidedRows(tx, share),
            heads: () => heads(tx),
          };
          return work(view).catch((error: unknown) => {
            thrown = { error };
            throw error;
          });
        }, 'isolation level repeatable read');
      } catch (error) {
        throw thrown === undefined ? toFault(error) : thrown.error;
      } finally {
        await connection.end();
      }
    },
  };
}

interface EndRow {
  readonly position: bigint | null;
  readonly time: string;
  readonly origin: string | null;
  readonly suite: string | null;
}

async function readEnd(tx: Sql): Promise<StoredEnd | undefined> {
  const found = await tx<EndRow[]>`select position, time, origin, suite from ledger_head limit 2`;
  const [row] = found;
  if (row === undefined || found.length > 1 || typeof row.position !== 'bigint') return undefined;
  const { position, ...rest } = row;
  return { ...rest, position: position < 0n ? undefined : toPosition(position), size: position + 1n };
}

type Raw = { readonly [column in keyof EventRow]: unknown };

/** A cursor, not pages by position: where positions stand twice or not at all, a page's border would hide rows. */
async function* rows(tx: Sql, after: Position | undefined): AsyncGenerator<readonly StoredRow[]> {
  try {
    const since = after === undefined ? tx`` : tx`where position > ${after} or position is null`;
    const cursor = tx<Raw[]>`
      select position::text as position, stream, revision, id, type, time, header, header_opening, leaf, leaf_hash, head,
        retained_key, retained, personal_key, personal
      from events ${since} order by events.position`.cursor(PAGE);
    for await (const page of cursor) yield page.map(toStoredRow);
  } catch (error) {
    throw toFault(error);
  }
}

const TEXTS = ['stream', 'id', 'type', 'time', 'retained_key', 'personal_key'] as const;
const BYTES = ['header', 'header_opening', 'leaf', 'leaf_hash', 'head', 'retained', 'personal'] as const;

function toStoredRow(raw: Raw): StoredRow {
  const wrong = wrongColumn(raw);
  if (wrong !== undefined) return malformed(raw, 'row', `${wrong} is not what it must be`);
  const row = raw as EventRow;
  try {
    parseLeaf(row.leaf);
  } catch (error) {
    return malformed(raw, 'leaf', error instanceof Error ? error.message : 'cannot be read');
  }
  return toRecordedEvent(row);
}

function wrongColumn(raw: Raw): string | undefined {
  if (positionOf(raw) === undefined) return 'position';
  if (typeof raw.revision !== 'bigint') return 'revision';
  const text = TEXTS.find((column) => typeof raw[column] !== 'string');
  if (text !== undefined) return text;
  if (!isEventId(raw.id as string)) return 'id';
  return BYTES.find((column) => !(raw[column] instanceof Uint8Array));
}

function positionOf(raw: Raw): string | undefined {
  try {
    return parsePosition(String(raw.position));
  } catch {
    return undefined;
  }
}

function malformed(raw: Raw, what: MalformedRow['malformed'], why: string): MalformedRow {
  const position = positionOf(raw);
  return {
    malformed: what,
    why,
    ...(position === undefined ? {} : { position }),
    ...(typeof raw.stream === 'string' ? { stream: raw.stream } : {}),
    ...(typeof raw.revision === 'bigint' ? { revision: raw.revision.toString() } : {}),
    ...(typeof raw.id === 'string' ? { event: raw.id } : {}),
  };
}

async function* heads(tx: Sql): AsyncGenerator<readonly StoredHead[]> {
  try {
    const cursor = tx<StoredHead[]>`
      select stream, revision, head, position::text as position from stream_heads order by stream`.cursor(PAGE);
    for await (const page of cursor) yield page.map((row) => ({ ...row, head: new Uint8Array(row.head ?? []) }));
  } catch (error) {
    throw toFault(error);
  }
}
