import type { Logger } from 'pino';
import { isFault } from '../kernel/fault.ts';
import { ApiFault, FAULTS, type FaultCode } from './fault.ts';

/** Counts every fault that is told to somebody, and logs those that an operator must know of. */
export interface FaultReport {
  /** The fault as it is told: INTERNAL gets the request's id as its correlation id. Telling the result again counts once. */
  told(fault: ApiFault, requestId: string): ApiFault;
  /** How many of each code since the start. */
  counts(): { readonly [C in FaultCode]: number };
}

export type Log = Pick<Logger, 'info' | 'warn' | 'error'>;

export function faultReport(log: Log): FaultReport {
  const counts = Object.fromEntries(Object.keys(FAULTS).map((code) => [code, 0])) as Record<FaultCode, number>;
  const done = new WeakSet<ApiFault>();
  return {
    counts: () => ({ ...counts }),
    told(fault, requestId) {
      if (done.has(fault)) return fault;
      counts[fault.code] += 1;
      const told = report(log, fault, requestId);
      done.add(told);
      return told;
    },
  };
}

function report(log: Log, fault: ApiFault, requestId: string): ApiFault {
  switch (fault.code) {
    case 'INTERNAL':
      log.error({ requestId, error: describe(fault.cause) }, 'internal fault');
      return new ApiFault('INTERNAL', fault.message, { ...fault.details, correlationId: requestId }, fault.cause);
    case 'BUSY':
    case 'UNAVAILABLE':
    case 'UNKNOWN_OUTCOME':
      log.warn({ requestId, code: fault.code, error: describe(fault.cause) }, 'fault');
      return fault;
    case 'LIMIT':
      log.warn({ requestId, code: fault.code }, 'limit');
      return fault;
    case 'UNAUTHENTICATED':
    case 'BAD_INPUT':
    case 'TOO_LARGE':
      return fault;
  }
}

const MAX_CAUSES = 4;

/**
 * An error as the log may hold it. Our own faults never bear personal data, so their message is told; of any other error only its name,
 * its code and where it was thrown: a driver's message can quote a row.
 */
export function describe(error: unknown, depth = 0): object | undefined {
  if (!(error instanceof Error)) return error === undefined ? undefined : { name: typeof error };
  const code: unknown = 'code' in error ? error.code : undefined;
  const frames = framesOf(error);
  return {
    name: error.name,
    ...(typeof code === 'string' && /^[\w-]{1,64}$/.test(code) ? { code } : {}),
    ...(isFault(error) ? { message: error.message } : {}),
    frames,
    ...(error.cause === undefined || depth >= MAX_CAUSES ? {} : { cause: describe(error.cause, depth + 1) }),
  };
}

const MAX_FRAMES = 12;

/** Where it was thrown, without its message: that stands at the head of the stack, and may look like frames. */
function framesOf({ stack = '', message }: Error): string[] {
  const head = message === '' ? -1 : stack.indexOf(message);
  const lines = (head < 0 ? stack : stack.slice(head + message.length)).split('\n');
  return lines
    .filter((line) => line.startsWith('    at '))
    .slice(0, MAX_FRAMES)
    .map((line) => line.trim());
}
