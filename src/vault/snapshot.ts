import { type Bytes, concat, lp, readU32, u32, u64, utf8 } from '../kernel/bytes.ts';
import { type Canonical, canonicalBytes, parseCanonical } from '../kernel/canonical.ts';
import { Malformed } from '../kernel/fault.ts';
import type { StreamName } from '../kernel/id.ts';
import { AeadRefused, type Suite } from '../kernel/suite.ts';
import type { FoldName, Snapshot } from './port.ts';

const NONCE_BYTES = 12;
const HEAD_BYTES = 32;
const BLOCK = 64;

/** Tells folds apart: H("hrl/fold/v1\n" ‖ lp(name) ‖ u32 version ‖ canonical(initial state)). */
export function foldDigest(suite: Suite, fold: FoldName): Bytes {
  const shape = fold.initialState === undefined ? '' : canonicalBytes(fold.initialState as Canonical, 'initial state');
  return suite.hash(
    utf8('hrl/fold/v1\n'),
    lp(fold.name),
    u32(fold.version),
    typeof shape === 'string' ? utf8(shape) : shape,
  );
}

const snapshotKey = (suite: Suite, personalKey: Uint8Array, stream: StreamName): Bytes =>
  suite.hmac(personalKey, utf8('hrl/snapshot-key/v1\n'), lp(stream));

interface Where {
  readonly stream: StreamName;
  readonly digest: Uint8Array;
  readonly revision: bigint;
}

const aad = (suite: Suite, { stream, digest, revision }: Where): Bytes =>
  concat(utf8('hrl/snapshot/v1\n'), lp(suite.name), lp(stream), digest, u64(revision));

/** nonce ‖ AES-GCM(head[32] ‖ u32 length ‖ canonical(state) ‖ zeros to a multiple of 64), under a key that ends with the personal key. */
export function sealSnapshot(
  suite: Suite,
  personalKey: Uint8Array,
  nonce: Uint8Array,
  where: Where,
  content: { readonly head: Uint8Array; readonly state: unknown },
): Bytes {
  if (content.head.length !== HEAD_BYTES) throw new RangeError('a chain head is 32 bytes');
  const state = canonicalBytes(content.state as Canonical, 'state');
  const plaintext = new Uint8Array(Math.ceil((HEAD_BYTES + 4 + state.length) / BLOCK) * BLOCK);
  plaintext.set(content.head);
  plaintext.set(u32(state.length), HEAD_BYTES);
  plaintext.set(state, HEAD_BYTES + 4);
  const key = snapshotKey(suite, personalKey, where.stream);
  return concat(nonce, suite.seal(key, nonce, aad(suite, where), plaintext));
}

/** `undefined` for whatever this stream's key has not sealed for this fold and revision. */
export function openSnapshot(
  suite: Suite,
  personalKey: Uint8Array,
  where: Where,
  sealed: Uint8Array,
): Snapshot | undefined {
  if (sealed.length < NONCE_BYTES) return undefined;
  try {
    const key = snapshotKey(suite, personalKey, where.stream);
    const nonce = sealed.subarray(0, NONCE_BYTES);
    const plaintext = suite.open(key, nonce, aad(suite, where), sealed.subarray(NONCE_BYTES));
    const length = readU32(plaintext, HEAD_BYTES);
    const state = parseCanonical(plaintext.subarray(HEAD_BYTES + 4, HEAD_BYTES + 4 + length), 'state');
    return { revision: where.revision, head: plaintext.slice(0, HEAD_BYTES), state };
  } catch (error) {
    if (error instanceof AeadRefused || error instanceof Malformed || error instanceof RangeError) return undefined;
    throw error;
  }
}
