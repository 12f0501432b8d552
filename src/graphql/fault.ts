import type { SourceLocation } from 'graphql';
import { Fault } from '../kernel/fault.ts';

/** Every code that `errors[].extensions.code` can bear: what it means and the status of a response that holds nothing else. */
export const FAULTS = {
  UNAUTHENTICATED: {
    status: 401,
    meaning: 'No valid bearer token, or nobody is registered under it. Nothing was executed.',
  },
  BAD_INPUT: {
    status: 400,
    meaning: 'The request or one of its values does not have the one form that is accepted; `path` names the place.',
  },
  BUSY: { status: 503, meaning: 'Nothing was written. Send the same again after `retryAfterMs` milliseconds.' },
  UNKNOWN_OUTCOME: {
    status: 503,
    meaning:
      'The command may be written or not. Send the same command again with the same `requestId`: it is never written twice.',
  },
  UNAVAILABLE: {
    status: 503,
    meaning:
      'Something that the platform stands on cannot be reached. Send the same again later, a command with the same `requestId`.',
  },
  LIMIT: {
    status: 429,
    meaning:
      'A limit was passed. With `retryAfterMs`: too many calls, send the same again later. Without: the document asks too much at once.',
  },
  TOO_LARGE: { status: 413, meaning: 'The body, or a content in it, is larger than what is accepted.' },
  INTERNAL: { status: 500, meaning: 'A fault of the platform. `correlationId` finds it in the log.' },
} as const;

export type FaultCode = keyof typeof FAULTS;

export interface FaultDetails {
  /** BAD_INPUT: the argument, variable, header or part of the body, such as `input.documents[0].number`. */
  readonly path?: string;
  /** BUSY, and LIMIT by rate. */
  readonly retryAfterMs?: number;
  readonly correlationId?: string;
  readonly locations?: readonly SourceLocation[];
  /** The response's status, when it is not that of the code. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A fault as the API's user sees it. Its message is constant, or names a place; it never repeats a value. */
export class ApiFault extends Fault {
  readonly code: FaultCode;
  readonly details: FaultDetails;

  constructor(code: FaultCode, message: string, details: FaultDetails = {}, cause?: unknown) {
    super(message, { cause });
    this.code = code;
    this.details = details;
  }

  get status(): number {
    return this.details.status ?? FAULTS[this.code].status;
  }

  /** Headers of a response that holds this fault alone. */
  get headers(): Record<string, string> {
    const { headers, retryAfterMs } = this.details;
    return {
      ...headers,
      ...(retryAfterMs === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) }),
    };
  }

  /** What stands in `errors[].extensions`. */
  get extensions(): Record<string, string | number> {
    const { path, retryAfterMs, correlationId } = this.details;
    return {
      code: this.code,
      ...(path === undefined ? {} : { path }),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...(correlationId === undefined ? {} : { correlationId }),
    };
  }
}

export const badInput = (path: string, why: string, details: FaultDetails = {}): ApiFault =>
  new ApiFault('BAD_INPUT', `${path}: ${why}`, { path, ...details });

/** Too many calls, unlike a document that asks too much: sending the same again later helps. */
export const isRateLimit = ({ code, details }: ApiFault): boolean =>
  code === 'LIMIT' && details.retryAfterMs !== undefined;

/** The document asks too much: sending it again later does not help. */
export const overLimit = (what: string): ApiFault => new ApiFault('LIMIT', what, { status: 400 });
