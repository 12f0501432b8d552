import { toHex } from '../kernel/base64.ts';
import type { Entropy } from '../kernel/ports.ts';
import { ApiFault, badInput } from './fault.ts';

/** What a request says beside its body and its token. */
export interface SaidInHeaders {
  readonly channel?: string;
  readonly careStep?: string;
}

const REQUEST_ID = /^[A-Za-z0-9._-]{8,64}$/;
const JSON_TYPE = /^application\/json(?:\s*;\s*charset="?utf-8"?)?$/i;

/** The X-Request-Id of every answer, also of those to a request that is not one: as given, else a new one. */
export function requestIdOf(given: string | null, entropy: Entropy): string {
  return given !== null && REQUEST_ID.test(given) ? given : toHex(entropy.bytes(16));
}

/** A web page can send a form or plain text anywhere without asking; it cannot send JSON. So nothing else is read. */
export function checkTransport(method: string, headers: Headers): void {
  if (method !== 'POST') {
    throw new ApiFault('BAD_INPUT', 'method: only POST is served here', {
      path: 'method',
      status: 405,
      headers: { allow: 'POST' },
    });
  }
  if (!JSON_TYPE.test(headers.get('content-type') ?? '')) {
    throw badInput('content-type', 'not application/json in UTF-8', { status: 415 });
  }
  const encoding = headers.get('content-encoding');
  if (encoding !== null && encoding !== '' && encoding !== 'identity') {
    throw badInput('content-encoding', 'a compressed body is not read', { status: 415 });
  }
}

/** Throws BAD_INPUT naming the header. */
export function parseHeaders(headers: Headers): SaidInHeaders {
  const matching = (name: string, pattern: RegExp, allowed: string): string | undefined => {
    const value = headers.get(name);
    if (value === null) return undefined;
    if (!pattern.test(value)) throw badInput(name, `not ${allowed}`);
    return value;
  };
  matching('x-request-id', REQUEST_ID, '8 to 64 of A-Z a-z 0-9 . _ -');
  const channel = matching('x-channel', /^\d{4}$/, 'four digits');
  const careStep = matching('x-care-step', /^\d{6}$/, 'six digits');
  return {
    ...(channel === undefined ? {} : { channel }),
    ...(careStep === undefined ? {} : { careStep }),
  };
}
