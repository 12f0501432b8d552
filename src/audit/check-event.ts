import { CATALOGUE } from '../domain/catalogue.ts';
import { equalBytes } from '../kernel/bytes.ts';
import type { Suite } from '../kernel/suite.ts';
import { emptyHead, nextHead } from '../ledger/chain.ts';
import { commit, OPENING_BYTES } from '../ledger/commitment.ts';
import { type Header, parseHeader } from '../ledger/header.ts';
import { type Leaf, leafHash, parseLeaf } from '../ledger/leaf.ts';
import type { LedgerIdentity, RecordedEvent } from '../ledger/port.ts';
import { type Finding, type FindingKind, findingAt, reason } from './finding.ts';
import type { StreamSeen } from './stream-seen.ts';

/**
 * Leaf, header and chain: all that needs no key. Pure, and total on whatever stands in the event's fields: the header is parsed and
 * compared with them before anything is computed from them.
 */
export function checkBytes(
  suite: Suite,
  identity: LedgerIdentity,
  event: RecordedEvent,
  before: StreamSeen | undefined,
): Finding | undefined {
  const wrong = (kind: FindingKind, detail: string): Finding => findingAt(event, kind, detail);
  let leaf: Leaf;
  try {
    leaf = parseLeaf(event.leaf);
  } catch (error) {
    return wrong('leaf-malformed', reason(error));
  }
  if (leaf.origin !== identity.origin || leaf.suite !== identity.suite)
    return wrong('foreign-leaf', 'the leaf names another origin or suite');
  if (!equalBytes(leafHash(suite, event.leaf), event.leafHash))
    return wrong('leaf-hash', 'the stored leaf hash is not the hash of the leaf');
  for (const kind of ['retained', 'personal'] as const) {
    if (!equalBytes(leaf.commitments[kind], event.commitments[kind]))
      return wrong('leaf-malformed', `the ${kind} commitment beside the leaf is not the leaf's`);
  }
  let header: Header;
  try {
    header = parseHeader(event.header);
  } catch (error) {
    return wrong('header-malformed', reason(error));
  }
  const column = otherColumn(header, event);
  if (column !== undefined) return wrong('header-mismatch', `the column ${column} says something else than the header`);
  if (!isCommitted(suite, leaf, event)) return wrong('header-commitment', 'header and opening do not fit the leaf');
  return checkPlace(suite, identity, event, header, before);
}

function otherColumn(header: Header, event: RecordedEvent): string | undefined {
  return (['id', 'stream', 'revision', 'type', 'time'] as const).find((column) => header[column] !== event[column]);
}

function isCommitted(suite: Suite, leaf: Leaf, event: RecordedEvent): boolean {
  const { type, id, headerOpening: opening, header: bytes } = event;
  if (opening.length !== OPENING_BYTES) return false;
  const made = commit(suite, { origin: leaf.origin, kind: 'header', type, id, opening, bytes });
  return equalBytes(made, leaf.commitments.header);
}

function checkPlace(
  suite: Suite,
  identity: LedgerIdentity,
  event: RecordedEvent,
  header: Header,
  before: StreamSeen | undefined,
): Finding | undefined {
  const wrong = (kind: FindingKind, detail: string): Finding => findingAt(event, kind, detail);
  const due = before === undefined ? 0n : before.revision + 1n;
  if (event.revision !== due) return wrong('revision-gap', `expected revision ${due}`);
  const prev = before?.head ?? emptyHead(suite, identity.origin, event.stream);
  if (!equalBytes(header.prev, prev)) return wrong('chain-broken', 'prev is not the chain head before this event');
  if (!equalBytes(nextHead(suite, prev, event.leafHash), event.head))
    return wrong('chain-broken', 'the stored chain head does not follow');
  if (before !== undefined && event.time < before.time)
    return wrong('time-order', 'earlier than the event before it in the stream');
  if (!CATALOGUE.has(event.type)) return wrong('unknown-type', 'the type is not in the catalogue');
  return undefined;
}
