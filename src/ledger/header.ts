import { parseBase64, toBase64 } from '../kernel/base64.ts';
import type { Bytes } from '../kernel/bytes.ts';
import { canonicalBytes, parseCanonical } from '../kernel/canonical.ts';
import { Malformed } from '../kernel/fault.ts';
import { checkFields, instant, integer, pattern, streamName, text } from '../kernel/field.ts';
import { type EventId, isEventId, type StreamName } from '../kernel/id.ts';
import type { Instant } from '../kernel/instant.ts';
import { toJsonInteger } from '../kernel/integer.ts';

/** The header compartment: exactly `{id, prev, revision, stream, time, type}`, at most 1 KB (docs/spec/leaf.md). */
export interface Header {
  readonly id: EventId;
  /** The chain head before this event, 32 bytes. */
  readonly prev: Bytes;
  readonly revision: bigint;
  readonly stream: StreamName;
  readonly time: Instant;
  readonly type: string;
}

export const MAX_HEADER_BYTES = 1024;

/** Revisions stay below 2^28, so that no stream key ever seals more messages than AES-GCM with random nonces allows. */
export const MAX_REVISION = 2n ** 28n - 1n;

const EVENT_TYPE = /^[a-z]+\.[a-z]+(?:-[a-z]+)*@[1-9]\d?$/;

/** `<aggregate>.<past participle>@<version>`. */
export const isEventType = (text: string): boolean => EVENT_TYPE.test(text);

const FIELDS = {
  id: pattern(/^[0-9a-f-]{36}$/, 'event-id'),
  prev: text(44),
  revision: integer(0, 2 ** 28 - 1),
  stream: streamName(),
  time: instant(),
  type: pattern(EVENT_TYPE, 'event-type'),
} as const;

/** Throws `Malformed` on what `parseHeader` would refuse: nothing unreadable is ever stored. */
export function encodeHeader(header: Header): Bytes {
  if (header.prev.length !== 32) throw new Malformed('header.prev', 'not 32 bytes');
  if (!isEventId(header.id)) throw new Malformed('header.id', 'not a lower-case UUID');
  const fields = {
    id: header.id,
    prev: toBase64(header.prev),
    revision: smallRevision(header.revision),
    stream: header.stream,
    time: header.time,
    type: header.type,
  };
  checkFields(FIELDS, fields, 'header');
  const bytes = canonicalBytes(fields, 'header');
  if (bytes.length > MAX_HEADER_BYTES) throw new Malformed('header', 'larger than 1 KB');
  return bytes;
}

function smallRevision(revision: bigint): number {
  if (revision < 0n || revision > MAX_REVISION) throw new Malformed('header revision', 'outside 0 to 2^28-1');
  return toJsonInteger(revision);
}

/** Reads bytes that an attacker may control. */
export function parseHeader(bytes: Uint8Array): Header {
  if (bytes.length > MAX_HEADER_BYTES) throw new Malformed('header', 'larger than 1 KB');
  const raw = checkFields(FIELDS, parseCanonical(bytes, 'header'), 'header') as {
    id: string;
    prev: string;
    revision: number;
    stream: StreamName;
    time: Instant;
    type: string;
  };
  const prev = parseBase64(raw.prev);
  if (prev?.length !== 32) throw new Malformed('header.prev', 'not 32 bytes in standard padded base64');
  if (!isEventId(raw.id)) throw new Malformed('header.id', 'not a lower-case UUID');
  return { id: raw.id, prev, revision: BigInt(raw.revision), stream: raw.stream, time: raw.time, type: raw.type };
}
