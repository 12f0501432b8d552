import { concat, lp, utf8 } from '../kernel/bytes.ts';
import { type EventId, eventIdBytes, type Id16, toId16 } from '../kernel/id.ts';
import type { Suite } from '../kernel/suite.ts';

/** First 16 bytes of HMAC(K_actor, "hrl/actor/v1\n" ‖ lp(iss) ‖ lp(sub)): the same officer is the same id, and the id says nobody's name. */
export function actorIdOf(suite: Suite, actorKey: Uint8Array, issuer: string, subject: string): Id16 {
  return toId16(suite.hmac(actorKey, concat(utf8('hrl/actor/v1\n'), lp(issuer), lp(subject))).slice(0, 16));
}

/** First 16 bytes of HMAC(K_req, "hrl/derived-id/v1\n" ‖ id[16] ‖ lp(what)): a command sent again brings what it brought before. */
export function derivedIdOf(suite: Suite, requestKey: Uint8Array, event: EventId, what: string): Id16 {
  return toId16(
    suite.hmac(requestKey, concat(utf8('hrl/derived-id/v1\n'), eventIdBytes(event), lp(what))).slice(0, 16),
  );
}
