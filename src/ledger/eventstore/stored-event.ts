import type { AllStreamRecordedEvent, RecordedEvent as ServerEvent } from '@eventstore/db-client';
import { equalBytes } from '../../kernel/bytes.ts';
import { isFault } from '../../kernel/fault.ts';
import { type StreamName, toEventId } from '../../kernel/id.ts';
import type { Suite } from '../../kernel/suite.ts';
import { nextHead } from '../chain.ts';
import { commit } from '../commitment.ts';
import { LedgerCorrupt } from '../faults.ts';
import { parseHeader } from '../header.ts';
import { leafHash, parseLeaf } from '../leaf.ts';
import type { LedgerIdentity, RecordedEvent } from '../port.ts';
import { type Frame, parseFrame } from './frame.ts';
import { toOurStream } from './names.ts';
import { toPosition } from './position.ts';

/** An event of ours as it is read back: with what only this engine asks of it. */
export interface StoredEvent extends RecordedEvent, Pick<Frame, 'beside'> {}

/** What an event is read by. */
export interface ReadingContext {
  readonly identity: LedgerIdentity;
  readonly suite: Suite;
  readonly prefix: string;
}

/**
 * The server's id of an event: the first 16 bytes of its leaf hash. The server compares ids only, and acknowledges other bytes under the
 * same id without storing them; other bytes have another leaf hash.
 */
export const toServerId = (hash: Uint8Array): string => toEventId(hash);

/**
 * The event of ours as the server gives it; undefined for an event of another stream. Anybody who reaches the server may have written it:
 * whatever is not exactly as this engine writes it is `LedgerCorrupt`, by its place. That the sealed parts fit their commitments shows when
 * they are opened, and that the stream is whole when the ledger is checked.
 */
export function toStoredEvent(
  context: ReadingContext,
  event: ServerEvent | AllStreamRecordedEvent,
): StoredEvent | undefined {
  const stream = toOurStream(context.prefix, event.streamId);
  if (stream === undefined) return undefined;
  try {
    return verified(context, stream, event);
  } catch (error) {
    if (error instanceof LedgerCorrupt || !isFault(error)) throw error;
    throw foreign(stream, event.revision, error.message);
  }
}

const foreign = (stream: StreamName, revision: bigint, why: string): LedgerCorrupt =>
  new LedgerCorrupt(`what stands in ${stream} at revision ${revision} is no event of ours: ${why}`);

function verified(
  { identity, suite }: ReadingContext,
  stream: StreamName,
  event: ServerEvent | AllStreamRecordedEvent,
): StoredEvent {
  const { revision, type, data, metadata, position } = event;
  const wrong = (why: string): LedgerCorrupt => foreign(stream, revision, why);
  if (!(data instanceof Uint8Array) || !(metadata instanceof Uint8Array)) throw wrong('its bytes are none of ours');
  if (position === undefined) throw wrong('the server does not say its position (it is older than 22.6)');
  const frame = parseFrame(metadata);
  const leaf = new Uint8Array(data);
  const { origin, suite: suiteName, commitments } = parseLeaf(leaf);
  if (origin !== identity.origin || suiteName !== identity.suite) throw wrong('its leaf is of another ledger');
  const header = parseHeader(frame.header);
  const hash = leafHash(suite, leaf);
  if (event.id !== toServerId(hash)) throw wrong('its id does not come from its leaf');
  if (header.stream !== stream || header.revision !== revision || header.type !== type)
    throw wrong('its header names another place');
  const committed = commit(suite, {
    origin,
    kind: 'header',
    type,
    id: header.id,
    opening: frame.headerOpening,
    bytes: frame.header,
  });
  if (!equalBytes(committed, commitments.header)) throw wrong('its leaf does not commit to its header');
  return {
    id: header.id,
    type,
    commitments: { retained: commitments.retained, personal: commitments.personal },
    sealed: frame.sealed,
    position: toPosition(position),
    stream,
    revision,
    time: header.time,
    header: frame.header,
    headerOpening: frame.headerOpening,
    leaf,
    leafHash: hash,
    head: nextHead(suite, header.prev, hash),
    beside: frame.beside,
  };
}

/** Without what only this engine asks of it. */
export function toRecordedEvent({ beside: _beside, ...event }: StoredEvent): RecordedEvent {
  return event;
}
