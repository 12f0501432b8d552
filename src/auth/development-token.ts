import { type JWTVerifyGetKey, SignJWT } from 'jose';
import type { DocumentInput } from '../app/api.ts';
import type { ClaimNames } from '../config.ts';
import type { Bytes } from '../kernel/bytes.ts';
import type { ActorKind } from '../kernel/event.ts';
import { toEpochMs } from '../kernel/instant.ts';
import type { Clock } from '../kernel/ports.ts';
import { AuthMisconfigured } from './faults.ts';

/** Tokens for a developer's own machine: signed with a key of the keyring, for a listener that nobody else reaches. */
export const DEVELOPMENT_ISSUER = 'urn:hrl:development';
export const DEVELOPMENT_AUDIENCE = 'urn:hrl:api';
export const DEVELOPMENT_ALGORITHM = 'HS256';
export const MAX_DEVELOPMENT_MINUTES = 12 * 60;

export const DEVELOPMENT_CLAIMS: ClaimNames = {
  role: 'role',
  organisation: 'organisation',
  practitioner: 'practitioner',
  document: 'document',
  roles: new Map(),
};

export interface DevelopmentToken {
  readonly role: ActorKind;
  readonly subject: string;
  readonly organisation?: { readonly system: string; readonly number: string };
  readonly practitioner?: { readonly system: string; readonly number: string };
  readonly document?: DocumentInput;
  /** 1 to `MAX_DEVELOPMENT_MINUTES`. */
  readonly minutes: number;
}

/** A compact JWS. Who may sign such tokens may be anybody: the key is as secret as the data. */
export async function mintDevelopmentToken(
  key: Bytes,
  token: DevelopmentToken,
  clock: Pick<Clock, 'now'>,
): Promise<string> {
  const { role, subject, organisation, practitioner, document, minutes } = token;
  if (!Number.isInteger(minutes) || minutes < 1 || minutes > MAX_DEVELOPMENT_MINUTES) {
    throw new RangeError(`minutes are not 1 to ${MAX_DEVELOPMENT_MINUTES}`);
  }
  const now = Math.floor(toEpochMs(clock.now()) / 1000);
  return new SignJWT({
    role,
    ...(organisation === undefined ? {} : { organisation }),
    ...(practitioner === undefined ? {} : { practitioner }),
    ...(document === undefined ? {} : { document }),
  })
    .setProtectedHeader({ alg: DEVELOPMENT_ALGORITHM, typ: 'JWT' })
    .setIssuer(DEVELOPMENT_ISSUER)
    .setAudience(DEVELOPMENT_AUDIENCE)
    .setSubject(subject)
    .setIssuedAt(now)
    .setExpirationTime(now + minutes * 60)
    .sign(key);
}

/** The one key, whatever the token's header says. */
export function developmentKey(key: Bytes): JWTVerifyGetKey {
  if (key.length !== 32) throw new AuthMisconfigured('the development-token key is not 32 bytes');
  const own = new Uint8Array(key);
  return () => own;
}
