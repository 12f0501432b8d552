import type { Caller } from '../app/actor.ts';
import type { Platform } from '../app/api.ts';
import { parseBearer } from '../auth/bearer.ts';
import { Unauthenticated } from '../auth/faults.ts';
import type { TokenVerifier } from '../auth/verifier.ts';
import { Malformed } from '../kernel/fault.ts';
import type { BodyReader, Params } from './body.ts';
import { checkTransport, parseHeaders } from './headers.ts';

/** A request to the endpoint, of whatever HTTP library. Everything in it is somebody's. */
export interface Incoming {
  readonly method: string;
  readonly headers: Headers;
  readonly body: AsyncIterable<Uint8Array>;
}

export interface Received {
  readonly caller: Caller;
  readonly params: Params;
}

/**
 * Who sends it, how it came, what it says: in this order, so that whoever has no token is told that and nothing else. Throws
 * `ApiFault`, `Unauthenticated`, or what the platform throws while it looks for the actor.
 */
export async function receive(
  incoming: Incoming,
  requestId: string,
  on: { readonly platform: Platform; readonly verifier: TokenVerifier; readonly bodies: BodyReader },
): Promise<Received> {
  const { method, headers } = incoming;
  const token = parseBearer(headers.get('authorization'));
  if (on.verifier.kind === 'development' && isForwarded(headers)) throw new Unauthenticated('invalid');
  const claims = await on.verifier.verify(token);
  checkTransport(method, headers);
  const said = parseHeaders(headers);
  const actor = await actorBehind(on.platform, claims, requestId);
  const params = await on.bodies.read(incoming.body, headers.get('content-length'));
  return { caller: { actor, trace: requestId, ...said }, params };
}

/** A proxy before a loopback listener makes it reachable for others: development tokens are not for them. */
function isForwarded(headers: Headers): boolean {
  return ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'via'].some((name) => headers.has(name));
}

async function actorBehind(
  platform: Platform,
  claims: Parameters<Platform['actorOf']>[0],
  requestId: string,
): Promise<Caller['actor']> {
  try {
    const actor = await platform.actorOf(claims, requestId);
    if (actor === undefined) throw new Unauthenticated('unknown-actor');
    return actor;
  } catch (error) {
    // A claim that no use case can read is a token that is worth nothing.
    if (error instanceof Malformed) throw new Unauthenticated('invalid', error);
    throw error;
  }
}
