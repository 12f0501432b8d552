import { parseBase64Url, toBase64Url } from '../kernel/base64.ts';
import type { Bytes } from '../kernel/bytes.ts';
import { Malformed } from '../kernel/fault.ts';
import { isStreamName, type StreamName } from '../kernel/id.ts';
import { isOrigin } from '../ledger/leaf.ts';

/**
 * What somebody keeps outside the database, so that its superuser cannot mend a forgery: size and RFC 6962 root of the ledger, and
 * revision and chain head of every stream. Text, one fact a line, the streams in ascending order:
 * `hrl/anchor/v1`, origin, size, root, then `<stream> <revision> <head>` (docs/spec/anchor.md).
 */
export interface Anchor {
  readonly origin: string;
  readonly size: bigint;
  readonly root: Bytes;
  readonly heads: ReadonlyMap<StreamName, { readonly revision: bigint; readonly head: Bytes }>;
}

export function printAnchor(anchor: Anchor): string {
  const heads = [...anchor.heads]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([stream, { revision, head }]) => `${stream} ${revision} ${toBase64Url(head)}\n`);
  return `hrl/anchor/v1\n${anchor.origin}\n${anchor.size}\n${toBase64Url(anchor.root)}\n${heads.join('')}`;
}

const DECIMAL = /^(?:0|[1-9]\d{0,18})$/;

function bytes32(text: string | undefined, line: number): Bytes {
  const bytes = parseBase64Url(text ?? '');
  if (bytes?.length !== 32) throw new Malformed(`anchor line ${line}`, 'not 32 bytes in base64url');
  return bytes;
}

function decimal(text: string | undefined, line: number): bigint {
  if (text === undefined || !DECIMAL.test(text)) throw new Malformed(`anchor line ${line}`, 'not a decimal number');
  return BigInt(text);
}

/** Reads a file that may have come from anywhere. */
export function parseAnchor(text: string): Anchor {
  const lines = text.split('\n');
  if (lines[0] !== 'hrl/anchor/v1' || lines.at(-1) !== '') throw new Malformed('anchor', 'not an anchor of version 1');
  const origin = lines[1] ?? '';
  if (!isOrigin(origin)) throw new Malformed('anchor line 2', 'not an origin');
  const heads = new Map<StreamName, { revision: bigint; head: Bytes }>();
  let last = '';
  for (let i = 4; i < lines.length - 1; i++) {
    const [stream = '', revision, head, ...more] = (lines[i] as string).split(' ');
    if (!isStreamName(stream) || more.length > 0 || stream <= last) {
      throw new Malformed(`anchor line ${i + 1}`, 'not `<stream> <revision> <head>` in ascending order');
    }
    last = stream;
    heads.set(stream, { revision: decimal(revision, i + 1), head: bytes32(head, i + 1) });
  }
  return { origin, size: decimal(lines[2], 3), root: bytes32(lines[3], 4), heads };
}
