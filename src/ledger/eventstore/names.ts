import { Malformed } from '../../kernel/fault.ts';
import { isStreamName, type StreamName } from '../../kernel/id.ts';
import { LedgerCorrupt } from '../faults.ts';

/** Several ledgers may live on one server: each has a prefix of its own before the names of its streams. */
export const DEFAULT_PREFIX = 'hrl:';

/** Ends in its only colon, so no prefix begins another; does not begin with `$`, which is the server's. */
const PREFIX = /^[a-z0-9][a-z0-9.-]{0,30}:$/;

export const isPrefix = (text: string): boolean => PREFIX.test(text);

export function parsePrefix(text: string): string {
  if (!isPrefix(text)) throw new Malformed('stream prefix', 'not 1 to 31 of a-z, 0-9, "." and "-", and a colon');
  return text;
}

export const toServerStream = (prefix: string, stream: StreamName): string => `${prefix}${stream}`;

/** The stream of ours by that name on the server; undefined for what is none of ours. Throws `LedgerCorrupt` for a foreign name under our prefix. */
export function toOurStream(prefix: string, name: string): StreamName | undefined {
  if (!name.startsWith(prefix)) return undefined;
  const rest = name.slice(prefix.length);
  if (!isStreamName(rest)) throw new LedgerCorrupt('a stream under its prefix bears no name of a stream of ours');
  return rest;
}
