import { toHex } from '../kernel/base64.ts';

/** A library's Ed25519 verification (RFC 8032, pure): true or false, whatever it is given. */
export type VerifyEd25519 = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;

/** The field's prime, 2^255 − 19, and the order of the base point. */
const P = 2n ** 255n - 19n;
const L = 2n ** 252n + 27742317777372353535851937790883648493n;

/** y of the points whose order divides 8. A key among them signs for everybody. */
const SMALL_ORDER_Y: ReadonlySet<bigint> = new Set([
  0n,
  1n,
  P - 1n,
  0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n,
  0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n,
]);

const littleEndian = (bytes: Uint8Array): bigint => BigInt(`0x${toHex(bytes.toReversed())}`);

/**
 * Whether 32 bytes are the one spelling of a point that is not of small order, as far as can be told without decoding it; those that are
 * no point at all every library refuses. x = 0 with its sign bit set, the other wrong spelling, is of small order anyway.
 */
export function isEd25519Point(bytes: Uint8Array): boolean {
  if (bytes.length !== 32) return false;
  const y = littleEndian(bytes) & (2n ** 255n - 1n);
  return y < P && !SMALL_ORDER_Y.has(y);
}

/**
 * The one rule (docs/spec/ed25519.md): libraries differ on what nobody signs honestly, so that is refused before they are asked. What is left
 * to them is the equation, which has to be the cofactorless one: [S]B = R + [k]A.
 */
export function verifiesEd25519(
  library: VerifyEd25519,
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  return (
    signature.length === 64 &&
    littleEndian(signature.subarray(32)) < L &&
    isEd25519Point(publicKey) &&
    isEd25519Point(signature.subarray(0, 32)) &&
    library(publicKey, message, signature)
  );
}
