import { parseBase64Url, toBase64Url } from '../kernel/base64.ts';
import { equalBytes } from '../kernel/bytes.ts';
import type { CommonRetained } from '../kernel/event.ts';
import { type Id16, id16Bytes, type StreamName } from '../kernel/id.ts';
import type { Instant } from '../kernel/instant.ts';
import type { Suite } from '../kernel/suite.ts';
import { parseLeaf } from '../ledger/leaf.ts';
import { merkleAccumulator } from '../ledger/merkle-root.ts';
import type { Ledger, Position, RecordedEvent } from '../ledger/port.ts';
import { servedRoot } from '../ledger/served-set.ts';
import type { SealedRef } from '../vault/port.ts';
import type { Anchor } from './anchor.ts';
import { advance, checkBytes, checkCondition, finding, reason, type StreamSeen } from './check-event.ts';
import type { Finding } from './finding.ts';

/** What checking stands on. `openRetained` and `openPersonal` open one batch and answer part by part; a part that fails is an Error. */
export interface CheckDeps {
  readonly ledger: Ledger;
  readonly suite: Suite;
  readonly openRetained: (
    parts: readonly SealedRef[],
  ) => Promise<readonly ((CommonRetained & Record<string, unknown>) | 'expired' | Error)[]>;
  readonly openPersonal: (
    parts: readonly SealedRef[],
  ) => Promise<readonly (Record<string, unknown> | 'erased' | Error)[]>;
  /** Compares the read tables with a rebuild; absent where there are none. */
  readonly compareReadTables?: () => Promise<readonly { readonly table: string; readonly rows: number }[]>;
}

export interface Verdict {
  /** 'anchored': equal to an anchor kept outside. 'not-anchored': consistent in itself, which its superuser could have arranged. */
  readonly verdict: 'consistent, anchored' | 'consistent, not anchored' | 'broken';
  readonly events: bigint;
  readonly streams: number;
  /** base64url RFC 6962 root of all leaves in ledger order. */
  readonly root: string;
  readonly finding?: Finding;
}

/** Re-reads a ledger event by event and remembers how far it came, so that a test may call it after every step. */
export interface LedgerChecker {
  /** Checks what was appended since the last call. Returns the first wrong event. */
  advance(onProgress?: (events: bigint) => void): Promise<Finding | undefined>;
  /** `advance`, then heads, unfinished appends, the anchor, and the read tables. */
  finish(options?: {
    readonly anchor?: Anchor;
    readonly onProgress?: (events: bigint) => void;
  }): Promise<Verdict & { anchor: Anchor }>;
}

const BATCH = 512;

