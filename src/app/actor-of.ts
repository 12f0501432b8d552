import { type Id16, isId16, isLabel, residentStream } from '../kernel/id.ts';
import type { Actor, Caller, ResidentActor } from './actor.ts';
import type { TokenClaims } from './api.ts';
import type { App } from './app.ts';
import { documentClaim, institutionClaim, loginClaim, practitionerClaim, withIssuer } from './claim-refs.ts';
import { bindLogin } from './commands/bind-login.ts';

/**
 * The actor behind a verified token. Undefined, so 401 and nothing appended, when the token's organisation is unknown, or when it is a
 * resident's token and no resident is bound to it. Whether a known practitioner or organisation has ended is for the decision to say.
 */
export async function actorOf(app: App, claims: TokenClaims): Promise<Actor | undefined> {
  const { issuer, subject, until, role } = claims;
  if (role === 'resident') return residentOf(app, claims);
  if (claims.organisation === undefined) return undefined;
  const wanted = [institutionClaim(claims.organisation)];
  if (role === 'practitioner' && claims.practitioner !== undefined) wanted.push(practitionerClaim(claims.practitioner));
  const [institution, practitioner] = await app.claims.lookup(wanted);
  if (institution === undefined || !isId16(institution)) return undefined;
  if (role === 'practitioner') {
    const registered = practitioner !== undefined && isId16(practitioner);
    const id: Id16 = registered ? practitioner : app.vault.actorId(issuer, subject);
    return { role, issuer, subject, until, id, registered, institution };
  }
  return { role, issuer, subject, until, id: app.vault.actorId(issuer, subject), institution };
}

/** A resident signs in by the claim on (issuer, subject), made at registration or now from a document that the provider verified. */
async function residentOf(app: App, claims: TokenClaims): Promise<ResidentActor | undefined> {
  const { issuer, subject, until } = claims;
  const login = loginClaim(issuer, subject);
  const [bound] = await app.claims.lookup([login]);
  if (bound !== undefined && isLabel(bound)) return { role: 'resident', issuer, subject, until, label: bound };
  if (claims.document === undefined) return undefined;
  const [label] = await app.claims.lookup([documentClaim(withIssuer(claims.document))]);
  if (label === undefined || !isLabel(label)) return undefined;
  const actor: ResidentActor = { role: 'resident', issuer, subject, until, label };
  const caller: Caller = { actor };
  const outcome = await bindLogin(app, caller, residentStream(label), { issuer, subject });
  return outcome.kind === 'done' ? actor : undefined;
}
