import type { Bytes } from '../../kernel/bytes.ts';
import { type EventId, parseStreamName } from '../../kernel/id.ts';
import { latest, parseInstant } from '../../kernel/instant.ts';
import type { Sql } from '../../postgres/pools.ts';
import type { PendingAppend } from '../append-queue.ts';
import { LedgerCorrupt } from '../faults.ts';
import type { RecordedEvent } from '../port.ts';
import { plainArray, textArray } from './array-literal.ts';
import { unavailable } from './database-error.ts';
import { type LedgerState, type Newer, staleStreams } from './group.ts';
import { headColumns, writeColumns } from './write-columns.ts';

/** The channel on which a commit wakes followers; without payload, because the table says all. */
export const CHANNEL = 'hrl_ledger';

const INSTANT_FORMAT = `'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'`;

/**
 * How the statements below are planned, for as long as the connection lives. Each of them goes through an index, so a plan made while
 * the tables were small must not become a scan when they are large; and planning them anew each time would cost more than running them.
 */
export const PLANNING = { enable_seqscan: 'off', jit: 'off', plan_cache_mode: 'force_generic_plan' } as const;

/** What the transaction of a group relies on, whatever the defaults of the server are. */
const BEGIN = `
  BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
  SET LOCAL synchronous_commit = on;
  SET LOCAL lock_timeout = 5000;
  SET LOCAL idle_in_transaction_session_timeout = 5000`;

/** The answers to statements that were sent together; throws what went wrong first, not what followed from it. */
async function answers<T extends readonly PromiseLike<unknown>[]>(
  ...sent: T
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  const settled = await Promise.allSettled(sent);
  const values = settled.map((answer) => {
    if (answer.status === 'rejected') throw answer.reason;
    return answer.value;
  });
  return values as { -readonly [K in keyof T]: Awaited<T[K]> };
}

const begin = (sql: Sql) => sql.unsafe(BEGIN).simple();

/**
 * A statement of its own: what the statements after it read, they read with a snapshot taken under the lock. (Heads read in the same
 * statement, or under REPEATABLE READ, would be as they were before the lock was waited for. The locked row itself is the newest.)
 * `place` finds the row again without a search: while some transaction stays open for long, its old versions pile up.
 */
const lock = (sql: Sql) => sql<{ position: bigint; time: string; place: string }[]>`
  SELECT position, time, ctid::text AS place FROM ledger_head WHERE single FOR UPDATE`;

/** The state that a group is judged by, and the transaction that it may be written in. */
export interface LockedState extends LedgerState {
  readonly transaction: string;
  readonly place: string;
}

/** Begins, locks, and reads what the group needs. All statements are sent at once; the server runs them one after the other. */
export async function lockAndRead(
  sql: Sql,
  group: readonly PendingAppend[],
  timeExpression: string,
): Promise<LockedState> {
  const streams = new Set(group.flatMap(({ stream, condition }) => [stream, ...condition.seen.map((s) => s.stream)]));
  const ids = group.flatMap(({ events }) => events.map((event) => event.id));
  const [, [ledger], [instant], heads, taken] = await answers(
    begin(sql),
    lock(sql),
    sql<{ now: string; transaction: string }[]>`
      SELECT to_char((${sql.unsafe(timeExpression)}) AT TIME ZONE 'UTC', ${sql.unsafe(INSTANT_FORMAT)}) AS now,
        pg_current_xact_id()::text AS transaction`,
    sql<{ stream: string; revision: bigint; head: Uint8Array }[]>`
      SELECT stream, revision, head FROM stream_heads WHERE stream = ANY (${textArray([...streams])}::text[])`,
    sql<{ id: EventId }[]>`SELECT id FROM events WHERE id = ANY (${plainArray(ids)}::uuid[])`,
  );
  if (ledger === undefined || instant === undefined) throw new LedgerCorrupt('ledger_head has no row');
  const tips = new Map(
    heads.map(({ stream, revision, head }) => [parseStreamName(stream), { revision, head: new Uint8Array(head) }]),
  );
  const stale = staleStreams(group, tips);
  const last = parseInstant(ledger.time, 'ledger_head.time');
  return {
    position: ledger.position,
    last,
    time: latest(parseInstant(instant.now, 'time expression'), last),
    tips,
    taken: new Set(taken.map(({ id }) => id)),
    newer: stale.size === 0 ? [] : await readNewer(sql, stale),
    transaction: instant.transaction,
    place: ledger.place,
  };
}

async function readNewer(sql: Sql, after: ReadonlyMap<string, bigint>): Promise<readonly Newer[]> {
  return sql<Newer[]>`
    SELECT seen.stream, later.type, later.revision
    FROM unnest(${textArray([...after.keys()])}::text[], ${plainArray([...after.values()])}::bigint[]) AS seen (stream, revision)
    CROSS JOIN LATERAL (
      SELECT type, max(revision) AS revision FROM events
      WHERE events.stream = seen.stream AND events.revision > seen.revision
      GROUP BY type
    ) AS later`;
}

