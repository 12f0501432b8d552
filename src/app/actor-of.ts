import { type Id16, isId16, isLabel, residentStream } from '../kernel/id.ts';
import type { ClaimRef } from '../vault/port.ts';
import type { Actor, Caller, ResidentActor } from './actor.ts';
import type { TokenClaims } from './api.ts';
import type { App } from './app.ts';
import { documentClaim, institutionClaim, loginClaim, practitionerClaim, withIssuer } from './claim-refs.ts';
import { bindLogin } from './commands/bind-login.ts';

/**
 * The actor behind a verified token. Undefined, so 401 and nothing appended, when the token's organisation is unknown, or when it is a
 * resident's token and no resident is bound to it. Whether a known practitioner or organisation has ended is for the decision to say.
 */
export async function actorOf(app: App, claims: TokenClaims, trace?: string): Promise<Actor | undefined> {
  const { issuer, subject, until, role } = claims;
  if (role === 'resident') return residentOf(app, claims, trace);
  if (claims.organisation === undefined) return undefined;
  const wanted = [institutionClaim(claims.organisation)];
  if (role === 'practitioner' && claims.practitioner !== undefined) wanted.push(practitionerClaim(claims.practitioner));
  const [institution, practitioner] = await partiesBehind(app, wanted);
  if (institution === undefined || !isId16(institution)) return undefined;
  if (role === 'practitioner') {
    const registered = practitioner !== undefined && isId16(practitioner);
    const id: Id16 = registered ? practitioner : app.vault.actorId(issuer, subject);
    return { role, issuer, subject, until, id, registered, institution };
  }
  return { role, issuer, subject, until, id: app.vault.actorId(issuer, subject), institution };
}

/**
 * Who holds these numbers. Those of organisations and practitioners are never given up or passed on (only residents are erased), so one
 * that was found is found for good, and not looked up again for each request; one that was not may be registered at any time.
 */
async function partiesBehind({ claims }: App, wanted: readonly ClaimRef[]): Promise<(string | undefined)[]> {
  const held = HELD.get(claims) ?? new Map<string, string>();
  HELD.set(claims, held);
  const names = wanted.map(({ kind, issuer, value }) => JSON.stringify([kind, issuer, value]));
  if (names.every((name) => held.has(name))) return names.map((name) => held.get(name));
  const found = await claims.lookup(wanted);
  if (held.size >= MAX_HELD) held.clear();
  found.forEach((subject, i) => {
    if (subject !== undefined) held.set(names[i] as string, subject);
  });
  return [...found];
}

const HELD = new WeakMap<App['claims'], Map<string, string>>();
const MAX_HELD = 50_000;

/** A resident signs in by the claim on (issuer, subject), made at registration or now from a document that the provider verified. */
async function residentOf(app: App, claims: TokenClaims, trace?: string): Promise<ResidentActor | undefined> {
  const { issuer, subject, until } = claims;
  const login = loginClaim(issuer, subject);
  const [bound] = await app.claims.lookup([login]);
  const [label] =
    bound === undefined && claims.document !== undefined
      ? await app.claims.lookup([documentClaim(withIssuer(claims.document))])
      : [bound];
  if (label === undefined || !isLabel(label)) return undefined;
  const actor: ResidentActor = { role: 'resident', issuer, subject, until, label };
  const seen = written(app);
  const signIn = JSON.stringify([issuer, subject, label]);
  if (seen.has(signIn)) return actor;
  const caller: Caller = trace === undefined ? { actor } : { actor, trace };
  const outcome = await bindLogin(app, caller, residentStream(label), { issuer, subject });
  // The dead sign in, if they did before: that their token is used is for the gate to refuse and to record.
  const known = outcome.kind === 'done' || (bound !== undefined && outcome.code === 'deceased');
  if (!known) return undefined;
  if (seen.size >= MAX_WRITTEN) seen.clear();
  seen.add(signIn);
  return actor;
}

/**
 * Sign-ins whose event is known to stand. The claim is taken before the event, so a process that stopped between the two has left a claim
 * alone; whoever signs in with it first after that completes it.
 */
const WRITTEN = new WeakMap<App['claims'], Set<string>>();
const MAX_WRITTEN = 10_000;

function written({ claims }: App): Set<string> {
  const known = WRITTEN.get(claims) ?? new Set();
  WRITTEN.set(claims, known);
  return known;
}
