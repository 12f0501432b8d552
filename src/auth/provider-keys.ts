import { readFile } from 'node:fs/promises';
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  errors,
  type JSONWebKeySet,
  type JWK,
  type JWTVerifyGetKey,
} from 'jose';
import type { ProviderConfig } from '../config.ts';
import { AuthMisconfigured, KeysUnavailable } from './faults.ts';

const FETCH_TIMEOUT_MS = 5_000;
/** A set of a hundred keys stays far below. */
const MAX_FILE_BYTES = 1024 * 1024;

/** RFC 7518 §3.3 and §3.5; what is signed with a shorter one proves nothing. */
const MIN_RSA_BITS = 2048;

/** A set of keys, and the set itself while it is at hand: not before it was fetched, nor once it is too old to be used. */
interface KeySet {
  readonly find: JWTVerifyGetKey;
  readonly atHand: () => JSONWebKeySet | undefined;
}

/**
 * The provider's keys. A key that is not in the set is the token's fault (jose's error passes on), and so is one that is there and of no
 * use: whoever names it has no valid token. A set that cannot be fetched or read is `KeysUnavailable`. A file is read once, here; a URL
 * when the first token comes, and again when keys change.
 */
export async function providerKeys(jwks: ProviderConfig['jwks']): Promise<JWTVerifyGetKey> {
  const { find, atHand } = 'url' in jwks ? urlKeys(jwks.url) : await fileKeys(jwks.file);
  return async (header, token) => {
    try {
      const key = await find(header, token);
      if (isTooShort(key)) throw new errors.JWKSNoMatchingKey();
      return key;
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) throw error;
      if (error instanceof errors.JOSENotSupported) throw error;
      // A key of the set that cannot be imported: nothing is unavailable.
      if (atHand()?.keys.some(({ kid }) => kid === header?.kid)) throw new errors.JWKSNoMatchingKey();
      throw new KeysUnavailable(error);
    }
  };
}

function isTooShort(key: object): boolean {
  const { algorithm } = key as { readonly algorithm?: { readonly modulusLength?: number } };
  return algorithm?.modulusLength !== undefined && algorithm.modulusLength < MIN_RSA_BITS;
}

function urlKeys(url: URL): KeySet {
  const remote = createRemoteJWKSet(url, { timeoutDuration: FETCH_TIMEOUT_MS });
  return { find: remote, atHand: () => (remote.fresh ? remote.jwks() : undefined) };
}

async function fileKeys(file: string): Promise<KeySet> {
  const refuse = (why: string, cause?: unknown): never => {
    throw new AuthMisconfigured(`the file that OIDC_JWKS_FILE names ${why}`, {
      cause,
      next: 'name a file with the provider’s public keys, {"keys":[…]}',
    });
  };
  const text = await readFile(file, 'utf8').catch((error: unknown) => refuse('cannot be read', error));
  if (text.length > MAX_FILE_BYTES) refuse('is larger than 1 MiB');
  let set: JSONWebKeySet;
  try {
    set = JSON.parse(text) as JSONWebKeySet;
    if (set.keys.length === 0) refuse('holds no key');
  } catch (error) {
    if (error instanceof AuthMisconfigured) throw error;
    return refuse('is not a JWK set', error);
  }
  // A secret here would mean that whoever reads the file can sign tokens.
  if (set.keys.some((key: JWK) => key.kty === 'oct' || key.d !== undefined)) refuse('holds a secret key');
  try {
    const local = createLocalJWKSet(set);
    return { find: local, atHand: () => local.jwks() };
  } catch (error) {
    return refuse('is not a JWK set', error);
  }
}
