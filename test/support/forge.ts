import { isDeepStrictEqual } from 'node:util';
import { parseStreamName, type StreamName } from '../../src/kernel/id.ts';
import type { Instant } from '../../src/kernel/instant.ts';
import { emptyHead } from '../../src/ledger/chain.ts';
import { parseHeader } from '../../src/ledger/header.ts';
import type { LedgerIdentity, RecordedEvent, SealedEvent } from '../../src/ledger/port.ts';
import { toPosition } from '../../src/ledger/postgres/position.ts';
import { type EventRow, eventColumns, toRecordedEvent } from '../../src/ledger/postgres/rows.ts';
import { type Place, recordEvent } from '../../src/ledger/recording.ts';
import type { Sql } from '../../src/postgres/pools.ts';
import { nodeEntropy } from '../../src/suite-node/entropy.ts';
import { nodeSuite as suite } from '../../src/suite-node/suite.ts';

/**
 * What the superuser of the database can do who has read this repository: take rows out, put rows in, and make headers, leaves, chains,
 * positions and heads anew around the sealed parts that there are. Only the keys are out of reach.
 */

/** A sealed event and where it is said to stand; revision, chain and position follow from the order. */
export type Placed = SealedEvent & { readonly stream: StreamName; readonly time: Instant };

/** Lets a superuser write: the triggers hold also for a session that plays a replica, so they are switched off. */
export async function unlock(sql: Sql): Promise<void> {
  for (const table of ['events', 'stream_heads', 'ledger_head', 'vault.stream_keys', 'vault.period_keys'])
    await sql.unsafe(`alter table ${table} disable trigger all`);
}

export async function storedEvents(sql: Sql): Promise<RecordedEvent[]> {
  const rows = await sql<EventRow[]>`select ${eventColumns(sql)} from events as e order by e.position`;
  return rows.map(toRecordedEvent);
}

export async function putEvent(sql: Sql, event: RecordedEvent): Promise<void> {
  const { position, stream, revision, id, type, time, header, headerOpening, leaf, leafHash, head, sealed } = event;
  await sql`
    insert into events (position, stream, revision, id, type, time, header, header_opening, leaf, leaf_hash, head,
      retained_key, retained, personal_key, personal)
    values (${position}, ${stream}, ${revision}, ${id}, ${type}, ${time}, ${header}, ${headerOpening}, ${leaf}, ${leafHash},
      ${head}, ${sealed.retained.keyId}, ${sealed.retained.bytes}, ${sealed.personal.keyId}, ${sealed.personal.bytes})`;
}

/**
 * Events in this order, whole again: what does not fit its new place is made anew around its sealed parts, from `anewFrom` on
 * everything is.
 */
export function rehashed(
  identity: LedgerIdentity,
  events: readonly (Placed | RecordedEvent)[],
  anewFrom = events.length,
): RecordedEvent[] {
  const tips = new Map<StreamName, RecordedEvent>();
  return events.map((event, i) => {
    const { stream, time } = event;
    const tip = tips.get(stream);
    const position = toPosition(BigInt(i));
    const prev = tip?.head ?? emptyHead(suite, identity.origin, stream);
    const place = { position, stream, time, revision: (tip?.revision ?? -1n) + 1n, prev };
    const fits =
      'header' in event && isDeepStrictEqual(parseHeader(event.header), { ...headerOf(event), ...fixed(place) });
    const made =
      fits && i < anewFrom
        ? { ...event, position }
        : recordEvent({ identity, suite, entropy: nodeEntropy }, event, place);
    tips.set(stream, made);
    return made;
  });
}

const headerOf = ({ id, type }: SealedEvent) => ({ id, type });
const fixed = ({ stream, revision, prev, time }: Place) => ({ stream, revision, prev, time });

/** Puts these events in the place of all, and mends what is said beside them: heads and the ledger's end. */
export async function replaceLedger(sql: Sql, events: readonly RecordedEvent[]): Promise<void> {
  await sql`delete from events`;
  for (const event of events) await putEvent(sql, event);
  await mendHeads(sql, events);
}

/** Heads and end as they would be after exactly these events. */
export async function mendHeads(sql: Sql, events: readonly RecordedEvent[]): Promise<void> {
  await sql`delete from stream_heads`;
  for (const [stream, { revision, head, position }] of new Map(events.map((event) => [event.stream, event])))
    await sql`insert into stream_heads values (${parseStreamName(stream)}, ${revision}, ${head}, ${position})`;
  const last = events.at(-1);
  if (last !== undefined) await sql`update ledger_head set position = ${last.position}, time = ${last.time}`;
}
