import { GraphQLError } from 'graphql';
import { Unauthenticated } from '../auth/faults.ts';
import { isFault, Malformed } from '../kernel/fault.ts';
import { ApiFault, badInput } from './fault.ts';

const BUSY_RETRY_MS = 200;
/** Use cases read their input under this name; for a query its fields are the arguments themselves. */
const INPUT = /^input(?:\.|$)/;

/**
 * What went wrong below → what the API's user is told. Faults are known by their code, not their class: their files lie in rooms that
 * GraphQL does not see. Whatever is not known here is a fault of ours and becomes INTERNAL; the caller logs it.
 */
export function translateFault(error: unknown, kind: 'command' | 'query'): ApiFault {
  if (error instanceof ApiFault) return error;
  if (error instanceof Malformed) return malformed(error, kind);
  if (error instanceof Unauthenticated) return unauthenticated(error);
  if (error instanceof GraphQLError) return argumentMissing(error);
  if (!isFault(error)) return internal(error);
  switch (error.code) {
    case 'busy':
    case 'claims-busy': {
      const told: unknown = 'retryAfterMs' in error ? error.retryAfterMs : undefined;
      const retryAfterMs = typeof told === 'number' ? told : BUSY_RETRY_MS;
      return new ApiFault(
        'BUSY',
        'the ledger is busy: send the same again after retryAfterMs',
        { retryAfterMs },
        error,
      );
    }
    case 'append-unknown':
      return new ApiFault(
        'UNKNOWN_OUTCOME',
        'not known whether it was written: send the same requestId again',
        {},
        error,
      );
    case 'append-too-large':
    case 'content-too-large':
      return new ApiFault('TOO_LARGE', 'larger than what is accepted: send it in smaller parts', {}, error);
    case 'content-differs':
      return badInput('requestId', 'another content was sent under it before: use a new one');
    default:
      if (error.code.endsWith('-unavailable')) {
        return new ApiFault('UNAVAILABLE', 'something that the platform stands on cannot be reached', {}, error);
      }
      return internal(error);
  }
}

/** Only what the caller sent is BAD_INPUT; stored bytes that do not parse are a fault of ours, and tell nothing. */
function malformed(error: Malformed, kind: 'command' | 'query'): ApiFault {
  if (error.path === 'requestId') return badInput('requestId', reasonOf(error));
  if (!INPUT.test(error.path)) return internal(error);
  const path = kind === 'command' ? error.path : error.path.replace(/^input\.?/, '');
  return badInput(path === '' ? 'arguments' : path, reasonOf(error));
}

/** A null that a variable brings where none may stand: found only while executing, and told in the schema's words alone. */
function argumentMissing(error: GraphQLError): ApiFault {
  const argument = /^Argument "(\w+)" of non-null type "[\w![\]]+" must not be null\.$/.exec(error.message)?.[1];
  return argument === undefined ? internal(error) : badInput(argument, 'must not be null');
}

const reasonOf = (error: Malformed): string => error.message.slice(error.path.length + 2);

function internal(cause: unknown): ApiFault {
  return new ApiFault('INTERNAL', 'a fault of the platform; tell its operator the correlationId', {}, cause);
}

/** RFC 6750 §3: no error code when no token came. */
function unauthenticated(error: Unauthenticated): ApiFault {
  const challenge = 'Bearer realm="health-record-ledger"';
  const told =
    error.reason === 'absent' ? challenge : `${challenge}, error="invalid_token", error_description="${error.message}"`;
  return new ApiFault('UNAUTHENTICATED', error.message, { headers: { 'www-authenticate': told } }, error);
}
