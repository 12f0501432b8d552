import { type Bytes, concat, equalBytes, lp, readU32, u32, utf8 } from '../kernel/bytes.ts';
import { Malformed } from '../kernel/fault.ts';
import { type EventId, eventIdBytes } from '../kernel/id.ts';
import { AeadRefused, type Suite } from '../kernel/suite.ts';
import { type Compartment, commit, OPENING_BYTES } from './commitment.ts';

/** Plaintexts are padded to this multiple, so that a ciphertext's length says little about what it holds. */
const BLOCK = 64;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export interface SealContext {
  readonly keyId: string;
  readonly kind: Compartment;
  readonly id: EventId;
  /** The commitment that stands in the leaf, 32 bytes. */
  readonly commitment: Uint8Array;
}

const TAG = utf8('hrl/seal/v1\n');
/** What no two parts differ in is encoded once. */
const KINDS: { readonly [kind in Compartment]: Bytes } = {
  header: lp('header'),
  retained: lp('retained'),
  personal: lp('personal'),
};

function aad(suite: Suite, { keyId, kind, id, commitment }: SealContext): Bytes {
  return concat(TAG, lp(suite.name), lp(keyId), KINDS[kind], eventIdBytes(id), commitment);
}

/** sealed = nonce ‖ AES-GCM(opening ‖ u32 length ‖ bytes ‖ zeros to a multiple of 64); docs/spec/sealing.md. */
export function sealPart(
  suite: Suite,
  key: Uint8Array,
  nonce: Uint8Array,
  context: SealContext,
  part: { readonly opening: Uint8Array; readonly bytes: Uint8Array },
): Bytes {
  if (nonce.length !== NONCE_BYTES) throw new RangeError('a nonce is 12 bytes');
  const length = OPENING_BYTES + 4 + part.bytes.length;
  const plaintext = new Uint8Array(Math.ceil(length / BLOCK) * BLOCK);
  plaintext.set(part.opening);
  plaintext.set(u32(part.bytes.length), OPENING_BYTES);
  plaintext.set(part.bytes, OPENING_BYTES + 4);
  return concat(nonce, suite.seal(key, nonce, aad(suite, context), plaintext));
}

export interface OpenedPart {
  readonly opening: Bytes;
  readonly bytes: Bytes;
}

/**
 * Opens in this order: tag, then the commitment in the leaf (GCM alone does not commit to a key), then length and padding.
 * Throws `Malformed` naming the step that failed, never a part of the plaintext. The caller parses the bytes strictly.
 */
export function openPart(
  suite: Suite,
  key: Uint8Array,
  context: SealContext & { readonly origin: string; readonly type: string },
  sealed: Uint8Array,
): OpenedPart {
  if (sealed.length < NONCE_BYTES + TAG_BYTES)
    throw new Malformed(`sealed ${context.kind}`, 'shorter than nonce and tag');
  let plaintext: Bytes;
  try {
    plaintext = suite.open(key, sealed.subarray(0, NONCE_BYTES), aad(suite, context), sealed.subarray(NONCE_BYTES));
  } catch (error) {
    if (error instanceof AeadRefused) throw new Malformed(`sealed ${context.kind}`, 'tag does not fit');
    throw error;
  }
  if (plaintext.length < OPENING_BYTES + 4) throw new Malformed(`sealed ${context.kind}`, 'too short');
  const opening = plaintext.slice(0, OPENING_BYTES);
  const length = readU32(plaintext, OPENING_BYTES);
  const end = OPENING_BYTES + 4 + length;
  const bytes = plaintext.slice(OPENING_BYTES + 4, Math.min(end, plaintext.length));
  const { origin, kind, type, id, commitment } = context;
  if (!equalBytes(commit(suite, { origin, kind, type, id, opening, bytes }), commitment)) {
    throw new Malformed(`sealed ${context.kind}`, 'commitment does not fit');
  }
  if (end > plaintext.length || plaintext.length !== Math.ceil(end / BLOCK) * BLOCK) {
    throw new Malformed(`sealed ${context.kind}`, 'length does not fit');
  }
  if (plaintext.subarray(end).some((byte) => byte !== 0)) {
    throw new Malformed(`sealed ${context.kind}`, 'padding is not zero');
  }
  return { opening, bytes };
}
