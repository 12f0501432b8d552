import { equalBytes } from '../kernel/bytes.ts';
import type { StreamName } from '../kernel/id.ts';
import type { Instant } from '../kernel/instant.ts';
import type { Position } from '../ledger/port.ts';
import type { StoredEnd, StoredHead, StoredLedger, StoredView } from '../ledger/stored.ts';
import type { Finding } from './finding.ts';
import type { StreamSeen } from './stream-seen.ts';

/** How far the events went that were read. */
export interface Reached {
  readonly position: Position | undefined;
  readonly time: Instant | undefined;
  readonly streams: ReadonlyMap<StreamName, StreamSeen>;
}

/** What the engine says of the whole, against the events that stand there. */
export function checkEnd(stored: StoredLedger, end: StoredEnd | undefined, reached: Reached): Finding | undefined {
  const wrong = (detail: string): Finding => ({ kind: 'ledger-head-mismatch', detail });
  if (end === undefined) return wrong('the store does not say where the ledger ends');
  const { position, time } = reached;
  if (end.position !== position) {
    const missing = stored.next(position);
    const where = missing === undefined ? {} : { position: missing };
    const last = position === undefined ? 'there is no event' : `the last event stands at ${position}`;
    return { ...wrong(`the stored end is ${end.position ?? 'that of an empty ledger'}, and ${last}`), ...where };
  }
  if (time !== undefined && end.time !== undefined && end.time !== time)
    return wrong('the stored instant is not that of the last event');
  // An engine may store no name, and a ledger that was never opened has none.
  const agrees = (told: string | null | undefined, own: string): boolean =>
    told === undefined || told === own || (told === null && position === undefined);
  const { origin, suite } = stored.identity;
  if (!agrees(end.origin, origin) || !agrees(end.suite, suite))
    return wrong('the stored origin and suite are not those of the events');
  return undefined;
}

/** Each stream has one stored head, that of its last event, and no head stands for a stream without events. */
export async function checkHeads(view: StoredView, streams: Reached['streams']): Promise<Finding | undefined> {
  const without = new Set(streams.keys());
  let wrong: Finding | undefined;
  for await (const page of view.heads(streams.keys())) {
    for (const head of page) wrong ??= checkHead(head, streams, without.delete(head.stream as StreamName));
  }
  const [stream] = without;
  if (wrong !== undefined || stream === undefined) return wrong;
  return { kind: 'head-mismatch', detail: 'the stream has events and no stored head', stream };
}

function checkHead(stored: StoredHead, streams: Reached['streams'], first: boolean): Finding | undefined {
  const seen = streams.get(stored.stream as StreamName);
  const stream = String(stored.stream);
  if (seen === undefined)
    return { kind: 'head-without-event', detail: 'a head is stored for a stream without events', stream };
  const wrong = (detail: string): Finding => {
    return { kind: 'head-mismatch', detail, position: seen.position, stream, revision: seen.revision.toString() };
  };
  if (!first) return wrong('the stream has several stored heads');
  if (stored.revision !== seen.revision || !equalBytes(stored.head, seen.head))
    return wrong('the stored head is not that of the last event');
  if (stored.position !== seen.position) return wrong('the stored head names another position than the last event has');
  return undefined;
}
