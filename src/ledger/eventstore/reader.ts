import type { EventId, StreamName } from '../../kernel/id.ts';
import { LedgerCorrupt } from '../faults.ts';
import type { RecordedEvent, StreamHead } from '../port.ts';
import { toServerStream } from './names.ts';
import type { Pages } from './pages.ts';
import { compareLog, type LogPosition } from './position.ts';
import { type ReadingContext, type StoredEvent, toRecordedEvent, toStoredEvent } from './stored-event.ts';

/** A page holds at most so many events, and after one of many bytes fewer. */
const PAGE_EVENTS = 256;
const PAGE_BYTES = 8 * 1024 * 1024;

/** Reads what is durable. All methods throw `LedgerUnavailable`, or `LedgerCorrupt` for what is no event of ours. */
export interface Reader {
  /** A page of a stream; `ended` when it reaches the stream's last event as of the read. */
  page(
    stream: StreamName,
    from: bigint,
    count?: number,
  ): Promise<{ readonly events: StoredEvent[]; readonly ended: boolean }>;
  /** The last event at or before a revision, the stream's last unless told. */
  last(stream: StreamName, at?: bigint): Promise<StoredEvent | undefined>;
  head(stream: StreamName): Promise<StreamHead | undefined>;
  stream(stream: StreamName, from: bigint): AsyncGenerator<RecordedEvent>;
  all(after: LogPosition | undefined): AsyncGenerator<RecordedEvent>;
  /** The last event of ours in the log; undefined when there is none. */
  end(): Promise<StoredEvent | undefined>;
  /** The last events of ours, newest first, as far as they stand in one page of so many: the last one in which there are any. */
  newest(count: number): Promise<readonly StoredEvent[]>;
  /** The position of the last event in the log, whosever it is. */
  logEnd(): Promise<LogPosition | undefined>;
  /** The event of that id behind a revision of a stream. */
  search(stream: StreamName, after: bigint, id: EventId): Promise<StoredEvent | undefined>;
}

/** The next page's size after one of so many bytes: so that a ledger of large events is held in memory no more than one of small ones. */
function pageSize(events: readonly StoredEvent[]): number {
  let bytes = 0;
  for (const { sealed } of events) bytes += sealed.retained.bytes.length + sealed.personal.bytes.length;
  if (bytes <= PAGE_BYTES) return PAGE_EVENTS;
  return Math.max(1, Math.floor((events.length * PAGE_BYTES) / bytes));
}

export function ledgerReader(pages: Pages, context: ReadingContext): Reader {
  const { prefix } = context;
  /** Nothing of ours stands behind `scanned` but what came later; `found` is the last of ours up to there. */
  let tail: { readonly scanned: LogPosition; readonly found: StoredEvent | undefined } | undefined;

  const page: Reader['page'] = async (stream, from, count = PAGE_EVENTS) => {
    const start = from < 0n ? 0n : from;
    const given = await pages.stream(toServerStream(prefix, stream), start, count);
    const events = given.map((event, i) => {
      const stored = toStoredEvent(context, event);
      // Whoever sets a stream's metadata can hide its beginning.
      if (stored?.revision !== start + BigInt(i))
        throw new LedgerCorrupt(`${stream} lacks its revision ${start + BigInt(i)}`);
      return stored;
    });
    return { events, ended: given.length < count };
  };

  const last: Reader['last'] = async (stream, at) => {
    const event = await pages.last(toServerStream(prefix, stream), at);
    return event && toStoredEvent(context, event);
  };

  async function* ofStream(stream: StreamName, from: bigint): AsyncGenerator<StoredEvent> {
    let next = from < 0n ? 0n : from;
    let { events, ended } = await page(stream, next);
    // Others may append all the while: it ends where the stream ended when its first page was full.
    const tip = ended ? undefined : (await last(stream))?.revision;
    for (;;) {
      yield* events;
      next += BigInt(events.length);
      if (ended || (tip !== undefined && next > tip)) return;
      ({ events, ended } = await page(stream, next, pageSize(events)));
    }
  }

  async function* all(after: LogPosition | undefined): AsyncGenerator<RecordedEvent> {
    const [newest] = await pages.before(undefined, 1);
    if (newest === undefined) return;
    let from = after;
    let count = PAGE_EVENTS;
    for (;;) {
      // The position asked for comes again: reading forwards includes it.
      const given = await pages.all(from, from === undefined ? count : count + 1);
      const fresh = given.filter(({ position }) => from === undefined || compareLog(position, from) > 0);
      const stored: StoredEvent[] = [];
      for (const event of fresh) {
        if (compareLog(event.position, newest.position) > 0) break;
        const ours = toStoredEvent(context, event);
        if (ours !== undefined) stored.push(ours);
      }
      for (const event of stored) yield toRecordedEvent(event);
      const reached = fresh.at(-1)?.position;
      if (reached === undefined || compareLog(reached, newest.position) >= 0) return;
      from = reached;
      count = pageSize(stored);
    }
  }

  /** Newest first, down to one of ours, or to where an earlier look began. */
  async function lookBack(): Promise<
    { readonly scanned: LogPosition; readonly found: StoredEvent | undefined } | undefined
  > {
    let scanned: LogPosition | undefined;
    let oldest: LogPosition | undefined;
    for (let count = 1; ; count = PAGE_EVENTS) {
      const given = await pages.before(oldest, count);
      for (const event of given) {
        scanned ??= event.position;
        if (tail !== undefined && compareLog(event.position, tail.scanned) <= 0) return { scanned, found: tail.found };
        const found = toStoredEvent(context, event);
        if (found !== undefined) return { scanned, found };
        oldest = event.position;
      }
      if (given.length < count) return scanned && { scanned, found: undefined };
    }
  }

  return {
    page,
    last,
    head: async (stream) => {
      const event = await last(stream);
      return event && { revision: event.revision, head: event.head, position: event.position };
    },
    stream: async function* (stream, from) {
      for await (const event of ofStream(stream, from)) yield toRecordedEvent(event);
    },
    all,
    end: async () => {
      const looked = await lookBack();
      if (looked !== undefined && (tail === undefined || compareLog(looked.scanned, tail.scanned) > 0)) tail = looked;
      return looked?.found;
    },
    newest: async (count) => {
      let from: LogPosition | undefined;
      for (;;) {
        const given = await pages.before(from, count);
        const ours = given.flatMap((event) => toStoredEvent(context, event) ?? []);
        if (ours.length > 0 || given.length < count) return ours;
        from = given.at(-1)?.position;
      }
    },
    logEnd: async () => (await pages.before(undefined, 1))[0]?.position,
    search: async (stream, after, id) => {
      for await (const event of ofStream(stream, after + 1n)) if (event.id === id) return event;
      return undefined;
    },
  };
}
