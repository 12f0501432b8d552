import { codeFold } from '../../domain/code/fold.ts';
import { identityDecider } from '../../domain/identity/decider.ts';
import { identityFold } from '../../domain/identity/fold.ts';
import type { StreamName } from '../../kernel/id.ts';
import { subjectOf } from '../../kernel/id.ts';
import type { Caller } from '../actor.ts';
import type { App } from '../app.ts';
import { loginClaim } from '../claim-refs.ts';
import type { Outcome } from '../outcome.ts';
import { transact } from '../transact.ts';
import { shownLogin } from './register-resident.ts';

/**
 * Binds a token's (issuer, subject) to the resident whose document the identity provider has verified in it. The same sign-in again
 * changes nothing; one that is somebody else's already is refused.
 */
export async function bindLogin(
  app: App,
  caller: Caller,
  stream: StreamName,
  login: { readonly issuer: string; readonly subject: string },
): Promise<Outcome<object>> {
  return transact<object>(app, {
    caller,
    operation: 'bindLogin',
    input: login,
    attempt: async (attempt) => {
      const states = await attempt.load(stream, { identity: identityFold, code: codeFold });
      const keys = await app.vault.keysOf(stream, attempt.now());
      const decision = identityDecider.decide({ type: 'bind-login', login: shownLogin(keys, login) }, states);
      if (decision.kind === 'refuse') return decision.code;
      // The claim comes first: two residents racing for one sign-in meet there, and a claim without its event is completed here next time.
      const claim = loginClaim(login.issuer, login.subject);
      const taken = await app.claims.take([claim], subjectOf(stream), { onlyProposed: true });
      if (taken === 'conflict') return 'document-conflict';
      return { stream, decision, answer: () => ({}) };
    },
    replay: () => ({}),
  });
}
