import { type Bytes, concat, u64, utf8 } from '../kernel/bytes.ts';
import { Malformed } from '../kernel/fault.ts';

/** C2SP tlog-cosignature of type 0x04 (docs/spec/cosignature.md): when a witness had seen a checkpoint, in whole seconds since 1970. */
export interface Cosignature {
  readonly time: bigint;
  readonly signature: Bytes;
}

const SIGNATURE_BYTES = 64;
const MAX_TIME = 2n ** 63n - 1n;

/** What the witness signs: the time, and the checkpoint's whole text. */
export function cosignedMessage(text: string, time: bigint): Bytes {
  return utf8(`cosignature/v1\ntime ${time}\n${text}`);
}

/** u64 time ‖ signature: what stands behind the key id in the signature line. */
export function encodeCosignature({ time, signature }: Cosignature): Bytes {
  if (signature.length !== SIGNATURE_BYTES) throw new Malformed('cosignature', 'not a signature of 64 bytes');
  if (time < 0n || time > MAX_TIME) throw new Malformed('cosignature', 'its time is beyond 63 bits');
  return concat(u64(time), signature);
}

export function parseCosignature(bytes: Uint8Array): Cosignature {
  if (bytes.length !== 8 + SIGNATURE_BYTES) throw new Malformed('cosignature', 'not a time and 64 bytes');
  const time = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0);
  if (time > MAX_TIME) throw new Malformed('cosignature', 'its time is beyond 63 bits');
  return { time, signature: new Uint8Array(bytes.subarray(8)) };
}
