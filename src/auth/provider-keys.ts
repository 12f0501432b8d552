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

/**
 * The provider's keys. A key that is not in the set is the token's fault (jose's error passes on); a set that cannot be fetched or read
 * is `KeysUnavailable`. A file is read once, here; a URL when the first token comes, and again when keys change.
 */
export async function providerKeys(jwks: ProviderConfig['jwks']): Promise<JWTVerifyGetKey> {
  const keys: JWTVerifyGetKey =
    'url' in jwks ? createRemoteJWKSet(jwks.url, { timeoutDuration: FETCH_TIMEOUT_MS }) : await fileKeys(jwks.file);
  return async (header, token) => {
    try {
      return await keys(header, token);
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) throw error;
      if (error instanceof errors.JOSENotSupported) throw error;
      throw new KeysUnavailable(error);
    }
  };
}

async function fileKeys(file: string): Promise<JWTVerifyGetKey> {
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
    return createLocalJWKSet(set);
  } catch (error) {
    return refuse('is not a JWK set', error);
  }
}
