import { Malformed } from '../../kernel/fault.ts';
import type { Position } from '../port.ts';

/** Decimal digits of the bigint in `events.position`, gapless from 0. */
const PRINTED = /^(?:0|[1-9]\d{0,18})$/;
const LAST = 2n ** 63n - 1n;

/** Reads text from outside; one spelling per position. */
export function parsePosition(text: string): Position {
  if (!PRINTED.test(text) || BigInt(text) > LAST)
    throw new Malformed('position', 'not a position of the Postgres engine');
  return text as Position;
}

export const toPosition = (index: bigint): Position => index.toString() as Position;

/** Where to start reading after a position: -1n stands before the first event. */
export const toIndex = (position: Position | undefined): bigint =>
  position === undefined ? -1n : BigInt(parsePosition(position));

export function comparePositions(a: Position, b: Position): number {
  const difference = toIndex(a) - toIndex(b);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}
