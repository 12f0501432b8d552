import { equalBytes } from '../../src/kernel/bytes.ts';
import type { EventId, StreamName } from '../../src/kernel/id.ts';
import type { Suite } from '../../src/kernel/suite.ts';
import { emptyHead, nextHead } from '../../src/ledger/chain.ts';
import { commit } from '../../src/ledger/commitment.ts';
import { parseHeader } from '../../src/ledger/header.ts';
import { leafHash, parseLeaf } from '../../src/ledger/leaf.ts';
import type { Ledger, RecordedEvent } from '../../src/ledger/port.ts';

export interface VerifiedLedger {
  readonly events: readonly RecordedEvent[];
  readonly byId: ReadonlyMap<EventId, RecordedEvent>;
  readonly byStream: ReadonlyMap<StreamName, readonly RecordedEvent[]>;
}

/**
 * Reads the whole ledger again and checks all that needs no key: order, header and its commitment, leaf, chain, time, the ends that
 * `head` and `end` tell, and that `readStream` and `find` give the same bytes. Throws at the first event that does not fit. Where streams
 * are written at once and no lock orders them, instants rise along each stream only.
 */
export async function verifyLedger(
  ledger: Ledger,
  suite: Suite,
  instantsRise: 'ledger' | 'stream' = 'ledger',
): Promise<VerifiedLedger> {
  const events: RecordedEvent[] = [];
  const byId = new Map<EventId, RecordedEvent>();
  const byStream = new Map<StreamName, RecordedEvent[]>();
  for await (const event of ledger.readAll()) {
    const stream = byStream.get(event.stream) ?? [];
    const at = `event ${events.length}`;
    checkPlace(ledger, at, event, events.at(-1), stream.at(-1));
    const earlier = instantsRise === 'ledger' ? events.at(-1) : stream.at(-1);
    if (earlier !== undefined && event.time < earlier.time) throw new Error(`${at}: time goes back`);
    checkBytes(ledger, suite, at, event, stream.at(-1));
    if (byId.has(event.id)) throw new Error(`${at}: its id stands twice`);
    events.push(event);
    byId.set(event.id, event);
    byStream.set(event.stream, [...stream, event]);
  }
  if ((await ledger.end()) !== events.at(-1)?.position) throw new Error('end() is not the last position');
  for (const [stream, expected] of byStream) await checkStream(ledger, stream, expected);
  return { events, byId, byStream };
}

function checkPlace(
  ledger: Ledger,
  at: string,
  event: RecordedEvent,
  before: RecordedEvent | undefined,
  inStream: RecordedEvent | undefined,
): void {
  if (before !== undefined && ledger.compare(before.position, event.position) >= 0) throw new Error(`${at}: position`);
  if (event.revision !== (inStream?.revision ?? -1n) + 1n) throw new Error(`${at}: revision is not the next`);
}

function checkBytes(
  { identity }: Ledger,
  suite: Suite,
  at: string,
  event: RecordedEvent,
  inStream: RecordedEvent | undefined,
): void {
  const { id, type, stream, revision, time } = event;
  const prev = inStream?.head ?? emptyHead(suite, identity.origin, stream);
  const header = parseHeader(event.header);
  const leaf = parseLeaf(event.leaf);
  const committed = commit(suite, {
    origin: identity.origin,
    kind: 'header',
    type,
    id,
    opening: event.headerOpening,
    bytes: event.header,
  });
  const facts: readonly (readonly [string, boolean])[] = [
    ['header id', header.id === id],
    ['header type', header.type === type],
    ['header stream', header.stream === stream],
    ['header revision', header.revision === revision],
    ['header time', header.time === time],
    ['header prev', equalBytes(header.prev, prev)],
    ['leaf origin', leaf.origin === identity.origin && leaf.suite === identity.suite],
    ['header commitment', equalBytes(leaf.commitments.header, committed)],
    ['retained commitment', equalBytes(leaf.commitments.retained, event.commitments.retained)],
    ['personal commitment', equalBytes(leaf.commitments.personal, event.commitments.personal)],
    ['leaf hash', equalBytes(event.leafHash, leafHash(suite, event.leaf))],
    ['chain head', equalBytes(event.head, nextHead(suite, prev, event.leafHash))],
  ];
  const wrong = facts.find(([, holds]) => !holds);
  if (wrong !== undefined) throw new Error(`${at}: ${wrong[0]} does not fit`);
}

async function checkStream(ledger: Ledger, stream: StreamName, expected: readonly RecordedEvent[]): Promise<void> {
  const last = expected.at(-1);
  const head = await ledger.head(stream);
  if (
    last === undefined ||
    head?.revision !== last.revision ||
    head.position !== last.position ||
    !equalBytes(head.head, last.head)
  ) {
    throw new Error('head() is not the last event of its stream');
  }
  let at = 0;
  for await (const event of ledger.readStream(stream)) {
    if (!sameEvent(event, expected[at])) throw new Error(`readStream and readAll differ at revision ${at}`);
    at += 1;
  }
  if (at !== expected.length) throw new Error('readStream ends early');
  if (!sameEvent(await ledger.find(last.id), last)) throw new Error('find and readAll differ');
}

/** All fields, byte for byte. */
export function sameEvent(a: RecordedEvent | undefined, b: RecordedEvent | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  const { retained, personal } = a.sealed;
  return (
    a.position === b.position &&
    a.stream === b.stream &&
    a.revision === b.revision &&
    a.id === b.id &&
    a.type === b.type &&
    a.time === b.time &&
    retained.keyId === b.sealed.retained.keyId &&
    personal.keyId === b.sealed.personal.keyId &&
    equalBytes(retained.bytes, b.sealed.retained.bytes) &&
    equalBytes(personal.bytes, b.sealed.personal.bytes) &&
    equalBytes(a.commitments.retained, b.commitments.retained) &&
    equalBytes(a.commitments.personal, b.commitments.personal) &&
    equalBytes(a.header, b.header) &&
    equalBytes(a.headerOpening, b.headerOpening) &&
    equalBytes(a.leaf, b.leaf) &&
    equalBytes(a.leafHash, b.leafHash) &&
    equalBytes(a.head, b.head)
  );
}
