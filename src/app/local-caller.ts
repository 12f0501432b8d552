import type { Id16 } from '../kernel/id.ts';
import type { Instant } from '../kernel/instant.ts';
import type { Caller } from './actor.ts';
import type { App } from './app.ts';

/** The organisation that runs the platform; officers of the platform itself, and the command line, act in its name. */
export const OPERATOR_SYSTEM = 'urn:hrl:operator';
const LOCAL_ISSUER = 'urn:hrl:command-line';

/** No token bounds what the command line does; every append still has its five seconds. */
const NEVER = '9999-12-31T23:59:59.999Z' as Instant;

/** Who works at the platform's own command line (import, seed, opening): a system of the operator, known by a pseudonym of the program. */
export function localCaller(app: Pick<App, 'vault'>, program: string, institution: Id16): Caller {
  const id = app.vault.actorId(LOCAL_ISSUER, program);
  return { actor: { role: 'system', issuer: LOCAL_ISSUER, subject: program, until: NEVER, id, institution } };
}
