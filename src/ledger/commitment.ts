import { type Bytes, concat, lp, utf8 } from '../kernel/bytes.ts';
import { type EventId, eventIdBytes } from '../kernel/id.ts';
import type { Suite } from '../kernel/suite.ts';

export const COMPARTMENTS = ['header', 'retained', 'personal'] as const;
export type Compartment = (typeof COMPARTMENTS)[number];

export const OPENING_BYTES = 32;

const TAG = utf8('hrl/commit/v1\n');

/** What stands before the id: the same for all events of a type. A ledger has some fifty types; no list of them grows for ever. */
const beginnings = new Map<string, Bytes>();
const MAX_BEGINNINGS = 1_000;

function beginning(origin: string, kind: Compartment, type: string): Bytes {
  // No part holds a line end, so no two triples have one name.
  const name = `${origin}\n${kind}\n${type}`;
  const known = beginnings.get(name);
  if (known !== undefined) return known;
  const made = concat(TAG, lp(origin), lp(kind), lp(type));
  if (name.split('\n').length > 3) return made;
  if (beginnings.size >= MAX_BEGINNINGS) beginnings.clear();
  beginnings.set(name, made);
  return made;
}

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
  return suite.hmac(part.opening, beginning(part.origin, part.kind, part.type), eventIdBytes(part.id), part.bytes);
}
