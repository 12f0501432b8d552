import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordedEvent } from '../../src/ledger/port.ts';
import { parsePosition } from '../../src/ledger/postgres/position.ts';
import { type EventRow, eventColumns, toRecordedEvent } from '../../src/ledger/postgres/rows.ts';
import type { Sql } from '../../src/postgres/pools.ts';

/** As many as the follower reads at once, and as long as it waits at first. */
const PAGE = 512;
const PAUSE_MS = 20;

/**
 * The baseline of bench/follow: what one writes by hand, "the rows after the last one, ask again after a while", of the same columns and
 * decoded alike. (It is right only because positions commit in order here; over a serial column it would skip events.)
 */
export async function* polled(
  sql: Sql,
  stop: AbortSignal,
  after?: RecordedEvent['position'],
): AsyncGenerator<RecordedEvent> {
  for (let last = after ?? '-1'; !stop.aborted; ) {
    const rows = await sql<EventRow[]>`
      SELECT ${eventColumns(sql)} FROM events AS e WHERE e.position > ${last} ORDER BY e.position LIMIT ${PAGE}`;
    for (const row of rows) yield toRecordedEvent(row);
    const end = rows.at(-1);
    if (end === undefined) await sleep(PAUSE_MS);
    else last = parsePosition(end.position);
  }
}

/** The ceiling: the same rows by one query of one cursor, which knows that nothing is ever added. */
export async function* streamed(sql: Sql): AsyncGenerator<RecordedEvent> {
  const cursor = sql<EventRow[]>`SELECT ${eventColumns(sql)} FROM events AS e ORDER BY e.position`.cursor(PAGE);
  for await (const rows of cursor) for (const row of rows) yield toRecordedEvent(row);
}
