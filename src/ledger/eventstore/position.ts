import { Malformed } from '../../kernel/fault.ts';
import type { Position } from '../port.ts';

/** A place in the server's log, as its client gives it. */
export interface LogPosition {
  readonly commit: bigint;
  readonly prepare: bigint;
}

/** Both numbers in 20 digits, which every 64-bit number fits: one spelling a position, and text order is log order. */
const PRINTED = /^(\d{20})-(\d{20})$/;
const LAST = 2n ** 64n - 1n;

const digits = (value: bigint): string => value.toString().padStart(20, '0');

export const toPosition = ({ commit, prepare }: LogPosition): Position =>
  `${digits(commit)}-${digits(prepare)}` as Position;

/** Reads text from outside. */
export function toLogPosition(text: string): LogPosition {
  const found = PRINTED.exec(text);
  const commit = BigInt(found?.[1] ?? LAST + 1n);
  const prepare = BigInt(found?.[2] ?? LAST + 1n);
  if (commit > LAST || prepare > LAST) throw new Malformed('position', 'not a position of the EventStoreDB engine');
  return { commit, prepare };
}

export const parsePosition = (text: string): Position => toPosition(toLogPosition(text));

export function compareLog(a: LogPosition, b: LogPosition): number {
  const difference = a.commit === b.commit ? a.prepare - b.prepare : a.commit - b.commit;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

export const comparePositions = (a: Position, b: Position): number => compareLog(toLogPosition(a), toLogPosition(b));
