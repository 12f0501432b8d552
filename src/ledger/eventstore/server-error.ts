import { AccessDeniedError, NotLeaderError, StreamDeletedError, StreamNotFoundError } from '@eventstore/db-client';
import { isFault } from '../../kernel/fault.ts';
import { LedgerCorrupt, LedgerUnavailable } from '../faults.ts';

/** What may be kept of the client's error: its kind. Its message can quote names of streams, and what was sent. */
function said(error: unknown): string {
  if (!(error instanceof Error)) return 'something that is no error';
  if ('type' in error && typeof error.type === 'string') return error.type;
  return 'code' in error && typeof error.code === 'number' ? `code ${error.code}` : 'unknown';
}

/** The server answered, and said that this caller may not. Waiting does not mend it. */
export const isRefusal = (error: unknown): boolean => error instanceof AccessDeniedError;

export const isMissingStream = (error: unknown): boolean => error instanceof StreamNotFoundError;

/** The client goes to the leader by itself when it is asked again. */
export const isNotLeader = (error: unknown): boolean => error instanceof NotLeaderError;

/** Our own clock ran out on a call. */
export const noAnswer = (): Error => Object.assign(new Error('no answer in time'), { code: 4 });

export const unavailable = (error: unknown): LedgerUnavailable =>
  new LedgerUnavailable(new Error(`EventStoreDB: ${said(error)}`));

/** The fault for an error of the client; our own faults stay as they are. */
export function toFault(error: unknown): Error {
  if (isFault(error)) return error;
  if (error instanceof StreamDeletedError) return new LedgerCorrupt('a stream of it was deleted for ever');
  return unavailable(error);
}
