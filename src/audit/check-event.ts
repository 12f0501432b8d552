import { CATALOGUE } from '../domain/catalogue.ts';
import { type Bytes, equalBytes } from '../kernel/bytes.ts';
import type { CommonRetained } from '../kernel/event.ts';
import { isFault } from '../kernel/fault.ts';
import type { Instant } from '../kernel/instant.ts';
import type { Suite } from '../kernel/suite.ts';
import { emptyHead, nextHead } from '../ledger/chain.ts';
import { commit } from '../ledger/commitment.ts';
import { parseHeader } from '../ledger/header.ts';
import { type Leaf, leafHash, parseLeaf } from '../ledger/leaf.ts';
import type { LedgerIdentity, RecordedEvent } from '../ledger/port.ts';
import type { Finding, FindingKind } from './finding.ts';

/** An append of several events, of which some have come. */
interface Batch {
  readonly of: number;
  readonly at: number;
  /** What stood in the stream before its first event: that is what its decision is held against. */
  readonly lastOfType: ReadonlyMap<string, bigint>;
}

/** What checking has learnt of one stream so far. */
export interface StreamSeen {
  revision: bigint;
  head: Bytes;
  time: Instant;
  /** The last revision at which each type stands. */
  readonly lastOfType: Map<string, bigint>;
  /** The batch that the last event belongs to and how far it has come; absent after a lone event or a whole batch. */
  batch?: Batch | undefined;
}

export function finding(event: RecordedEvent, kind: FindingKind, detail: string): Finding {
  return {
    kind,
    detail,
    position: event.position,
    stream: event.stream,
    revision: event.revision.toString(),
    event: event.id,
  };
}

/** Formats, commitment of the header, and the chain: all that needs no key. Pure. */
export function checkBytes(
  suite: Suite,
  identity: LedgerIdentity,
  event: RecordedEvent,
  before: StreamSeen | undefined,
): Finding | undefined {
  const wrong = (kind: FindingKind, detail: string): Finding => finding(event, kind, detail);
  let leaf: Leaf;
  try {
    leaf = parseLeaf(event.leaf);
  } catch (error) {
    return wrong('leaf-malformed', reason(error));
  }
  if (leaf.origin !== identity.origin || leaf.suite !== identity.suite) {
    return wrong('foreign-leaf', 'the leaf names another origin or suite');
  }
  if (!equalBytes(leafHash(suite, event.leaf), event.leafHash))
    return wrong('leaf-hash', 'the stored leaf hash is not the hash of the leaf');
  for (const kind of ['retained', 'personal'] as const) {
    if (!equalBytes(leaf.commitments[kind], event.commitments[kind])) {
      return wrong('leaf-malformed', `the ${kind} commitment beside the leaf is not the leaf's`);
    }
  }
  const { origin } = identity;
  const made = commit(suite, {
    origin,
    kind: 'header',
    type: event.type,
    id: event.id,
    opening: event.headerOpening,
    bytes: event.header,
  });
  if (!equalBytes(made, leaf.commitments.header))
    return wrong('header-commitment', 'header and opening do not fit the leaf');
  let header: ReturnType<typeof parseHeader>;
  try {
    header = parseHeader(event.header);
  } catch (error) {
    return wrong('header-malformed', reason(error));
  }
  if (
    header.id !== event.id ||
    header.stream !== event.stream ||
    header.revision !== event.revision ||
    header.type !== event.type ||
    header.time !== event.time
  ) {
    return wrong('header-mismatch', 'the columns beside the header say something else than the header');
  }
  if (event.revision !== (before === undefined ? 0n : before.revision + 1n)) {
    return wrong('revision-gap', `expected revision ${before === undefined ? 0n : before.revision + 1n}`);
  }
  const prev = before?.head ?? emptyHead(suite, origin, event.stream);
  if (!equalBytes(header.prev, prev)) return wrong('chain-broken', 'prev is not the chain head before this event');
  if (!equalBytes(nextHead(suite, prev, event.leafHash), event.head))
    return wrong('chain-broken', 'the stored chain head does not follow');
  if (before !== undefined && event.time < before.time)
    return wrong('time-order', 'earlier than the event before it in the stream');
  if (!CATALOGUE.has(event.type)) return wrong('unknown-type', 'the type is not in the catalogue');
  return undefined;
}

/** What the retained part claims about the moment of the append, against what stands before the event. */
export function checkCondition(
  event: RecordedEvent,
  retained: CommonRetained,
  seen: (stream: string) => StreamSeen | undefined,
): Finding | undefined {
  const wrong = (kind: FindingKind, detail: string): Finding => finding(event, kind, detail);
  if (retained.decided > event.time) return wrong('decided-after-append', 'decided after it was appended');
  if (event.time > retained.notAfter) return wrong('condition-broken', 'appended after its notAfter');
  const own = seen(event.stream);
  const { batch } = retained;
  const open = own?.batch;
  if (open !== undefined) {
    if (batch === undefined || batch.of !== open.of || batch.at !== open.at + 1) {
      return wrong('batch-partial', `an append of ${open.of} events ends after ${open.at + 1}`);
    }
  } else if (batch !== undefined && batch.at !== 0) {
    return wrong('batch-partial', `event ${batch.at} of an append whose first event is not before it`);
  }
  for (const one of retained.seen) {
    const stream = seen(one.stream);
    if (BigInt(one.revision) > (stream?.revision ?? -1n)) {
      return wrong('condition-broken', 'claims to have seen a revision that did not yet stand');
    }
    // Events of the same append were not there when it was decided.
    const stood = one.stream === event.stream && open !== undefined ? open.lastOfType : stream?.lastOfType;
    for (const [type, last] of stood ?? []) {
      if (last > BigInt(one.revision) && one.kinds.some((kind) => type.startsWith(kind))) {
        return wrong('condition-broken', `a newer ${type} stood in a stream that the decision had seen`);
      }
    }
  }
  return undefined;
}

/** Takes the event into what is known of its stream. Call only after its checks passed. */
export function advance(
  before: StreamSeen | undefined,
  event: RecordedEvent,
  retained: CommonRetained | 'expired',
): StreamSeen {
  const batch = retained === 'expired' ? undefined : retained.batch;
  const lastOfType = before?.lastOfType ?? new Map<string, bigint>();
  const ends = batch === undefined || batch.at + 1 === batch.of;
  const next = ends ? undefined : { ...batch, lastOfType: before?.batch?.lastOfType ?? new Map(lastOfType) };
  lastOfType.set(event.type, event.revision);
  return {
    revision: event.revision,
    head: event.head,
    time: event.time,
    lastOfType,
    batch: next,
  };
}

/** A fault's own words; they hold no contents. */
export function reason(error: unknown): string {
  return isFault(error) ? error.message : 'cannot be read';
}
