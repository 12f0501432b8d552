import type { Bytes } from './bytes.ts';

/** RFC 4648 with one spelling per value: encoders are canonical, decoders refuse every other spelling. */

const STANDARD = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const URL_SAFE = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

function decodeTable(alphabet: string): Int8Array {
  const table = new Int8Array(128).fill(-1);
  for (let i = 0; i < 64; i++) table[alphabet.charCodeAt(i)] = i;
  return table;
}

const STANDARD_TABLE = decodeTable(STANDARD);
const URL_TABLE = decodeTable(URL_SAFE);

function encode(bytes: Uint8Array, alphabet: string, padded: boolean): string {
  let out = '';
  let i = 0;
  for (; i + 2 < bytes.length; i += 3) {
    const n = ((bytes[i] as number) << 16) | ((bytes[i + 1] as number) << 8) | (bytes[i + 2] as number);
    out += alphabet[n >>> 18] as string;
    out += alphabet[(n >>> 12) & 63] as string;
    out += alphabet[(n >>> 6) & 63] as string;
    out += alphabet[n & 63] as string;
  }
  const left = bytes.length - i;
  if (left === 1) {
    const n = bytes[i] as number;
    out += `${alphabet[n >>> 2]}${alphabet[(n & 3) << 4]}${padded ? '==' : ''}`;
  } else if (left === 2) {
    const n = ((bytes[i] as number) << 8) | (bytes[i + 1] as number);
    out += `${alphabet[n >>> 10]}${alphabet[(n >>> 4) & 63]}${alphabet[(n & 15) << 2]}${padded ? '=' : ''}`;
  }
  return out;
}

/** `undefined` for any text that the encoder would not have written: wrong letters, padding, or stray low bits. */
function decode(text: string, table: Int8Array, padded: boolean): Bytes | undefined {
  let body = text;
  if (padded) {
    if (text.length % 4 !== 0) return undefined;
    body = text.endsWith('==') ? text.slice(0, -2) : text.endsWith('=') ? text.slice(0, -1) : text;
  }
  const left = body.length % 4;
  if (left === 1 || (padded && left !== 0 && body.length + (4 - left) !== text.length)) return undefined;
  if (padded && left === 0 && body.length !== text.length) return undefined;
  const out = new Uint8Array(Math.floor((body.length * 3) / 4));
  let at = 0;
  let buffer = 0;
  let bits = 0;
  for (let i = 0; i < body.length; i++) {
    const code = body.charCodeAt(i);
    const value = code < 128 ? (table[code] as number) : -1;
    if (value < 0) return undefined;
    buffer = ((buffer << 6) | value) & 0xfff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out[at++] = (buffer >>> bits) & 0xff;
    }
  }
  if ((buffer & ((1 << bits) - 1)) !== 0) return undefined;
  return out;
}

export const toBase64 = (bytes: Uint8Array): string => encode(bytes, STANDARD, true);
export const parseBase64 = (text: string): Bytes | undefined => decode(text, STANDARD_TABLE, true);
export const toBase64Url = (bytes: Uint8Array): string => encode(bytes, URL_SAFE, false);
export const parseBase64Url = (text: string): Bytes | undefined => decode(text, URL_TABLE, false);

const HEX = '0123456789abcdef';
export function toHex(bytes: Uint8Array): string {
  let out = '';
  for (const byte of bytes) out += `${HEX[byte >>> 4]}${HEX[byte & 15]}`;
  return out;
}

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  return code >= 0x61 && code <= 0x66 ? code - 0x57 : -1;
}

/** Lower-case hex only; `undefined` otherwise. */
export function parseHex(text: string): Bytes | undefined {
  if (text.length % 2 !== 0) return undefined;
  const out = new Uint8Array(text.length / 2);
  for (let i = 0; i < out.length; i++) {
    const high = hexDigit(text.charCodeAt(2 * i));
    const low = hexDigit(text.charCodeAt(2 * i + 1));
    if (high < 0 || low < 0) return undefined;
    out[i] = (high << 4) | low;
  }
  return out;
}
