/**
 * What an operator may want to know, told where it happens; `src/telemetry` counts and traces it, and nobody else knows how. Names are of
 * bounded sets (operations, codes, kinds of event) and the rest are numbers: never an id, a health code, a name, an address, a message.
 */

/** A place in a trace under way. Handed down explicitly: what is found by itself costs something at every `await`. */
export interface Span {
  /** 32 hex digits; stands in the request's log line. */
  readonly traceId: string;
}

/** The parts of an operation: of a gated read `decide plan append open`, of a command `decide claim append`. */
export type Phase = 'decide' | 'claim' | 'plan' | 'append' | 'open';

/** A request to the API. `path` is one of those served, or `other`. */
export interface RequestSaid {
  readonly method: string;
  readonly path: string;
}

/** One try to write a group of appends in one transaction. Instants are `performance.now()`. */
export interface GroupTried {
  readonly engine: string;
  readonly outcome: 'committed' | 'not-written' | 'unknown';
  /** Appends that were gathered, and how many of them were recorded (committed) or sent (unknown). */
  readonly appends: number;
  readonly recorded: number;
  readonly events: number;
  readonly bytes: number;
  readonly beganMs: number;
  readonly endedMs: number;
  /** Where the appends stand in traces; those that stand in none are left out. */
  readonly spans: readonly Span[];
}

/** What an engine tells. */
export interface LedgerProbe {
  groupTried(group: GroupTried): void;
  /** The lock on the ledger's head was had after so long, heads and events read included. */
  locked(ms: number): void;
  /** Events were sent and the COMMIT answered after so long. */
  committed(ms: number): void;
}

export interface Probe extends LedgerProbe {
  /** Undefined when nobody traces. `traceparent` is the header as somebody sent it. */
  requestBegan(said: RequestSaid, traceparent: string | undefined): Span | undefined;
  requestEnded(said: RequestSaid, status: number | 'aborted', ms: number, span: Span | undefined): void;
  /** Runs an operation of the platform; `work` is given the place that it itself is. */
  operation<T>(name: string, within: Span | undefined, work: (own: Span | undefined) => Promise<T>): Promise<T>;
  /** Runs a part of an operation. */
  phase<T>(name: Phase, within: Span | undefined, work: (own: Span | undefined) => Promise<T>): Promise<T>;
  /** A rule said no, as the trail has it: others may have been told less. */
  refused(operation: string, code: string): void;
  rateLimited(operation: string): void;
  tokenRefused(reason: string): void;
  /** An event that stands for a gated read is durable. */
  accessed(type: string): void;
  projected(events: number, ms: number): void;
  /** Something happened to the projector. */
  projectorReported(what: string): void;
  swept(outcome: 'done' | 'failed', deleted: number): void;
  /** The database told its time after so long; it was `offMs` further than this process believed. */
  clockMeasured(tookMs: number, offMs: number): void;
  /** The database did not tell its time. */
  clockFailed(): void;
}

const nothing = (): void => {};

/** Nobody listens: nothing is counted, and work runs as if it were called directly. */
export const SILENT_PROBE: Probe = {
  groupTried: nothing,
  locked: nothing,
  committed: nothing,
  requestBegan: () => undefined,
  requestEnded: nothing,
  operation: (_name, _within, work) => work(undefined),
  phase: (_name, _within, work) => work(undefined),
  refused: nothing,
  rateLimited: nothing,
  tokenRefused: nothing,
  accessed: nothing,
  projected: nothing,
  projectorReported: nothing,
  swept: nothing,
  clockMeasured: nothing,
  clockFailed: nothing,
};
