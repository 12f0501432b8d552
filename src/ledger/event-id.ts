import { type Bytes, concat, lp, u32, utf8 } from '../kernel/bytes.ts';
import { type Canonical, canonicalBytes } from '../kernel/canonical.ts';
import { type EventId, eventIdBytes, toEventId } from '../kernel/id.ts';
import type { Suite } from '../kernel/suite.ts';

/** What makes one command the same command when it is sent again. */
export interface CommandKey {
  readonly issuer: string;
  readonly subject: string;
  readonly operation: string;
  readonly requestId: string;
}

/** First 16 bytes of HMAC(K_req, "hrl/request/v1\n" ‖ lp(iss) ‖ lp(sub) ‖ lp(operation) ‖ lp(requestId) ‖ u32 ordinal); docs/spec/event-id.md. */
export function commandEventId(suite: Suite, requestKey: Uint8Array, key: CommandKey, ordinal: number): EventId {
  return toEventId(
    suite.hmac(
      requestKey,
      concat(
        utf8('hrl/request/v1\n'),
        lp(key.issuer),
        lp(key.subject),
        lp(key.operation),
        lp(key.requestId),
        u32(ordinal),
      ),
    ),
  );
}

/** intent = HMAC(K_req, "hrl/intent/v1\n" ‖ id₀ ‖ canonical(input)): tells a retry from another command under the same requestId. */
export function intentOf(suite: Suite, requestKey: Uint8Array, first: EventId, input: Canonical): Bytes {
  return suite.hmac(requestKey, concat(utf8('hrl/intent/v1\n'), eventIdBytes(first), canonicalBytes(input, 'input')));
}
