import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { fromUtf8 } from '../kernel/bytes.ts';
import { BundleFault } from './bundle-fault.ts';

/**
 * Bytes of a bundle, unpacked. Twice its text, its tree and the sealed contents stand in memory at once, so a quarter of a
 * gibibyte is what a small server bears; the text also stays well below the longest string of the engine (2^29 − 24 units).
 */
const MAX_BUNDLE_BYTES = 256 * 1024 * 1024;

/** Objects and lists nest no deeper than this. FHIR resources stay below 20; parsers recurse, and an attacker writes the file. */
export const MAX_BUNDLE_DEPTH = 100;

/** A bundle as text and as the very bytes that the text was decoded from, without a byte order mark. */
export interface BundleText {
  /** Name of the file without its folder, for messages. */
  readonly file: string;
  readonly bytes: Uint8Array;
  readonly text: string;
}

const unzip = promisify(gunzip);
const GZIP_MAGIC = [0x1f, 0x8b] as const;

/**
 * Reads a `.json` or `.json.gz` file; its first bytes tell which, so that a renamed file is read the same.
 * Throws `BundleFault`; an attacker may control every byte.
 */
export async function readBundleFile(path: string): Promise<BundleText> {
  const file = basename(path);
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, 'r');
    const stat = await handle.stat();
    if (!stat.isFile()) throw new BundleFault('bundle-unreadable', file, 'is not a file');
    if (stat.size > MAX_BUNDLE_BYTES) throw tooLarge(file, MAX_BUNDLE_BYTES);
    return await unpackBundle(file, await handle.readFile());
  } catch (cause) {
    if (cause instanceof BundleFault) throw cause;
    throw new BundleFault('bundle-unreadable', file, 'cannot be read', {
      cause,
      next: 'check that the file exists and that you may read it',
    });
  } finally {
    await handle?.close();
  }
}

/** The same for bytes that are at hand. `file` is only what messages say. */
export async function unpackBundle(file: string, packed: Uint8Array, limit = MAX_BUNDLE_BYTES): Promise<BundleText> {
  const zipped = packed[0] === GZIP_MAGIC[0] && packed[1] === GZIP_MAGIC[1];
  return decodeBundle(file, zipped ? await inflated(file, packed, limit) : packed, limit);
}

/** Checks size, depth and UTF-8, in this order, before anything parses. */
export function decodeBundle(file: string, whole: Uint8Array, limit = MAX_BUNDLE_BYTES): BundleText {
  if (whole.length > limit) throw tooLarge(file, limit);
  const bytes = whole[0] === 0xef && whole[1] === 0xbb && whole[2] === 0xbf ? whole.subarray(3) : whole;
  const line = lineOfTooDeep(bytes);
  if (line !== undefined) {
    throw new BundleFault('bundle-too-deep', file, `nests deeper than ${MAX_BUNDLE_DEPTH}`, { place: { line } });
  }
  try {
    return { file, bytes, text: fromUtf8(bytes) };
  } catch {
    throw new BundleFault('bundle-not-utf8', file, 'is not UTF-8', { next: 'save the file as UTF-8' });
  }
}

async function inflated(file: string, packed: Uint8Array, limit: number): Promise<Uint8Array> {
  try {
    return await unzip(packed, { maxOutputLength: limit });
  } catch (cause) {
    if (cause instanceof RangeError) throw tooLarge(file, limit);
    throw new BundleFault('bundle-not-gzip', file, 'cannot be unpacked', { cause, next: 'fetch the file again' });
  }
}

function tooLarge(file: string, limit: number): BundleFault {
  return new BundleFault('bundle-too-large', file, `is larger than ${limit} bytes unpacked`, {
    next: 'split it into bundles of one patient each',
  });
}

/** Counts brackets outside strings, without recursion. The bytes of a multi-byte character never equal one looked for. */
function lineOfTooDeep(bytes: Uint8Array): number | undefined {
  let depth = 0;
  let line = 1;
  let inText = false;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (byte === 0x0a) line++;
    else if (inText) {
      if (byte === 0x5c) i++;
      else if (byte === 0x22) inText = false;
    } else if (byte === 0x22) inText = true;
    else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > MAX_BUNDLE_DEPTH) return line;
    } else if (byte === 0x7d || byte === 0x5d) depth--;
  }
  return undefined;
}
