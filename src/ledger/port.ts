import type { Brand } from '../kernel/brand.ts';
import type { Bytes } from '../kernel/bytes.ts';
import type { EventId, StreamName } from '../kernel/id.ts';
import type { Instant } from '../kernel/instant.ts';
import type { Span } from '../kernel/probe.ts';

/**
 * A place in the ledger's one global order. Opaque, printable, and comparable by `Ledger.compare` of the engine that made it;
 * only engines look inside.
 */
export type Position = Brand<string, 'Position'>;

/** A sealed part: the id of the key that opens it, and nonce ‖ ciphertext ‖ tag (docs/spec/sealing.md). */
export interface SealedPart {
  readonly keyId: string;
  readonly bytes: Bytes;
}

/** An event as `append` takes it: `src/app` has sealed it; an engine sees nothing in clear but the type. */
export interface SealedEvent {
  readonly id: EventId;
  readonly type: string;
  readonly commitments: { readonly retained: Bytes; readonly personal: Bytes };
  readonly sealed: { readonly retained: SealedPart; readonly personal: SealedPart };
}

/** An event as it is stored for ever: the exact bytes. */
export interface RecordedEvent extends SealedEvent {
  readonly position: Position;
  readonly stream: StreamName;
  readonly revision: bigint;
  readonly time: Instant;
  /** The header compartment's canonical bytes and its opening, unsealed. */
  readonly header: Bytes;
  readonly headerOpening: Bytes;
  readonly leaf: Bytes;
  readonly leafHash: Bytes;
  /** The chain head after this event, h_n. */
  readonly head: Bytes;
}

/** One stream that the decision looked at. `revision` -1n: it was empty. `kinds`: type prefixes; `''` means any event. */
export interface Seen {
  readonly stream: StreamName;
  readonly revision: bigint;
  readonly kinds: readonly string[];
}

/**
 * Holds when no event whose type starts with one of `kinds` stands at a greater revision of a seen stream (earlier appends of the
 * same group count), the append instant is not before `decided`, and not after `notAfter`.
 */
export interface Condition {
  readonly seen: readonly Seen[];
  readonly decided: Instant;
  readonly notAfter: Instant;
}

declare const fromAppend: unique symbol;

/** What an append wrote, and where it stands. */
export interface Written {
  readonly stream: StreamName;
  readonly time: Instant;
  readonly events: readonly {
    readonly id: EventId;
    readonly revision: bigint;
    readonly position: Position;
    readonly leafHash: Bytes;
  }[];
}

/**
 * Proof that an append is durable and its condition held. Only an engine's `append` makes one, so what demands one cannot run without an
 * append.
 */
export interface Appended extends Written {
  readonly [fromAppend]: true;
}

/** The port's limit: more events, or more sealed bytes (both parts, all events), is `append-too-large`. */
export const MAX_APPEND_EVENTS = 1024;
export const MAX_APPEND_BYTES = 8 * 1024 * 1024;

/** Commands go ahead of reads in the queue. */
export type Priority = 'command' | 'read';

/** Where a ledger's identity comes from: the origin of its leaves (`health.example/110000`) and its suite. */
export interface LedgerIdentity {
  readonly origin: string;
  readonly suite: 'international';
}

export interface Follower extends AsyncIterable<RecordedEvent> {
  /** Ends the iteration; resolves when nothing of it runs any more. */
  close(): Promise<void>;
}

/**
 * An append-only ledger of sealed events in streams, with one global order. Every engine keeps this contract (test/contract).
 *
 * Order: positions are total; within a stream they rise with the revision, and time never goes back. Revisions are gapless from 0.
 * No event is ever skipped by `readAll` or `follow`, none is given twice, and a long transaction elsewhere neither loses nor stalls events.
 */
export interface Ledger {
  readonly identity: LedgerIdentity;

