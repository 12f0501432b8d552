import type { Bytes } from '../kernel/bytes.ts';
import type { StreamName } from '../kernel/id.ts';
import type { Ledger, LedgerIdentity, Position, RecordedEvent, SealedPart, StreamHead } from './port.ts';

/** A row of an engine's store that holds no event that could be checked; names the place as far as the row still tells it. */
export interface MalformedRow {
  /** `leaf`: all but the leaf can be read. */
  readonly malformed: 'row' | 'leaf';
  readonly why: string;
  readonly position?: string;
  readonly stream?: string;
  readonly revision?: string;
  readonly event?: string;
}

export type StoredRow = RecordedEvent | MalformedRow;

export const isMalformed = (row: StoredRow | DecidedRow): row is MalformedRow => 'malformed' in row;

/** An event as far as deciding it again needs it: no header, no personal part, and of the leaf the commitment to the retained part. */
export interface DecidedEvent extends Pick<RecordedEvent, 'position' | 'stream' | 'revision' | 'id' | 'type' | 'time'> {
  readonly commitment: Bytes;
  readonly retained: SealedPart;
}

export type DecidedRow = DecidedEvent | MalformedRow;

/** One of so many equal shares of the residents. */
export interface Share {
  /** From 0. */
  readonly at: number;
  readonly of: number;
}

/** What the store says of the whole, beside its events. */
export interface StoredEnd {
  /** Of the last event; undefined for an empty ledger. */
  readonly position: Position | undefined;
  /** These are absent where an engine does not store them. */
  readonly time?: string;
  readonly origin?: string | null;
  readonly suite?: string | null;
  /** How many events it says that there are. */
  readonly size?: bigint;
}

/** What the store says of one stream, beside its events. */
export interface StoredHead {
  readonly stream: string;
  readonly revision: bigint;
  readonly head: Bytes;
  readonly position: string;
}

/** The store as of one instant. */
export interface StoredView {
  /** Undefined when the store does not say it, or says it more than once. */
  readonly end: StoredEnd | undefined;
  /** Every row that stands behind a position, in the order of positions, page by page: also those beyond `end`. */
  rows(after: Position | undefined): AsyncIterable<readonly StoredRow[]>;
  /**
   * Every event for deciding it again, in order, page by page. With a share: the events of about so many residents, each of them in one
   * share, and the events of all other streams.
   */
  decided(share: Share | undefined): AsyncIterable<readonly DecidedRow[]>;
  /** Every head that is stored, page by page. `known` are the streams whose events were read, for an engine that lists none by itself. */
  heads(known: Iterable<StreamName>): AsyncIterable<readonly StoredHead[]>;
}

/**
 * What an engine has stored, for whoever checks it: everything as it stands. A `Ledger` refuses to read on where its tables contradict
 * each other; this does not, so that the place can be named. Reads only.
 */
export interface StoredLedger {
  readonly identity: LedgerIdentity;
  /**
   * Runs `work` on the store as of one instant; appends go on meanwhile. Throws `LedgerUnavailable`, also for a table that is not as it was
   * made; its cause's code says which of the two.
   */
  asOfNow<T>(work: (view: StoredView) => Promise<T>): Promise<T>;
  compare(a: Position, b: Position): number;
  /**
   * True of an event that was written on an engine that cannot look at other streams under a lock, wherever it was copied to since: it may
   * stand behind something newer in another stream than its own (then it is late, and a mark behind it in its stream says so), and instants
   * rise along each stream only. Absent: of none.
   */
  readonly overtakes?: (position: Position) => boolean;
  /** The position that the event after this one must have (the first event for `undefined`); `undefined` where positions may leave gaps. */
  next(position: Position | undefined): Position | undefined;
}

const PAGE = 256;

/**
 * Any engine as its port shows it: for one that stores nothing beside its events. Of what is appended while it is looked at nothing is shown:
 * the ledger ends where it ended when the look began. What the port throws comes through.
 */
export function storedByPort(ledger: Ledger): StoredLedger {
  const view = (end: Position | undefined): StoredView => {
    const stands = ({ position }: { readonly position: Position }): boolean =>
      end !== undefined && ledger.compare(position, end) <= 0;

    async function* rows(after: Position | undefined): AsyncGenerator<readonly StoredRow[]> {
      let page: RecordedEvent[] = [];
      for await (const event of ledger.readAll(after)) {
        if (!stands(event)) break;
        page.push(event);
        if (page.length < PAGE) continue;
        yield page;
        page = [];
      }
      if (page.length > 0) yield page;
    }

    async function* decided(share: Share | undefined): AsyncGenerator<readonly DecidedRow[]> {
      const mine = ({ stream }: RecordedEvent): boolean =>
        share === undefined || !stream.startsWith('resident/') || stream.charCodeAt(9) % share.of === share.at;
      for await (const page of rows(undefined)) {
        yield page.flatMap((row): DecidedRow[] => (isMalformed(row) ? [row] : mine(row) ? [decidedEvent(row)] : []));
      }
    }

    async function headOf(stream: StreamName): Promise<StreamHead | undefined> {
      const head = await ledger.head(stream);
      if (head === undefined || stands(head)) return head;
      let last: RecordedEvent | undefined;
      for await (const event of ledger.readStream(stream)) if (stands(event)) last = event;
      return last;
    }

    async function* heads(known: Iterable<StreamName>): AsyncGenerator<readonly StoredHead[]> {
      for (const stream of known) {
        const head = await headOf(stream);
        if (head !== undefined) yield [{ stream, revision: head.revision, head: head.head, position: head.position }];
      }
    }

    return { end: { position: end }, rows, decided, heads };
  };

  return {
    identity: ledger.identity,
    asOfNow: async (work) => work(view(await ledger.end())),
    compare: ledger.compare,
    next: () => undefined,
  };
}

const decidedEvent = ({ commitments, sealed, ...event }: RecordedEvent): DecidedEvent => ({
  ...event,
  commitment: commitments.retained,
  retained: sealed.retained,
});
