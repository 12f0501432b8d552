import { type Bytes, concat, fromUtf8, lp, readU32, u32 } from '../../kernel/bytes.ts';
import { Malformed } from '../../kernel/fault.ts';
import { OPENING_BYTES } from '../commitment.ts';
import { MAX_HEADER_BYTES, MAX_REVISION } from '../header.ts';
import type { RecordedEvent } from '../port.ts';

/**
 * What stands in an event's metadata on the server, beside the leaf that is its data (docs/spec/eventstore-frame.md). Everything else of a
 * recorded event follows from these two.
 */
export interface Frame extends Pick<RecordedEvent, 'header' | 'headerOpening' | 'sealed'> {
  /** The revision of the last event before this one in its stream that is no access; -1n where there is none. */
  readonly beside: bigint;
}

/**
 * The number of the format comes first. It is no letter, digit or bracket, so no frame is ever JSON, which the client would parse.
 */
const VERSION = 1;
const MAX_KEY_ID = 256;

export function encodeFrame({ beside, header, headerOpening, sealed }: Frame): Bytes {
  const { retained, personal } = sealed;
  return concat(
    Uint8Array.of(VERSION),
    u32(Number.parseInt((beside + 1n).toString(), 10)),
    headerOpening,
    lp(header),
    lp(retained.keyId),
    lp(personal.keyId),
    u32(retained.bytes.length),
    retained.bytes,
    u32(personal.bytes.length),
    personal.bytes,
  );
}

/** Reads bytes that an attacker may control. Throws `Malformed` on any deviation; encode(parse(b)) = b. What it gives owns its memory. */
export function parseFrame(bytes: Uint8Array): Frame {
  let at = 0;
  const take = (length: number): Bytes => {
    if (at + length > bytes.length) throw new Malformed('frame', 'cut short');
    const part = new Uint8Array(bytes.subarray(at, at + length));
    at += length;
    return part;
  };
  const short = (what: string, most: number): Bytes => {
    const [high = 0, low = 0] = take(2);
    const length = (high << 8) | low;
    if (length === 0 || length > most) throw new Malformed(`frame ${what}`, 'of a length that it never has');
    return take(length);
  };
  const keyId = (): string => {
    const id = short('key id', MAX_KEY_ID);
    if (id.some((byte) => byte < 0x21 || byte > 0x7e)) throw new Malformed('frame key id', 'not visible ASCII');
    return fromUtf8(id);
  };
  if (take(1)[0] !== VERSION) throw new Malformed('frame', `not of format ${VERSION}`);
  const beside = BigInt(readU32(take(4), 0)) - 1n;
  if (beside > MAX_REVISION) throw new Malformed('frame', 'names no revision');
  const headerOpening = take(OPENING_BYTES);
  const header = short('header', MAX_HEADER_BYTES);
  const keys = [keyId(), keyId()] as const;
  const retained = { keyId: keys[0], bytes: take(readU32(take(4), 0)) };
  const personal = { keyId: keys[1], bytes: take(readU32(take(4), 0)) };
  if (at !== bytes.length) throw new Malformed('frame', 'goes on behind its end');
  return { beside, header, headerOpening, sealed: { retained, personal } };
}
