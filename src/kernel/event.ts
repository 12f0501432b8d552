import type { Bytes } from './bytes.ts';
import { type Canonical, canonicalBytes, parseCanonical } from './canonical.ts';
import { Malformed } from './fault.ts';
import * as f from './field.ts';
import type { EventId, StreamName } from './id.ts';
import type { Instant } from './instant.ts';

/**
 * How long the retained part of a type lives. `life` never ends by time; the others are terms in years, counted from the
 * end of the year in which the event was decided.
 */
export type RetentionClass = 'life' | 'access';
export const RETENTION_YEARS: { readonly [C in RetentionClass]: number | null } = { life: null, access: 3 };

export const ACTOR_KINDS = ['resident', 'practitioner', 'issuer', 'regulator', 'system'] as const;
export type ActorKind = (typeof ACTOR_KINDS)[number];

/** Who did it: a label for a resident, an id for a practitioner, a keyed pseudonym for an officer or a system. Never a name. */
const actor = f.object({
  kind: f.oneOf(...ACTOR_KINDS),
  id: f.pattern(/^[A-Za-z0-9_-]{22}(?:[A-Za-z0-9_-]{21})?$/, 'actor-id'),
  organisation: f.optional(f.id16()),
  onBehalfOf: f.optional(f.id16()),
});
export type ActorRef = f.Infer<typeof actor>;

/** One stream that a decision looked at: its revision then (-1: empty), and the kinds whose later arrival would undo the decision. */
const seenStream = f.object({
  stream: f.streamName(),
  revision: f.integer(-1, Number.MAX_SAFE_INTEGER),
  kinds: f.list(f.pattern(/^[a-z.-]{0,64}$/, 'kind-prefix'), 16, 1),
});

/** What the retained part of every event says beside its own fields. */
export const COMMON_RETAINED = {
  by: actor,
  decided: f.instant(),
  notAfter: f.instant(),
  seen: f.list(seenStream, 8),
  trace: f.optional(f.pattern(/^[A-Za-z0-9._-]{8,64}$/, 'request-id')),
  /** Which of how many events of one append; absent when it is alone. Shows that no append is half there. */
  batch: f.optional(f.object({ at: f.integer(0, 1023), of: f.integer(2, 1024) })),
} as const;
export type CommonRetained = f.InferFields<typeof COMMON_RETAINED>;

/** What the personal part of a command's first event says beside its own fields: the keyed digest of its input. */
export const COMMON_PERSONAL = { intent: f.optional(f.bytes32()) } as const;

export const MAX_COMPARTMENT_BYTES = 256 * 1024;

/** One event type, declared once; every layer above reads this and nothing else. */
export interface EventDeclaration<
  T extends string = string,
  R extends f.Fields = f.Fields,
  P extends f.Fields = f.Fields,
> {
  readonly type: T;
  readonly retention: RetentionClass;
  readonly retained: R;
  readonly personal: P;
}

export function declareEvent<const T extends string, const R extends f.Fields, const P extends f.Fields>(
  declaration: EventDeclaration<T, R, P>,
): EventDeclaration<T, R, P> {
  if (!/^[a-z]+\.[a-z]+(?:-[a-z]+)*@[1-9]\d?$/.test(declaration.type))
    throw new Error(`event type ${declaration.type}`);
  for (const name of Object.keys(declaration.retained)) {
    if (Object.hasOwn(COMMON_RETAINED, name)) throw new Error(`${declaration.type}: ${name} is common to all events`);
  }
  for (const name of Object.keys(declaration.personal)) {
    if (Object.hasOwn(COMMON_PERSONAL, name)) throw new Error(`${declaration.type}: ${name} is common to all events`);
  }
  return declaration;
}

/** What a decider emits: the event's own fields. */
export type NewEvent<D> =
  D extends EventDeclaration<infer T, infer R, infer P>
    ? { readonly type: T; readonly retained: f.InferFields<R>; readonly personal: f.InferFields<P> }
    : never;

/** What a fold, a projection or a replay sees of a stored event: header fields and the retained part. Never the personal part. */
export type PastEvent<D> =
  D extends EventDeclaration<infer T, infer R, f.Fields>
    ? {
        readonly type: T;
        readonly id: EventId;
        readonly stream: StreamName;
        readonly revision: bigint;
        readonly time: Instant;
        readonly retained: (f.InferFields<R> & CommonRetained) | 'expired';
      }
    : never;

/** The personal part of a stored event, as the gate opens it. */
export type PersonalOf<D> =
  D extends EventDeclaration<string, f.Fields, infer P> ? f.InferFields<P> & { readonly intent?: string } : never;

/** A declaration's own fields with those that are common to all events; put together once. */
const partsOf = new WeakMap<EventDeclaration, { readonly retained: f.Fields; readonly personal: f.Fields }>();

function parts(d: EventDeclaration): { readonly retained: f.Fields; readonly personal: f.Fields } {
  const known = partsOf.get(d);
  if (known !== undefined) return known;
  const made = {
    retained: { ...COMMON_RETAINED, ...d.retained },
    personal: { ...COMMON_PERSONAL, ...d.personal },
  };
  partsOf.set(d, made);
  return made;
}

function encode(fields: f.Fields, value: unknown, path: string): Bytes {
  const bytes = canonicalBytes(f.checkFields(fields, value, path) as Canonical, path);
  if (bytes.length > MAX_COMPARTMENT_BYTES) throw new Malformed(path, 'larger than 256 KiB');
  return bytes;
}

export function encodeRetained(d: EventDeclaration, value: object): Bytes {
  return encode(parts(d).retained, value, `${d.type} retained`);
}

export function encodePersonal(d: EventDeclaration, value: object): Bytes {
  return encode(parts(d).personal, value, `${d.type} personal`);
}

/** Strict: canonical bytes, exactly the declared fields. Throws `Malformed`. */
export function decodeRetained(d: EventDeclaration, bytes: Uint8Array): CommonRetained & Record<string, unknown> {
  const path = `${d.type} retained`;
  return f.checkFields(parts(d).retained, parseCanonical(bytes, path), path) as CommonRetained &
    Record<string, unknown>;
}

export function decodePersonal(d: EventDeclaration, bytes: Uint8Array): Record<string, unknown> {
  const path = `${d.type} personal`;
  return f.checkFields(parts(d).personal, parseCanonical(bytes, path), path);
}
