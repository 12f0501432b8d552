import { parseBase64Url, parseHex, toBase64Url, toHex } from './base64.ts';
import type { Brand } from './brand.ts';
import type { Bytes } from './bytes.ts';
import { Malformed } from './fault.ts';

/** An event's id: a lower-case UUID, version nibble 8, variant 10 (docs/spec/event-id.md). */
export type EventId = Brand<string, 'EventId'>;
/** 16 random bytes in base64url (22 letters): a record, a consent, an institution, a practitioner. */
export type Id16 = Brand<string, 'Id16'>;
/** A resident's label: 32 random bytes in base64url (43 letters), never derived from anything. */
export type Label = Brand<string, 'Label'>;
/** `resident/<label>`, `institution/<id>`, `practitioner/<id>`, `exchange/<id>`, `ledger/<region>`. */
export type StreamName = Brand<string, 'StreamName'>;
/** 32 bytes of a keyed hash in base64url (43 letters). */
export type Mark = Brand<string, 'Mark'>;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** base64url of 16 and of 32 bytes, each with one spelling: the last letter has no stray low bits. */
const ID16 = /^[A-Za-z0-9_-]{21}[AQgw]$/;
const LABEL = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;
const REGION = /^[0-9A-Za-z-]{1,32}$/;

export function isEventId(text: string): text is EventId {
  return UUID.test(text);
}

/** The first 16 bytes as a UUID with version nibble 8 and variant 10. */
export function toEventId(bytes: Uint8Array): EventId {
  const b = bytes.slice(0, 16);
  if (b.length !== 16) throw new RangeError('an event id needs 16 bytes');
  b[6] = ((b[6] as number) & 0x0f) | 0x80;
  b[8] = ((b[8] as number) & 0x3f) | 0x80;
  const hex = toHex(b);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}` as EventId;
}

export function eventIdBytes(id: EventId): Bytes {
  return parseHex(id.replaceAll('-', '')) as Bytes;
}

export function isId16(text: string): text is Id16 {
  return ID16.test(text);
}

export function parseId16(text: string, path = 'id'): Id16 {
  if (!isId16(text)) throw new Malformed(path, 'not 16 bytes in base64url');
  return text;
}

export function toId16(bytes: Uint8Array): Id16 {
  if (bytes.length !== 16) throw new RangeError('an id is 16 bytes');
  return toBase64Url(bytes) as Id16;
}

export function id16Bytes(id: Id16): Bytes {
  return parseBase64Url(id) as Bytes;
}

export function isLabel(text: string): text is Label {
  return LABEL.test(text);
}

export function toLabel(bytes: Uint8Array): Label {
  if (bytes.length !== 32) throw new RangeError('a label is 32 bytes');
  return toBase64Url(bytes) as Label;
}

export const residentStream = (label: Label): StreamName => `resident/${label}` as StreamName;
export const institutionStream = (id: Id16): StreamName => `institution/${id}` as StreamName;
export const practitionerStream = (id: Id16): StreamName => `practitioner/${id}` as StreamName;

export function ledgerStream(region: string): StreamName {
  if (!REGION.test(region)) throw new Malformed('region', 'not 1 to 32 letters, digits or hyphens');
  return `ledger/${region}` as StreamName;
}

export type StreamKind = 'resident' | 'institution' | 'practitioner' | 'exchange' | 'ledger';

export function isStreamName(text: string): text is StreamName {
  const cut = text.indexOf('/');
  const rest = text.slice(cut + 1);
  switch (text.slice(0, Math.max(cut, 0))) {
    case 'resident':
      return isLabel(rest);
    case 'institution':
    case 'practitioner':
    case 'exchange':
      return isId16(rest);
    case 'ledger':
      return REGION.test(rest);
    default:
      return false;
  }
}

export function parseStreamName(text: string, path = 'stream'): StreamName {
  if (!isStreamName(text)) throw new Malformed(path, 'not a stream name');
  return text;
}

/** The subject behind the slash: a label, an id or a region. */
export function subjectOf(stream: StreamName): string {
  return stream.slice(stream.indexOf('/') + 1);
}

export function kindOf(stream: StreamName): StreamKind {
  return stream.slice(0, stream.indexOf('/')) as StreamKind;
}