  /**
   * Appends all events to one stream, or none. When it resolves they are durable (synced by the engine) and readable by every process.
   * Throws `AppendConflict` (known not written; says why), `AppendUnknown` (may be written: look it up by id), `AppendTooLarge`,
   * `LedgerBusy` (the queue is full or the ledger is stopping; nothing was written), `LedgerUnavailable` (known not written); and
   * `AppendOvertaken` (written, but its condition did not hold any more) from an engine that cannot look at other streams under a lock.
   * An id that any event of the ledger bears already, or twice in one append, is a conflict of reason `id-taken`. An empty list is a bug.
   * Of several reasons the first is told: `id-taken`, `not-after`, `not-yet`, `seen`. The caller may reuse its buffers at once.
   * `within` is for an engine's probe: where the append stands in a trace.
   */
  append(
    stream: StreamName,
    events: readonly SealedEvent[],
    condition: Condition,
    priority?: Priority,
    within?: Span,
  ): Promise<Appended>;

  /** The event of that id anywhere in the ledger, `undefined` if no such event is durable. */
  find(id: EventId): Promise<RecordedEvent | undefined>;

  /** The stream's events from that revision on, ascending, as of some instant during the read. An unknown stream is empty. */
  readStream(stream: StreamName, from?: bigint): AsyncIterable<RecordedEvent>;

  /**
   * What `readStream` would give for each of these, in their order, all as of one instant and in one round trip where the streams are
   * short. For the streams of one decision: everything is held in memory at once.
   */
  readStreams(queries: readonly StreamQuery[]): Promise<readonly (readonly RecordedEvent[])[]>;

  /**
   * What became of streams since a revision, one answer a query in their order, all as of one instant and in one round trip where the
   * tails are short. Events of other kinds are not read: what a decision does not turn on costs it nothing, however much of it there is.
   */
  readTails(queries: readonly TailQuery[]): Promise<readonly Tail[]>;

  /** Revision, chain head and position of the stream's last event; `undefined` for an unknown stream. */
  head(stream: StreamName): Promise<StreamHead | undefined>;

  /** Every event after that position (from the start if absent), in order, up to the end as of some instant during the read. */
  readAll(after?: Position): AsyncIterable<RecordedEvent>;

  /**
   * Like `readAll`, then goes on with what is appended later, by any process, until closed. While the engine's store cannot be reached
   * it waits and goes on where it stood; it throws `LedgerCorrupt`, and `LedgerUnavailable` for what waiting does not mend. After `close` it throws `LedgerBusy`.
   */
  follow(after?: Position): Follower;

  /** The position of the last durable event, `undefined` when the ledger is empty. */
  end(): Promise<Position | undefined>;

  /** Negative, zero or positive as `a` stands before, at or after `b`. */
  compare(a: Position, b: Position): number;

  /** Reads back a position that was printed; throws `Malformed` on any other text. */
  parsePosition(text: string): Position;

  /** How many appends wait or run, for the operator. */
  readonly queued: number;

  /** Takes no new append (`LedgerBusy`), finishes those taken, ends followers, and releases what it holds. */
  close(): Promise<void>;
}

/** A stream's events from a revision on (0 unless told). */
export interface StreamQuery {
  readonly stream: StreamName;
  readonly from?: bigint;
}

/** `after` -1n: the whole stream. `kinds`: type prefixes; `''` means any event. */
export interface TailQuery {
  readonly stream: StreamName;
  readonly after: bigint;
  readonly kinds: readonly string[];
}

export interface Tail {
  /** The stream's last event, of whatever kind; `undefined` for an unknown stream. */
  readonly tip: (StreamHead & { readonly time: Instant }) | undefined;
  /** The chain head at `after`; `undefined` where the stream has no such revision. */
  readonly known: Bytes | undefined;
  /** Every event of those kinds after `after`, up to the tip, ascending. */
  readonly events: readonly RecordedEvent[];
}

export interface StreamHead {
  readonly revision: bigint;
  readonly head: Bytes;
  readonly position: Position;
}
