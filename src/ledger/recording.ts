import type { Bytes } from '../kernel/bytes.ts';
import type { StreamName } from '../kernel/id.ts';
import type { Instant } from '../kernel/instant.ts';
import type { Entropy } from '../kernel/ports.ts';
import type { Suite } from '../kernel/suite.ts';
import { nextHead } from './chain.ts';
import { commit, OPENING_BYTES } from './commitment.ts';
import { encodeHeader } from './header.ts';
import { encodeLeaf, leafHash } from './leaf.ts';
import type { Appended, LedgerIdentity, Position, RecordedEvent, SealedEvent } from './port.ts';

/** What an engine needs to make the part of an event that only its place in the ledger decides. */
export interface RecordingContext {
  readonly identity: LedgerIdentity;
  readonly suite: Suite;
  readonly entropy: Entropy;
}

/** Where an event comes to stand; known under the engine's lock only. `prev` is the stream's chain head before it. */
export interface Place {
  readonly position: Position;
  readonly stream: StreamName;
  readonly revision: bigint;
  readonly prev: Bytes;
  readonly time: Instant;
}

/** Header, its commitment, leaf and chain head of an event at its place. Takes 32 bytes of entropy; everything else is decided. */
export function recordEvent(context: RecordingContext, event: SealedEvent, place: Place): RecordedEvent {
  const { suite, identity } = context;
  const { id, type } = event;
  const { stream, revision, prev, time } = place;
  const header = encodeHeader({ id, prev, revision, stream, time, type });
  const headerOpening = context.entropy.bytes(OPENING_BYTES);
  const committed = commit(suite, {
    origin: identity.origin,
    kind: 'header',
    type,
    id,
    opening: headerOpening,
    bytes: header,
  });
  const leaf = encodeLeaf({
    origin: identity.origin,
    suite: identity.suite,
    commitments: { header: committed, retained: event.commitments.retained, personal: event.commitments.personal },
  });
  const hash = leafHash(suite, leaf);
  return {
    id,
    type,
    commitments: event.commitments,
    sealed: event.sealed,
    position: place.position,
    stream,
    revision,
    time,
    header,
    headerOpening,
    leaf,
    leafHash: hash,
    head: nextHead(suite, prev, hash),
  };
}

/** A copy that shares no memory with the caller's, who may reuse its buffers as soon as `append` has returned its promise. */
export function copySealed(event: SealedEvent): SealedEvent {
  // Not `slice()`: of a Node Buffer that is a view of the same memory.
  const copy = (bytes: Uint8Array): Bytes => new Uint8Array(bytes);
  const { retained, personal } = event.sealed;
  return {
    id: event.id,
    type: event.type,
    commitments: { retained: copy(event.commitments.retained), personal: copy(event.commitments.personal) },
    sealed: {
      retained: { keyId: retained.keyId, bytes: copy(retained.bytes) },
      personal: { keyId: personal.keyId, bytes: copy(personal.bytes) },
    },
  };
}

/** The proof that `append` returns. Engines only, and only when these events are durable. */
export function toAppended(events: readonly [RecordedEvent, ...RecordedEvent[]]): Appended {
  const proof: Omit<Appended, keyof Appended & symbol> = {
    stream: events[0].stream,
    time: events[0].time,
    events: events.map(({ id, revision, position, leafHash: hash }) => ({ id, revision, position, leafHash: hash })),
  };
  return proof as Appended;
}
