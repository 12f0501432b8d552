import { concat } from '../../kernel/bytes.ts';
import type { RecordedEvent } from '../port.ts';
import { plainArray, textArray } from './array-literal.ts';

/**
 * Events as the columns of one INSERT, each an array literal. All their bytes travel as one base64 text and are cut on the server: of the ways tried
 * (multi-row VALUES, jsonb_to_recordset, unnest of hex bytea[]) it costs both sides least, about half again as many rows a second.
 */
export interface WriteColumns {
  readonly streams: string;
  readonly revisions: string;
  readonly ids: string;
  readonly types: string;
  readonly retainedKeys: string;
  readonly personalKeys: string;
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
    streams: textArray(events.map((event) => event.stream)),
    revisions: plainArray(events.map((event) => event.revision)),
    ids: plainArray(events.map((event) => event.id)),
    types: textArray(events.map((event) => event.type)),
    retainedKeys: textArray(events.map((event) => event.sealed.retained.keyId)),
    personalKeys: textArray(events.map((event) => event.sealed.personal.keyId)),
    bytes: Buffer.from(concat(...parts).buffer).toString('base64'),
    starts: plainArray(starts),
    headerSizes: plainArray(events.map((event) => event.header.length)),
    leafSizes: plainArray(events.map((event) => event.leaf.length)),
    retainedSizes: plainArray(events.map((event) => event.sealed.retained.bytes.length)),
    personalSizes: plainArray(events.map((event) => event.sealed.personal.bytes.length)),
  };
}

/** The last event of each stream: what `stream_heads` says afterwards. */
export function headColumns(events: readonly RecordedEvent[]): {
  readonly streams: string;
  readonly revisions: string;
  readonly heads: string;
  readonly positions: string;
} {
  const last = [...new Map(events.map((event) => [event.stream, event])).values()];
  return {
    streams: textArray(last.map((event) => event.stream)),
    revisions: plainArray(last.map((event) => event.revision)),
    heads: plainArray(last.map((event) => Buffer.from(event.head).toString('hex'))),
    positions: plainArray(last.map((event) => event.position)),
  };
}
