import { Unauthenticated } from './faults.ts';

/** Real tokens are 1 to 3 KB; Node's own limit on all headers together is 16 KB. */
export const MAX_TOKEN_LETTERS = 8192;

const BEARER = /^Bearer +([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)$/i;

/** The compact JWS in an `Authorization` header (RFC 6750), which an attacker controls. Throws `Unauthenticated`. */
export function parseBearer(header: string | null): string {
  if (header === null || header === '') throw new Unauthenticated('absent');
  if (header.length > MAX_TOKEN_LETTERS) throw new Unauthenticated('malformed');
  const token = BEARER.exec(header)?.[1];
  if (token === undefined) throw new Unauthenticated('malformed');
  return token;
}
