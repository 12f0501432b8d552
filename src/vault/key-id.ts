import { Malformed } from '../kernel/fault.ts';
import { type Id16, isStreamName, type StreamName } from '../kernel/id.ts';

/** `<owner>#<kind>#<which>#<n>`: what a key is for. It stands in every wrap and beside every sealed part. */

export const personalKeyId = (stream: StreamName, number: number): string => `${stream}#personal#-#${number}`;
export const tagKeyId = (stream: StreamName, number: number): string => `${stream}#tag#-#${number}`;
export const contentKeyId = (stream: StreamName, content: Id16): string => `${stream}#content#${content}#0`;

/** The key of one class and year of a whole ledger, from which each stream's is derived. */
export const periodKeyId = (origin: string, period: Period): string =>
  `${origin}#${period.retention}#${period.year}#${period.number}`;
/** The key of one class and year of one stream. */
export const retainedKeyId = (stream: StreamName, period: Period): string =>
  `${stream}#${period.retention}#${period.year}#${period.number}`;

/** One period of retention: a class, the year (UTC) of `decided`, and which key of that year. */
export interface Period {
  readonly retention: string;
  readonly year: number;
  readonly number: number;
}

const PERSONAL = /^([^#]+)#personal#-#(0|[1-9]\d{0,8})$/;
const RETAINED = /^([^#]+)#([a-z]{1,16})#(0|[1-9]\d{0,3})#(0|[1-9]\d{0,8})$/;

function sameStream(given: string | undefined, stream: StreamName, path: string): void {
  if (given !== stream || !isStreamName(given)) throw new Malformed(path, 'names a key of another stream');
}

/** Which of the stream's personal keys a stored part names. An attacker may control the text. */
export function parsePersonalKeyId(text: string, stream: StreamName): number {
  const match = PERSONAL.exec(text);
  if (match === null) throw new Malformed('key id', 'not a personal key');
  sameStream(match[1], stream, 'key id');
  return Number(match[2]);
}

/** Which period's key a stored part names; it must be of the class that the event's type declares. */
export function parseRetainedKeyId(text: string, stream: StreamName, retention: string): Period {
  const match = RETAINED.exec(text);
  if (match === null || match[2] !== retention) throw new Malformed('key id', `not a key of the class ${retention}`);
  sameStream(match[1], stream, 'key id');
  return { retention, year: Number(match[3]), number: Number(match[4]) };
}
