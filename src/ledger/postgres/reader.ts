import type postgres from 'postgres';
import type { EventId, StreamName } from '../../kernel/id.ts';
import { answered } from '../../postgres/outage.ts';
import type { Sql } from '../../postgres/pools.ts';
import { LedgerCorrupt } from '../faults.ts';
import type { RecordedEvent, StreamHead, StreamQuery } from '../port.ts';
import { plainArray, textArray } from './array-literal.ts';
import { toFault } from './database-error.ts';
import { toPosition } from './position.ts';
import { type EventRow, eventColumns, toRecordedEvent } from './rows.ts';

/** A page ends at this many events, or at the event with which its sealed bytes reach the bound. */
const PAGE_EVENTS = 512;
const PAGE_BYTES = 4 * 1024 * 1024;

/** Reads what is committed. All methods throw `LedgerUnavailable`, or `LedgerCorrupt` where the tables contradict each other. */
export interface Reader {
  find(id: EventId): Promise<RecordedEvent | undefined>;
  head(stream: StreamName): Promise<StreamHead | undefined>;
  /** The last position; -1n when the ledger is empty. */
  last(): Promise<bigint>;
  /** The next events after a position, in order and gapless; empty at the end. */
  page(after: bigint): Promise<readonly RecordedEvent[]>;
  streams(queries: readonly StreamQuery[]): Promise<readonly RecordedEvent[][]>;
  stream(stream: StreamName, from: bigint): AsyncGenerator<RecordedEvent>;
  all(after: bigint): AsyncGenerator<RecordedEvent>;
}

type Fragment = postgres.PendingQuery<postgres.Row[]>;
/** Which query, counted from 1, and the revision of its stream's head. */
type TipRow = { readonly n: bigint; readonly tip: bigint };

interface StreamPage {
  readonly events: RecordedEvent[];
  tip: bigint;
}

export function ledgerReader(sql: Sql): Reader {
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await answered(work());
    } catch (error) {
      throw toFault(error);
    }
  };

  const last = (): Promise<bigint> =>
    guarded(async () => {
      const [row] = await sql<{ position: bigint }[]>`SELECT position FROM ledger_head WHERE single`;
      if (row === undefined) throw new LedgerCorrupt('ledger_head has no row');
      return row.position;
    });

  const page = (after: bigint): Promise<readonly RecordedEvent[]> =>
    guarded(async () => {
      const rows = await sql<EventRow[]>`
        SELECT ${eventColumns(sql)} FROM (
          SELECT events.*, sum(octet_length(retained) + octet_length(personal))
            OVER (ORDER BY position ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
          FROM events WHERE position > ${after.toString()} ORDER BY position LIMIT ${PAGE_EVENTS}
        ) AS e WHERE before IS NULL OR before < ${PAGE_BYTES} ORDER BY e.position`;
      rows.forEach((row, i) => {
        // Positions are assigned one by one under the lock and commit in order: a gap cannot be an append under way.
        const due = (after + BigInt(i) + 1n).toString();
        if (row.position !== due) throw new LedgerCorrupt(`no event at position ${due}`);
      });
      return rows.map(toRecordedEvent);
    });

  /** The first page of each query, and the revision up to which it goes: all of one snapshot. */
  const firstPages = (queries: readonly StreamQuery[]): Promise<readonly StreamPage[]> =>
    guarded(async () => {
      const froms = queries.map(({ from = 0n }) => (from < 0n ? 0n : from));
      const rows = await sql<(EventRow & TipRow)[]>`
        SELECT q.n, q.tip, ${eventColumns(sql)} FROM (
          SELECT u.n, u.stream, u.first, (SELECT h.revision FROM stream_heads AS h WHERE h.stream = u.stream) AS tip
          FROM unnest(${textArray(queries.map(({ stream }) => stream))}::text[], ${plainArray(froms)}::bigint[])
            WITH ORDINALITY AS u (stream, first, n)
        ) AS q
        LEFT JOIN LATERAL (${streamPage(sql, sql`q.stream`, sql`q.first`)}) AS e ON true
        WHERE q.tip >= q.first ORDER BY q.n, e.revision`;
      const pages = froms.map((): StreamPage => ({ events: [], tip: -1n }));
      for (const row of rows) {
        const at = Number.parseInt(row.n.toString(), 10) - 1;
        const page = pages[at] as StreamPage;
        const due = (froms[at] as bigint) + BigInt(page.events.length);
        if (row.revision !== due) throw missing(due);
        page.tip = row.tip;
        page.events.push(toRecordedEvent(row));
      }
      return pages;
    });

  async function* restOf(stream: StreamName, from: bigint, tip: bigint): AsyncGenerator<RecordedEvent> {
    for (let next = from; next <= tip; ) {
      const rows = await guarded(
        () => sql<EventRow[]>`
        SELECT ${eventColumns(sql)} FROM (${streamPage(sql, sql`${stream}`, sql`${next.toString()}::bigint`)}) AS e
        ORDER BY e.revision`,
      );
      if (rows.length === 0) throw missing(next);
      for (const row of rows) {
        if (row.revision > tip) return;
        if (row.revision !== next) throw missing(next);
        next += 1n;
        yield toRecordedEvent(row);
      }
    }
  }

  return {
    find: (id) =>
      guarded(async () => {
        const [row] = await sql<EventRow[]>`SELECT ${eventColumns(sql)} FROM events AS e WHERE e.id = ${id}`;
        return row && toRecordedEvent(row);
      }),
    head: (stream) =>
      guarded(async () => {
        const [row] = await sql<{ revision: bigint; head: Uint8Array; position: bigint }[]>`
          SELECT revision, head, position FROM stream_heads WHERE stream = ${stream}`;
        return row && { revision: row.revision, head: new Uint8Array(row.head), position: toPosition(row.position) };
      }),
    last,
    page,
    streams: async (queries) => {
      if (queries.length === 0) return [];
      const pages = await firstPages(queries);
      for (const [i, { events, tip }] of pages.entries()) {
        const { stream } = queries[i] as StreamQuery;
        const reached = events.at(-1);
        if (reached !== undefined)
          for await (const event of restOf(stream, reached.revision + 1n, tip)) events.push(event);
      }
      return pages.map(({ events }) => events);
    },
    stream: async function* (stream, from) {
      const [first] = await firstPages([{ stream, from }]);
      if (first === undefined) return;
      yield* first.events;
      const reached = first.events.at(-1);
      if (reached !== undefined) yield* restOf(stream, reached.revision + 1n, first.tip);
    },
    all: async function* (after) {
      const end = await last();
      for (let next = after; next < end; ) {
        const events = await page(next);
        if (events.length === 0) throw new LedgerCorrupt(`no event at position ${next + 1n}`);
        for (const event of events) {
          if (next === end) return;
          next += 1n;
          yield event;
        }
      }
    },
  };
}

const missing = (revision: bigint): LedgerCorrupt => new LedgerCorrupt(`a stream lacks its revision ${revision}`);

/** The events of one stream from a revision on, as many as fit a page, as a subquery. */
const streamPage = (sql: Sql, stream: Fragment, from: Fragment): Fragment => sql`
  SELECT * FROM (
    SELECT events.*, sum(octet_length(retained) + octet_length(personal))
      OVER (ORDER BY revision ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
    FROM events WHERE stream = ${stream} AND revision >= ${from} ORDER BY revision LIMIT ${PAGE_EVENTS}
  ) AS page WHERE before IS NULL OR before < ${PAGE_BYTES}`;
