import { type Bytes, concat, lp, utf8 } from '../kernel/bytes.ts';
import { type EventId, eventIdBytes } from '../kernel/id.ts';
import type { Suite } from '../kernel/suite.ts';

export const COMPARTMENTS = ['header', 'retained', 'personal'] as const;
export type Compartment = (typeof COMPARTMENTS)[number];

export const OPENING_BYTES = 32;

/** C = HMAC(opening, "hrl/commit/v1\n" ‖ lp(origin) ‖ lp(kind) ‖ lp(type) ‖ id[16] ‖ bytes); docs/spec/commitment.md. */
export function commit(
  suite: Suite,
  part: {
    readonly origin: string;
    readonly kind: Compartment;
    readonly type: string;
    readonly id: EventId;
    readonly opening: Uint8Array;
    readonly bytes: Uint8Array;
  },
): Bytes {
  if (part.opening.length !== OPENING_BYTES) throw new RangeError('an opening is 32 bytes');
  return suite.hmac(
    part.opening,
    concat(utf8('hrl/commit/v1\n'), lp(part.origin), lp(part.kind), lp(part.type), eventIdBytes(part.id)),
    part.bytes,
  );
}
