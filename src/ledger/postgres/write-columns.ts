import { concat } from '../../kernel/bytes.ts';
import type { RecordedEvent } from '../port.ts';

/** Literals of Postgres arrays whose elements need no quotes. */
const literal = (items: readonly (string | bigint | number)[]): string => `{${items.join(',')}}`;

/**
 * Events as the columns of one INSERT. All their bytes travel as one base64 text and are cut on the server: of the ways tried
 * (multi-row VALUES, jsonb_to_recordset, unnest of hex bytea[]) it costs both sides least, about half again as many rows a second.
 */
export interface WriteColumns {
  readonly streams: readonly string[];
  readonly revisions: string;
  readonly ids: string;
  readonly types: readonly string[];
  readonly retainedKeys: readonly string[];
  readonly personalKeys: readonly string[];
  /** Base64 of, per event: opening (32), leaf hash (32), head (32), header, leaf, retained, personal. */
  readonly bytes: string;
  /** Where an event begins in those bytes, counted from 1 as SQL does. */
  readonly starts: string;
  readonly headerSizes: string;
  readonly leafSizes: string;
  readonly retainedSizes: string;
  readonly personalSizes: string;
}

export function writeColumns(events: readonly RecordedEvent[]): WriteColumns {
  const parts: Uint8Array[] = [];
  const starts: number[] = [];
  let start = 1;
  for (const { headerOpening, leafHash, head, header, leaf, sealed } of events) {
    starts.push(start);
    for (const part of [headerOpening, leafHash, head, header, leaf, sealed.retained.bytes, sealed.personal.bytes]) {
      parts.push(part);
      start += part.length;
    }
  }
  return {
    streams: events.map((event) => event.stream),
    revisions: literal(events.map((event) => event.revision)),
    ids: literal(events.map((event) => event.id)),
    types: events.map((event) => event.type),
    retainedKeys: events.map((event) => event.sealed.retained.keyId),
    personalKeys: events.map((event) => event.sealed.personal.keyId),
    bytes: Buffer.from(concat(...parts).buffer).toString('base64'),
    starts: literal(starts),
    headerSizes: literal(events.map((event) => event.header.length)),
    leafSizes: literal(events.map((event) => event.leaf.length)),
    retainedSizes: literal(events.map((event) => event.sealed.retained.bytes.length)),
    personalSizes: literal(events.map((event) => event.sealed.personal.bytes.length)),
  };
}

/** The last event of each stream: what `stream_heads` says afterwards. */
export function headColumns(events: readonly RecordedEvent[]): {
  readonly streams: readonly string[];
  readonly revisions: string;
  readonly heads: readonly string[];
  readonly positions: string;
} {
  const last = [...new Map(events.map((event) => [event.stream, event])).values()];
  return {
    streams: last.map((event) => event.stream),
    revisions: literal(last.map((event) => event.revision)),
    heads: last.map((event) => Buffer.from(event.head).toString('hex')),
    positions: literal(last.map((event) => event.position)),
  };
}