export function ledgerChecker(deps: CheckDeps): LedgerChecker {
  const { ledger, suite } = deps;
  const streams = new Map<StreamName, StreamSeen>();
  const ids = new Set<string>();
  const tree = merkleAccumulator(suite);
  let position: Position | undefined;
  let time: Instant | undefined;
  let broken: Finding | undefined;
  /** Sizes at which a root must be kept, for an anchor given before the events are read. */
  let wanted: Anchor | undefined;
  let rootAtAnchor: Uint8Array | undefined;
  const headsAtAnchor = new Map<StreamName, StreamSeen>();

  const checkBatch = async (batch: readonly RecordedEvent[]): Promise<Finding | undefined> => {
    const refs = (kind: 'retained' | 'personal'): SealedRef[] =>
      batch.map((event) => ({
        stream: event.stream,
        id: event.id,
        type: event.type,
        commitment: commitmentOf(event, kind),
        part: event.sealed[kind],
      }));
    const [retained, personal] = [await deps.openRetained(refs('retained')), await deps.openPersonal(refs('personal'))];
    for (const [i, event] of batch.entries()) {
      const found = checkOne(event, retained[i], personal[i]);
      if (found !== undefined) return found;
    }
    return undefined;
  };

  const checkOne = (
    event: RecordedEvent,
    retained: (CommonRetained & Record<string, unknown>) | 'expired' | Error | undefined,
    personal: Record<string, unknown> | 'erased' | Error | undefined,
  ): Finding | undefined => {
    const before = streams.get(event.stream);
    const wrongBytes = checkBytes(suite, ledger.identity, event, before);
    if (wrongBytes !== undefined) return wrongBytes;
    if (ids.has(event.id)) return finding(event, 'id-twice', 'another event bears this id');
    if (position !== undefined && ledger.compare(event.position, position) <= 0) {
      return finding(event, 'position-order', 'does not stand after the event before it');
    }
    if (time !== undefined && event.time < time)
      return finding(event, 'time-order', 'earlier than the event before it');
    if (retained === undefined || retained instanceof Error)
      return finding(event, 'retained-unreadable', reason(retained));
    if (personal === undefined || personal instanceof Error)
      return finding(event, 'personal-unreadable', reason(personal));
    if (retained !== 'expired') {
      const wrong =
        checkCondition(event, retained, (stream) => streams.get(stream as StreamName)) ??
        checkServed(suite, event, retained, personal);
      if (wrong !== undefined) return wrong;
    }
    ids.add(event.id);
    streams.set(event.stream, advance(before, event, retained));
    tree.push(event.leafHash);
    position = event.position;
    time = event.time;
    if (wanted !== undefined && tree.size === wanted.size) {
      rootAtAnchor = tree.root();
      for (const [stream, seen] of streams) headsAtAnchor.set(stream, { ...seen });
    }
    return undefined;
  };

  const run = async (onProgress?: (events: bigint) => void): Promise<Finding | undefined> => {
    let batch: RecordedEvent[] = [];
    const flush = async (): Promise<void> => {
      broken ??= await checkBatch(batch);
      batch = [];
      onProgress?.(tree.size);
    };
    for await (const event of ledger.readAll(position)) {
      batch.push(event);
      if (batch.length >= BATCH) await flush();
      if (broken !== undefined) return broken;
    }
    await flush();
    return broken;
  };

  /** The engine's own heads must be those of the last events; a half append must not stand at the end. */
  const checkEnds = async (): Promise<Finding | undefined> => {
    for (const [stream, seen] of streams) {
      const at = { stream, revision: seen.revision.toString() };
      if (seen.batch !== undefined)
        return {
          kind: 'batch-partial',
          detail: `an append of ${seen.batch.of} events ends after ${seen.batch.at + 1}`,
          ...at,
        };
      const head = await ledger.head(stream);
      if (head === undefined || head.revision !== seen.revision || !equalBytes(head.head, seen.head)) {
        return { kind: 'head-mismatch', detail: 'the stored head is not that of the last event', ...at };
      }
    }
    const end = await ledger.end();
    if (end !== position)
      return { kind: 'ledger-head-mismatch', detail: 'the stored end is not the position of the last event' };
    return undefined;
  };

  const checkAnchor = (anchor: Anchor): Finding | undefined => {
    if (anchor.origin !== ledger.identity.origin)
      return { kind: 'anchor-origin', detail: 'the anchor is of another ledger' };
    if (anchor.size > tree.size) {
      return {
        kind: 'anchor-truncated',
        detail: `the anchor covers ${anchor.size} events, the ledger has ${tree.size}`,
      };
    }
    const root = anchor.size === 0n ? suite.hash() : rootAtAnchor;
    if (root === undefined || !equalBytes(root, anchor.root)) {
      return { kind: 'anchor-root', detail: `the first ${anchor.size} events are not those of the anchor` };
    }
    for (const [stream, { revision, head }] of anchor.heads) {
      const now = headsAtAnchor.get(stream);
      if (now === undefined || now.revision !== revision || !equalBytes(now.head, head)) {
        return {
          kind: 'anchor-head',
          detail: 'the stream is not as the anchor has it',
          stream,
          revision: revision.toString(),
        };
      }
    }
    return undefined;
  };

  return {
    advance: run,
    async finish({ anchor, onProgress } = {}) {
      if (anchor !== undefined && tree.size > 0n) throw new Error('an anchor is given before anything is read');
      wanted = anchor;
      let found = await run(onProgress);
      found ??= await checkEnds();
      if (found === undefined && anchor !== undefined) found = checkAnchor(anchor);
      if (found === undefined && deps.compareReadTables !== undefined) {
        const different = await deps.compareReadTables();
        const [first] = different;
        if (first !== undefined) {
          found = {
            kind: 'read-table-differs',
            detail: `${first.table}: ${first.rows} rows differ from a rebuild; npm run rebuild mends read tables`,
          };
        }
      }
      return {
        verdict:
          found !== undefined ? 'broken' : anchor === undefined ? 'consistent, not anchored' : 'consistent, anchored',
        events: tree.size,
        streams: streams.size,
        root: toBase64Url(tree.root()),
        ...(found === undefined ? {} : { finding: found }),
        anchor: { origin: ledger.identity.origin, size: tree.size, root: tree.root(), heads: new Map(streams) },
      };
    },
  };
}

/** The commitment in the leaf; a leaf that does not parse is found by `checkBytes`, so any bytes do here. */
function commitmentOf(event: RecordedEvent, kind: 'retained' | 'personal') {
  try {
    return parseLeaf(event.leaf).commitments[kind];
  } catch {
    return event.commitments[kind];
  }
}

/** A permitted access committed to exactly the ids that its personal part lists. */
function checkServed(
  suite: Suite,
  event: RecordedEvent,
  retained: Record<string, unknown>,
  personal: Record<string, unknown> | 'erased',
): Finding | undefined {
  if (event.type !== 'access.permitted@1' || personal === 'erased') return undefined;
  const told = retained.served as { count: number; root: string };
  const { ids, salt } = personal.served as { ids: { id: Id16; revision: number; part: 1 | 2 }[]; salt: string };
  if (ids.length !== told.count) return finding(event, 'served-mismatch', 'count and served ids differ');
  const root = servedRoot(
    suite,
    parseBase64Url(salt) as Uint8Array,
    ids.map(({ id, revision, part }) => ({ id: id16Bytes(id), revision: BigInt(revision), part })),
  );
  if (!equalBytes(root, parseBase64Url(told.root) as Uint8Array)) {
    return finding(event, 'served-mismatch', 'the served root is not that of the served ids');
  }
  return undefined;
}
