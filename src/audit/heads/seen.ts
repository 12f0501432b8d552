import { parseBase64Url, toBase64Url } from '../../kernel/base64.ts';
import { equalBytes } from '../../kernel/bytes.ts';
import { Malformed } from '../../kernel/fault.ts';
import { isOrigin } from '../../ledger/leaf.ts';
import type { LedgerEnd, LedgerTail } from '../../ledger/tail.ts';

/** What a data folder has seen of one ledger. */
export interface Seen extends LedgerEnd {
  readonly origin: string;
}

/** Four lines: `hrl/seen/v1`, origin, size, leaf hash of the last event in base64url. No personal data: a leaf shows nothing of anybody. */
export function printSeen({ origin, size, leaf }: Seen): string {
  return `hrl/seen/v1\n${origin}\n${size}\n${toBase64Url(leaf)}\n`;
}

const DECIMAL = /^[1-9]\d{0,18}$/;

/** Reads a file that somebody may have written by hand. Throws `Malformed`. */
export function parseSeen(text: string): Seen {
  const [version, origin = '', size = '', leaf = '', end, ...more] = text.split('\n');
  if (version !== 'hrl/seen/v1' || end !== '' || more.length > 0) {
    throw new Malformed('seen', 'not four lines of version 1');
  }
  if (!isOrigin(origin)) throw new Malformed('seen line 2', 'not an origin');
  if (!DECIMAL.test(size)) throw new Malformed('seen line 3', 'not a decimal number of events');
  const bytes = parseBase64Url(leaf);
  if (bytes?.length !== 32) throw new Malformed('seen line 4', 'not 32 bytes in base64url');
  return { origin, size: BigInt(size), leaf: bytes };
}

/** What stands in a database against what was seen of it. */
export type Compared =
  | { readonly kind: 'there'; readonly found: LedgerEnd }
  /** It ends before what was seen. */
  | { readonly kind: 'older'; readonly found: LedgerEnd | undefined }
  /** It is as long, and another event stands where the seen one stood: it went on from an older point. */
  | { readonly kind: 'other'; readonly found: LedgerEnd };

/**
 * An event's leaf commits to random bytes that were drawn for it, so a ledger that went on from an older point has another leaf there. That all
 * before it is unchanged is what npm run fsck and an anchor are for.
 */
export async function compareSeen(tail: LedgerTail, seen: LedgerEnd): Promise<Compared> {
  const { last: found, at } = await tail.look(seen.size);
  if (found === undefined || found.size < seen.size) return { kind: 'older', found };
  return at !== undefined && equalBytes(at, seen.leaf) ? { kind: 'there', found } : { kind: 'other', found };
}
