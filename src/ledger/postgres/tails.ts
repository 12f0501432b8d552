import type { Instant } from '../../kernel/instant.ts';
import { answered } from '../../postgres/outage.ts';
import type { Sql } from '../../postgres/pools.ts';
import { LedgerCorrupt } from '../faults.ts';
import type { RecordedEvent, Tail, TailQuery } from '../port.ts';
import { toFault } from './database-error.ts';
import { toPosition } from './position.ts';
import { type EventRow, eventColumns, toRecordedEvent } from './rows.ts';

/** Events of one stream in one answer; each is 1 MiB at most and mostly far less. */
const PAGE = 128;
/** What the partial index of migration 0004 leaves out. */
const ACCESS = 'access.';

/** Reads what is committed. Throws `LedgerUnavailable`, or `LedgerCorrupt` where the tables contradict each other. */
export interface TailReader {
  read(queries: readonly TailQuery[]): Promise<readonly Tail[]>;
}

interface TipRow {
  /** Which query, counted from 1. */
  readonly n: bigint;
  readonly tip: bigint;
  readonly tipHead: Uint8Array;
  readonly tipPosition: bigint;
  readonly tipTime: Instant | null;
  readonly known: Uint8Array | null;
}
type TailRow = TipRow & (EventRow | { readonly [C in keyof EventRow]: null });

export function tailReader(sql: Sql): TailReader {
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await answered(work());
    } catch (error) {
      throw toFault(error);
    }
  };

  /** The server takes the partial index where the statement itself says that no access is asked for. */
  const page = async (queries: readonly TailQuery[]): Promise<readonly TailRow[]> => {
    const beside = queries.some(({ kinds }) => kinds.some((kind) => ACCESS.startsWith(kind) || kind.startsWith(ACCESS)))
      ? sql``
      : sql`AND t.type NOT LIKE 'access.%'`;
    const asked = JSON.stringify(
      queries.map(({ stream, after, kinds }) => ({ stream, after: after.toString(), kinds })),
    );
    return sql<TailRow[]>`
      SELECT q.n, h.revision AS tip, h.head AS "tipHead", h.position AS "tipPosition", last.time AS "tipTime", known.head AS known,
        ${eventColumns(sql)}
      FROM ROWS FROM (json_to_recordset(${asked}::text::json) AS (stream text, after bigint, kinds text[]))
        WITH ORDINALITY AS q (stream, after, kinds, n)
      JOIN stream_heads AS h ON h.stream = q.stream
      LEFT JOIN events AS last ON last.stream = h.stream AND last.revision = h.revision
      LEFT JOIN events AS known ON known.stream = q.stream AND known.revision = q.after
      LEFT JOIN LATERAL (
        SELECT t.* FROM events AS t
        WHERE t.stream = q.stream AND t.revision > q.after AND t.revision <= h.revision ${beside}
          AND EXISTS (SELECT FROM unnest(q.kinds) AS kind WHERE starts_with(t.type, kind))
        ORDER BY t.revision LIMIT ${PAGE}
      ) AS e ON true
      ORDER BY q.n, e.revision`;
  };

  /** What did not fit the first page, up to the tip as it was seen then: events stay, so later statements see the same. */
  async function rest(query: TailQuery, tip: bigint, events: RecordedEvent[]): Promise<void> {
    for (let full = events.length === PAGE; full; ) {
      const after = (events.at(-1) as RecordedEvent).revision;
      const rows = await page([{ ...query, after }]);
      const more = rows.filter(isEvent).filter(({ revision }) => revision <= tip);
      events.push(...more.map(toRecordedEvent));
      full = more.length === PAGE;
    }
  }

  return {
    read: (queries) =>
      guarded(async () => {
        if (queries.length === 0) return [];
        const tails = queries.map((): { tip: Tail['tip']; known: Tail['known']; events: RecordedEvent[] } => ({
          tip: undefined,
          known: undefined,
          events: [],
        }));
        for (const row of await page(queries)) {
          const tail = tails[Number.parseInt(row.n.toString(), 10) - 1];
          if (tail === undefined) throw new Error('an answer that was not asked for');
          if (row.tipTime === null) throw new LedgerCorrupt(`a stream lacks its revision ${row.tip}`);
          tail.tip ??= {
            revision: row.tip,
            head: new Uint8Array(row.tipHead),
            position: toPosition(row.tipPosition),
            time: row.tipTime,
          };
          if (row.known !== null) tail.known ??= new Uint8Array(row.known);
          if (isEvent(row)) tail.events.push(toRecordedEvent(row));
        }
        for (const [i, { tip, events }] of tails.entries()) {
          if (tip !== undefined) await rest(queries[i] as TailQuery, tip.revision, events);
        }
        return tails;
      }),
  };
}

const isEvent = (row: TailRow): row is TipRow & EventRow => row.position !== null;
