import { parseBase64, toBase64 } from '../kernel/base64.ts';
import { type Bytes, fromUtf8, utf8 } from '../kernel/bytes.ts';
import { Malformed } from '../kernel/fault.ts';
import type { Suite } from '../kernel/suite.ts';
import type { Compartment } from './commitment.ts';

/** The public face of an event: six lines (docs/spec/leaf.md). It shows nothing of anybody. */
export interface Leaf {
  readonly origin: string;
  readonly suite: string;
  readonly commitments: { readonly [C in Compartment]: Bytes };
}

const SUITE = 'international';
const ORIGIN = /^[!-~]{1,128}$/;
/** Six lines with an origin of at most 128 letters stay below this; longer input is refused before it is split. */
const MAX_LEAF_BYTES = 512;

export function isOrigin(text: string): boolean {
  return ORIGIN.test(text) && !text.includes('+');
}

/** Throws `Malformed` on what `parseLeaf` would refuse: nothing unreadable is ever stored. */
export function encodeLeaf(leaf: Leaf): Bytes {
  if (!isOrigin(leaf.origin)) throw new Malformed('origin', 'not 1 to 128 visible ASCII letters without "+"');
  if (leaf.suite !== SUITE) throw new Malformed('leaf suite', 'not a known suite');
  const { header, retained, personal } = leaf.commitments;
  if ([header, retained, personal].some((commitment) => commitment.length !== 32)) {
    throw new Malformed('leaf commitment', 'not 32 bytes');
  }
  return utf8(
    `hrl/leaf/v1\n${leaf.origin}\n${leaf.suite}\n${toBase64(header)}\n${toBase64(retained)}\n${toBase64(personal)}\n`,
  );
}

/** Reads bytes that an attacker may control. Any deviation is malformed; encode(parse(b)) = b. */
export function parseLeaf(bytes: Uint8Array): Leaf {
  if (bytes.length > MAX_LEAF_BYTES) throw new Malformed('leaf', 'too long');
  let text: string;
  try {
    text = fromUtf8(bytes);
  } catch {
    throw new Malformed('leaf', 'not UTF-8');
  }
  const lines = text.split('\n');
  if (lines.length !== 7 || lines[6] !== '' || lines[0] !== 'hrl/leaf/v1')
    throw new Malformed('leaf', 'not six lines of v1');
  const [, origin = '', suite = ''] = lines;
  if (!isOrigin(origin)) throw new Malformed('leaf origin', 'not an origin');
  if (suite !== SUITE) throw new Malformed('leaf suite', 'not a known suite');
  const commitment = (line: string | undefined): Bytes => {
    const value = parseBase64(line ?? '');
    if (value?.length !== 32) throw new Malformed('leaf commitment', 'not 32 bytes in standard padded base64');
    return value;
  };
  return {
    origin,
    suite,
    commitments: { header: commitment(lines[3]), retained: commitment(lines[4]), personal: commitment(lines[5]) },
  };
}

const LEAF_PREFIX = Uint8Array.of(0);

/** RFC 6962 leaf hash: H(0x00 ‖ leaf). */
export function leafHash(suite: Suite, leaf: Uint8Array): Bytes {
  return suite.hash(LEAF_PREFIX, leaf);
}