/** What became of a write and its COMMIT. */
export type WriteResult =
  | { readonly kind: 'committed' }
  | { readonly kind: 'not-written'; readonly cause: unknown }
  | { readonly kind: 'unknown'; readonly cause: unknown };

/**
 * Writes the events and moves all heads, in one statement, and commits; both are sent at once. Nothing is written unless the
 * transaction is the one that holds the lock and `ledger_head` is as it was read: a statement that strayed to another connection
 * changes nothing. If the process stops here, the server has committed all of it or nothing.
 */
export async function writeAndCommit(
  sql: Sql,
  state: LockedState,
  events: readonly RecordedEvent[],
): Promise<WriteResult> {
  const rows = writeColumns(events);
  const heads = headColumns(events);
  const before = state.position.toString();
  const [write, commit] = await Promise.allSettled([
    sql<{ written: bigint }[]>`
      WITH ledger AS (
        UPDATE ledger_head SET position = position + ${events.length}, time = ${state.time}
        WHERE ctid = ${state.place}::tid AND position = ${before} AND pg_current_xact_id()::text = ${state.transaction}
        RETURNING time
      ), part AS MATERIALIZED (
        SELECT decode(${rows.bytes}, 'base64') AS bytes
      ), written AS (
        INSERT INTO events (position, stream, revision, id, type, time, header, header_opening, leaf, leaf_hash, head,
          retained_key, retained, personal_key, personal)
        SELECT ${before}::bigint + e.n, e.stream, e.revision, e.id, e.type, ledger.time,
          substr(bytes, start + 96, header), substr(bytes, start, 32), substr(bytes, start + 96 + header, leaf),
          substr(bytes, start + 32, 32), substr(bytes, start + 64, 32),
          e.retained_key, substr(bytes, start + 96 + header + leaf, retained),
          e.personal_key, substr(bytes, start + 96 + header + leaf + retained, personal)
        FROM ledger, part, unnest(${rows.streams}::text[], ${rows.revisions}::bigint[], ${rows.ids}::uuid[],
          ${rows.types}::text[], ${rows.retainedKeys}::text[], ${rows.personalKeys}::text[], ${rows.starts}::int[],
          ${rows.headerSizes}::int[], ${rows.leafSizes}::int[], ${rows.retainedSizes}::int[], ${rows.personalSizes}::int[]
        ) WITH ORDINALITY AS e (stream, revision, id, type, retained_key, personal_key, start, header, leaf, retained,
          personal, n)
        ORDER BY e.n
        RETURNING 1
      ), headed AS (
        INSERT INTO stream_heads (stream, revision, head, position)
        SELECT h.stream, h.revision, decode(h.head, 'hex'), h.position
        FROM ledger, unnest(${heads.streams}::text[], ${heads.revisions}::bigint[], ${heads.heads}::text[],
          ${heads.positions}::bigint[]) AS h (stream, revision, head, position)
        ON CONFLICT (stream) DO UPDATE
          SET revision = excluded.revision, head = excluded.head, position = excluded.position
      )
      SELECT (SELECT count(*) FROM written) AS written, pg_notify(${CHANNEL}, '') FROM ledger`,
    sql.unsafe('COMMIT').simple(),
  ]);
  const ended = commit.status === 'fulfilled' ? commit.value.command : undefined;
  if (write.status === 'rejected')
    return { kind: ended === 'ROLLBACK' ? 'not-written' : 'unknown', cause: write.reason };
  if (write.value[0] === undefined)
    return { kind: 'not-written', cause: unavailable('the lock was lost before the write') };
  if (commit.status === 'rejected') return { kind: 'unknown', cause: commit.reason };
  return ended === 'COMMIT'
    ? { kind: 'committed' }
    : { kind: 'unknown', cause: unavailable('the transaction did not commit') };
}

/** Ends a transaction that has nothing to write. */
export async function release(sql: Sql): Promise<void> {
  await sql.unsafe('ROLLBACK').simple();
}

/** The leaf hash under which each of these ids stands, read under the lock: a transaction that may have written them has ended by then. */
export async function lookUpLocked(sql: Sql, ids: readonly EventId[]): Promise<ReadonlyMap<EventId, Bytes>> {
  const [, , rows] = await answers(
    begin(sql),
    lock(sql),
    sql<{ id: EventId; leaf_hash: Uint8Array }[]>`
      SELECT id, leaf_hash FROM events WHERE id = ANY (${plainArray(ids)}::uuid[])`,
  );
  await release(sql);
  return new Map(rows.map((row) => [row.id, new Uint8Array(row.leaf_hash)]));
}
