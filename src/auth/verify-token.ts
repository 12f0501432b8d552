import { errors, type JWTVerifyGetKey, type JWTVerifyResult, jwtVerify } from 'jose';
import { fromEpochMs, toEpochMs } from '../kernel/instant.ts';
import type { Clock } from '../kernel/ports.ts';
import type { VerifiedToken } from './claims.ts';
import { Unauthenticated } from './faults.ts';

/** How far the provider's clock may be ahead of ours. */
export const CLOCK_TOLERANCE_S = 5;
/** A token that lives longer than a working day from now is refused, whoever signed it. */
export const MAX_TOKEN_LIFE_S = 24 * 60 * 60;

/** RFC 7519 and RFC 9068; others (`logout+jwt`, `dpop+jwt` …) are tokens for something else. An absent one is common. */
const TYPES: readonly unknown[] = [undefined, 'jwt', 'at+jwt', 'application/at+jwt'];

export interface Expected {
  readonly algorithms: readonly string[];
  readonly issuer: string;
  readonly audience: string;
  readonly clock: Pick<Clock, 'now'>;
}

/**
 * Proves that a compact JWS, which an attacker controls, was signed for us and is of now. Throws `Unauthenticated`, or whatever fault of
 * its own `key` throws.
 */
export async function verifyToken(token: string, key: JWTVerifyGetKey, expected: Expected): Promise<VerifiedToken> {
  const now = toEpochMs(expected.clock.now());
  const { payload, protectedHeader } = await proven(token, key, expected, now);
  const { iss, sub, exp, iat } = payload;
  // jose reads `typ` only when it is told which to expect, so it can be anything that JSON has.
  const typ: unknown = protectedHeader.typ;
  if (!TYPES.includes(typeof typ === 'string' ? typ.toLowerCase() : typ)) throw new Unauthenticated('invalid');
  if (iss === undefined || sub === undefined || exp === undefined) throw new Unauthenticated('invalid');
  // jose's tolerance is for clocks that are ahead; an ended token is ended, as the ledger would refuse its appends.
  if (exp * 1000 <= now) throw new Unauthenticated('expired');
  if (exp * 1000 > now + (MAX_TOKEN_LIFE_S + CLOCK_TOLERANCE_S) * 1000) throw new Unauthenticated('invalid');
  if (iat !== undefined && iat * 1000 > now + CLOCK_TOLERANCE_S * 1000) throw new Unauthenticated('invalid');
  return { issuer: iss, subject: sub, until: fromEpochMs(exp * 1000), payload };
}

async function proven(token: string, key: JWTVerifyGetKey, expected: Expected, now: number): Promise<JWTVerifyResult> {
  try {
    return await jwtVerify(token, key, {
      algorithms: [...expected.algorithms],
      issuer: expected.issuer,
      audience: expected.audience,
      clockTolerance: CLOCK_TOLERANCE_S,
      currentDate: new Date(now),
      requiredClaims: ['exp', 'sub'],
    });
  } catch (error) {
    if (error instanceof errors.JWTExpired) throw new Unauthenticated('expired', error);
    if (error instanceof errors.JOSEError) throw new Unauthenticated('invalid', error);
    throw error;
  }
}
