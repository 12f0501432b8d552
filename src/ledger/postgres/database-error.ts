import { isFault } from '../../kernel/fault.ts';
import { LedgerCorrupt, LedgerUnavailable } from '../faults.ts';

/** SQLSTATE classes and codes of the driver that say "the server is away, or coming up": waiting may mend it. */
const OUTAGE = /^(?:08\w{3}|57P\w{2}|53300|CONNECTION_CLOSED|CONNECTION_DESTROYED|CONNECT_TIMEOUT|E[A-Z]{3,})$/;
/** Unique and check violations: what the engine itself keeps under its lock. */
const CONTRADICTION = /^(?:23505|23514)$/;

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** True when the same statement may succeed later without anybody's help. */
export function isOutage(error: unknown): boolean {
  return error instanceof LedgerUnavailable ? OUTAGE.test(codeOf(error.cause)) : OUTAGE.test(codeOf(error));
}

/** True when somebody held the lock for longer than an append may wait: trying again at once would double the wait. */
export function isLockTimeout(fault: Error): boolean {
  return codeOf(fault.cause) === '55P03';
}

/** What is kept of a driver's error: code and message. Its detail quotes rows, and its parameters are the rows. */
function causeOf(error: unknown): Error {
  if (!(error instanceof Error)) return new Error('unknown');
  return Object.assign(new Error(error.message), { code: codeOf(error) });
}

/** The fault for an error of the driver; our own faults stay as they are. */
export function toFault(error: unknown): Error {
  if (isFault(error)) return error;
  if (CONTRADICTION.test(codeOf(error))) return new LedgerCorrupt('its heads do not fit its events');
  return new LedgerUnavailable(causeOf(error));
}
