import { Metadata, type StatusObject, status } from '@grpc/grpc-js';

/** A call's end as the server says it: a status, and what the client reads its kind of error from. */
export type Failure = Pick<StatusObject, 'code' | 'details' | 'metadata'>;

function failure(code: status, details: string, said: Readonly<Record<string, string>> = {}): Failure {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(said)) metadata.set(name, value);
  return { code, details, metadata };
}

/** What a handler of the real server ends in that threw. */
export const HANDLER_FAILED = failure(status.UNKNOWN, 'Exception was thrown by handler.');

export const readFailed = (of: 'stream' | 'all'): Failure =>
  failure(status.UNKNOWN, `Unexpected Read${of === 'all' ? 'All' : 'Stream'}Result: Error`);

export const timedOut = (why: string): Failure => failure(status.ABORTED, `Operation timed out: ${why}`);

export const streamDeleted = (stream: string): Failure =>
  failure(status.FAILED_PRECONDITION, `Event stream '${stream}' is deleted.`, {
    exception: 'stream-deleted',
    'stream-name': stream,
  });

export const wrongExpectedVersion = (stream: string, expected: bigint, actual: bigint): Failure =>
  failure(status.FAILED_PRECONDITION, `Delete failed due to WrongExpectedVersion. Stream: ${stream}`, {
    exception: 'wrong-expected-version',
    'stream-name': stream,
    'expected-version': String(expected),
    'actual-version': String(actual),
  });

export const appendTooLarge = (limit: number): Failure =>
  failure(status.INVALID_ARGUMENT, `Maximum Append Size of ${limit} Exceeded.`, {
    exception: 'maximum-append-size-exceeded',
    'maximum-append-size': String(limit),
  });

export const metadataMissing = (name: string): Failure =>
  failure(status.INVALID_ARGUMENT, `Required Metadata Property '${name}' is missing`, {
    exception: 'missing-required-metadata-property',
    'required-metadata-properties': 'type,content-type',
  });

export const notLeader = (host: string, port: number): Failure =>
  failure(status.NOT_FOUND, 'Leader info available', {
    exception: 'not-leader',
    'leader-endpoint-host': host,
    'leader-endpoint-port': String(port),
  });
