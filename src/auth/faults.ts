import { Fault } from '../kernel/fault.ts';

/** Why a token is not accepted; what the `WWW-Authenticate` header tells of it. */
export type Reason = 'absent' | 'malformed' | 'invalid' | 'expired' | 'unknown-actor';

const TEXT: { readonly [R in Reason]: string } = {
  absent: 'a bearer token is needed',
  malformed: 'the authorization header is not one bearer token',
  invalid: 'the token is not valid here',
  expired: 'the token has expired',
  'unknown-actor': 'nobody is registered here under this token',
};

/** No actor stands behind the request. Nothing was executed, and nothing of the token is in the message. */
export class Unauthenticated extends Fault {
  readonly code = 'unauthenticated';
  readonly reason: Reason;

  constructor(reason: Reason, cause?: unknown) {
    super(TEXT[reason], { cause, next: 'sign in again, and send the token as `Authorization: Bearer …`' });
    this.reason = reason;
  }
}

/** The identity provider's keys cannot be had, so no token can be checked: not the caller's doing. */
export class KeysUnavailable extends Fault {
  readonly code = 'keys-unavailable';

  constructor(cause: unknown) {
    super('the keys of the identity provider cannot be had', {
      cause,
      next: 'check OIDC_JWKS_URL and that this machine reaches it, then try again',
    });
  }
}

/** The way in which tokens are to be checked is unsafe or incomplete; the process must not start. */
export class AuthMisconfigured extends Fault {
  readonly code = 'auth-misconfigured';
}
