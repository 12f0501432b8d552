import { Malformed } from '../kernel/fault.ts';
import { isEventId, isStreamName, type StreamName } from '../kernel/id.ts';
import { isInstant } from '../kernel/instant.ts';
import { AppendTooLarge } from './faults.ts';
import { isEventType } from './header.ts';
import { type Condition, MAX_APPEND_BYTES, MAX_APPEND_EVENTS, type SealedEvent } from './port.ts';

const KEY_ID = /^[!-~]{1,256}$/;
/** Beside the longest stream name this keeps a header far below its 1 KB, so that no header fails under the lock. */
const MAX_TYPE_LENGTH = 128;
const MAX_SEEN = 64;
const MAX_KINDS = 64;

/**
 * What every engine asks of an append before it is queued: whatever could fail later, for one append, would fail a whole group.
 * Returns the sealed bytes of both parts of all events. Throws `AppendTooLarge`; for an append that no caller should make
 * (empty, malformed) `RangeError` or `Malformed`.
 */
export function checkAppend(stream: StreamName, events: readonly SealedEvent[], condition: Condition): number {
  if (events.length === 0) throw new RangeError('an append needs at least one event');
  if (events.length > MAX_APPEND_EVENTS) throw new AppendTooLarge(`more than ${MAX_APPEND_EVENTS} events`);
  if (!isStreamName(stream)) throw new Malformed('append stream', 'not a stream name');
  let bytes = 0;
  for (const event of events) bytes += checkEvent(event);
  if (bytes > MAX_APPEND_BYTES) throw new AppendTooLarge(`more than ${MAX_APPEND_BYTES} sealed bytes`);
  checkCondition(condition);
  return bytes;
}

function checkEvent(event: SealedEvent): number {
  if (!isEventId(event.id)) throw new Malformed('event id', 'not a lower-case UUID');
  if (event.type.length > MAX_TYPE_LENGTH || !isEventType(event.type)) throw new Malformed('event type', 'not a type');
  const { retained, personal } = event.sealed;
  if (event.commitments.retained.length !== 32 || event.commitments.personal.length !== 32) {
    throw new Malformed('event commitment', 'not 32 bytes');
  }
  if (!KEY_ID.test(retained.keyId) || !KEY_ID.test(personal.keyId)) throw new Malformed('event key id', 'not a key id');
  return retained.bytes.length + personal.bytes.length;
}

function checkCondition(condition: Condition): void {
  if (!isInstant(condition.decided) || !isInstant(condition.notAfter)) {
    throw new Malformed('condition', 'decided and notAfter are instants');
  }
  if (condition.seen.length > MAX_SEEN) throw new Malformed('condition', `more than ${MAX_SEEN} streams`);
  for (const seen of condition.seen) {
    if (!isStreamName(seen.stream)) throw new Malformed('condition stream', 'not a stream name');
    if (seen.revision < -1n) throw new Malformed('condition revision', 'below -1');
    if (seen.kinds.length > MAX_KINDS) throw new Malformed('condition', `more than ${MAX_KINDS} kinds`);
  }
}
