/** Byte work shared by every format. Integers are big-endian throughout (docs/spec/README.md). */

const encoder = new TextEncoder();
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export type Bytes = Uint8Array<ArrayBuffer>;

/** An encoder's call costs as much as a hash, and its result lies outside the heap; short names are most of what is encoded. */
const SHORT = 64;
const LENGTH = new Uint8Array(2);

/** The text's bytes behind `before` zeros, `undefined` when it is not all ASCII. */
function asciiAt(before: number, text: string): Bytes | undefined {
  const out = new Uint8Array(before + text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return undefined;
    out[before + i] = code;
  }
  return out;
}

/** UTF-8 bytes of well-formed text. A lone surrogate would be silently replaced, so it throws instead. */
export function utf8(text: string): Bytes {
  const ascii = text.length <= SHORT ? asciiAt(0, text) : undefined;
  if (ascii !== undefined) return ascii;
  if (!text.isWellFormed()) throw new RangeError('text holds a lone surrogate');
  return encoder.encode(text);
}

/** Text of UTF-8 bytes; throws on any invalid sequence (an attacker may control them). */
export function fromUtf8(bytes: Uint8Array): string {
  return strictDecoder.decode(bytes);
}

export function concat(...parts: readonly Uint8Array[]): Bytes {
  let length = 0;
  for (const part of parts) length += part.length;
  const out = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** lp(x) = uint16 length ‖ bytes. */
export function lp(value: string | Uint8Array): Bytes {
  const short = typeof value === 'string' && value.length <= 2 * SHORT ? asciiAt(2, value) : undefined;
  const out = short ?? concat(LENGTH, typeof value === 'string' ? utf8(value) : value);
  const length = out.length - 2;
  if (length > 0xffff) throw new RangeError('lp: longer than 65,535 bytes');
  out[0] = length >>> 8;
  out[1] = length & 0xff;
  return out;
}

export function u32(value: number): Bytes {
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) throw new RangeError('u32 out of range');
  // No DataView: asking a small array for its buffer moves it out of the heap.
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}

export function u64(value: bigint): Bytes {
  if (value < 0n || value > 0xffffffffffffffffn) throw new RangeError('u64 out of range');
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigUint64(0, value);
  return out;
}

export function readU32(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at);
}

/** Equality in a time that depends on the length only. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number);
  return difference === 0;
}

/** Bytewise order, shorter first on a common prefix. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const d = (a[i] as number) - (b[i] as number);
    if (d !== 0) return d;
  }
  return a.length - b.length;
}
