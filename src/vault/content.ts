import { type Bytes, concat, lp, readU32, u32, utf8 } from '../kernel/bytes.ts';
import { Malformed } from '../kernel/fault.ts';
import { type Id16, id16Bytes, type StreamName } from '../kernel/id.ts';
import { AeadRefused, type Suite } from '../kernel/suite.ts';

/** The largest content, in bytes. */
export const MAX_CONTENT_BYTES = 16 * 1024 * 1024;
/** As with sealed parts: the length of what is stored says little about what it holds. */
const BLOCK = 64;
const NONCE_BYTES = 12;

const aad = (suite: Suite, stream: StreamName, id: Id16): Bytes =>
  concat(utf8('hrl/content/v1\n'), lp(suite.name), lp(stream), id16Bytes(id));

/** nonce ‖ AES-GCM(u32 length ‖ bytes ‖ zeros to a multiple of 64), bound to stream and content id; docs/spec/content.md. */
export function sealContent(
  suite: Suite,
  key: Uint8Array,
  nonce: Uint8Array,
  where: { readonly stream: StreamName; readonly id: Id16 },
  bytes: Uint8Array,
): Bytes {
  if (nonce.length !== NONCE_BYTES) throw new RangeError('a nonce is 12 bytes');
  const plaintext = new Uint8Array(Math.ceil((bytes.length + 4) / BLOCK) * BLOCK);
  plaintext.set(u32(bytes.length));
  plaintext.set(bytes, 4);
  return concat(nonce, suite.seal(key, nonce, aad(suite, where.stream, where.id), plaintext));
}

/** Throws `Malformed` when the tag, the length or the padding does not fit. The caller compares the hash that the event commits to. */
export function unsealContent(
  suite: Suite,
  key: Uint8Array,
  where: { readonly stream: StreamName; readonly id: Id16 },
  sealed: Uint8Array,
): Bytes {
  let plaintext: Bytes;
  try {
    const binding = aad(suite, where.stream, where.id);
    plaintext = suite.open(key, sealed.subarray(0, NONCE_BYTES), binding, sealed.subarray(NONCE_BYTES));
  } catch (error) {
    if (error instanceof AeadRefused) throw new Malformed('content', 'tag does not fit');
    throw new Malformed('content', 'not a sealed content');
  }
  const end = plaintext.length < 4 ? 0 : 4 + readU32(plaintext, 0);
  if (end === 0 || plaintext.length !== Math.ceil(end / BLOCK) * BLOCK) {
    throw new Malformed('content', 'length does not fit');
  }
  if (plaintext.subarray(end).some((byte) => byte !== 0)) throw new Malformed('content', 'padding is not zero');
  return plaintext.slice(4, end);
}
