import type { TokenClaims } from '../app/api.ts';
import type { ProviderConfig } from '../config.ts';
import type { Bytes } from '../kernel/bytes.ts';
import type { Clock } from '../kernel/ports.ts';
import { toTokenClaims } from './claims.ts';
import {
  DEVELOPMENT_ALGORITHM,
  DEVELOPMENT_AUDIENCE,
  DEVELOPMENT_CLAIMS,
  DEVELOPMENT_ISSUER,
  developmentKey,
} from './development-token.ts';
import { AuthMisconfigured } from './faults.ts';
import { isLoopback } from './loopback.ts';
import { providerKeys } from './provider-keys.ts';
import { verifyToken } from './verify-token.ts';

/** Token → what it says of who asks. One kind of token only: the provider's, or development tokens. */
export interface TokenVerifier {
  /** `development` tokens must not be taken from another machine; the server looks at the address it is bound to. */
  readonly kind: 'provider' | 'development';
  /** Throws `Unauthenticated` for every token that is not ours, signed, of now and complete; `KeysUnavailable` when nobody can tell. */
  verify(token: string): Promise<TokenClaims>;
}

export interface VerifierOptions {
  readonly provider: ProviderConfig | undefined;
  /** Where the server is going to listen. */
  readonly host: string;
  /** The keyring's development-token key, 32 bytes. With a provider it is not even looked at. */
  readonly developmentKey: Bytes | undefined;
  readonly clock: Pick<Clock, 'now'>;
}

/** Throws `AuthMisconfigured` when no safe way of checking tokens is left. */
export async function tokenVerifier(options: VerifierOptions): Promise<TokenVerifier> {
  const { provider, clock } = options;
  if (provider !== undefined) {
    const { issuer, audience, algorithms, claims } = provider;
    if (algorithms.length === 0 || algorithms.some((name) => name === 'none' || name.startsWith('HS'))) {
      throw new AuthMisconfigured('tokens of a provider are checked by asymmetric algorithms only', {
        next: 'set OIDC_ALGORITHMS to what the provider signs with',
      });
    }
    const keys = await providerKeys(provider.jwks);
    const expected = { issuer, audience, algorithms, clock };
    return {
      kind: 'provider',
      verify: async (token) => toTokenClaims(await verifyToken(token, keys, expected), claims),
    };
  }
  if (!isLoopback(options.host) || options.developmentKey === undefined) {
    throw new AuthMisconfigured(
      'there is no identity provider, and development tokens work on a loopback address only',
      {
        next: 'set OIDC_JWKS_URL, OIDC_ISSUER and OIDC_AUDIENCE, or HOST to 127.0.0.1',
      },
    );
  }
  const key = developmentKey(options.developmentKey);
  const expected = {
    issuer: DEVELOPMENT_ISSUER,
    audience: DEVELOPMENT_AUDIENCE,
    algorithms: [DEVELOPMENT_ALGORITHM],
    clock,
  };
  return {
    kind: 'development',
    verify: async (token) => toTokenClaims(await verifyToken(token, key, expected), DEVELOPMENT_CLAIMS),
  };
}
