import { isFault } from '../../kernel/fault.ts';
import { ConnectionBroken } from '../../postgres/connection.ts';
import { causeOf, isAway } from '../../postgres/outage.ts';
import { LedgerCorrupt, LedgerUnavailable } from '../faults.ts';

/** Unique and check violations: what the engine itself keeps under its lock. */
const CONTRADICTION = /^(?:23505|23514)$/;

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** True when the same statement may succeed later without anybody's help. A pool that its owner has ended will not come back. */
export function isOutage(error: unknown): boolean {
  const raw = error instanceof LedgerUnavailable ? error.cause : error;
  return isAway(raw) && codeOf(raw) !== 'CONNECTION_ENDED';
}

/** True when somebody held the lock for longer than an append may wait: trying again at once would double the wait. */
export function isLockTimeout(fault: Error): boolean {
  return codeOf(fault.cause) === '55P03';
}

/** The fault for an error of the driver, without the rows that it quotes; our own faults stay as they are. */
export function toFault(error: unknown): Error {
  if (isFault(error) && !(error instanceof ConnectionBroken)) return error;
  if (CONTRADICTION.test(codeOf(error))) return new LedgerCorrupt('its heads do not fit its events');
  return new LedgerUnavailable(causeOf(error));
}

/** Known not written, for a reason that only the engine sees. */
export const unavailable = (why: string): LedgerUnavailable => new LedgerUnavailable(new Error(why));
