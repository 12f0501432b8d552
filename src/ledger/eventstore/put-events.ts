import { randomUUID } from 'node:crypto';
import type { StreamName } from '../../kernel/id.ts';
import { answered, causeOf } from '../../postgres/outage.ts';
import type { Sql } from '../../postgres/pools.ts';
import { LedgerCorrupt, LedgerUnavailable } from '../faults.ts';
import { MAX_APPEND_BYTES, MAX_APPEND_EVENTS, type RecordedEvent } from '../port.ts';
import { sendUntilKnown } from './attempt.ts';
import { batchSender } from './batch-stream.ts';
import { openConnection } from './client.ts';
import { toTip } from './courses.ts';
import { isAccess } from './kinds.ts';
import { pages } from './pages.ts';
import { ledgerReader } from './reader.ts';
import { noAnswer, unavailable } from './server-error.ts';
import type { ReadingContext, StoredEvent } from './stored-event.ts';

export interface PutterOptions extends ReadingContext {
  readonly connectionString: string;
  /** Milliseconds after which a sending or a read without an answer is given up. 5,000 unless told. */
  readonly callTimeoutMs?: number;
  /** Milliseconds for which the fate of a sending is asked for. 60,000 unless told. */
  readonly patienceMs?: number;
}

/** So many streams are remembered; of others the last event is read again. */
const MAX_STREAMS = 200_000;

/**
 * Puts recorded events into the streams of a server as they are, and their ids into `requests`; `sql` is a pool of the owner. The server's log
 * has them in the order in which they are given, for each append waits until the one before it is known to stand; only neighbours of one
 * stream go together. For copying a ledger: an append goes through the port.
 * `put` throws `LedgerUnavailable` and `LedgerCorrupt` (somebody else wrote). A beginning of the events may stand then.
 */
export function eventStorePutter(
  sql: Sql,
  options: PutterOptions,
): { put(events: readonly RecordedEvent[]): Promise<void>; close(): Promise<void> } {
  const { connectionString, callTimeoutMs = 5_000, patienceMs = 60_000, prefix } = options;
  const appending = openConnection(connectionString);
  const reading = openConnection(connectionString);
  const sender = batchSender(appending, callTimeoutMs);
  const read = pages(reading, callTimeoutMs);
  const reader = ledgerReader(read, options);
  const owner = randomUUID();
  /** Of each stream, the revision of its last event that is no access. */
  const besides = new Map<StreamName, bigint>();

  async function besideOf({ stream, revision }: RecordedEvent): Promise<bigint> {
    if (revision === 0n) return -1n;
    const known = besides.get(stream);
    if (known !== undefined) return known;
    const last = await reader.last(stream, revision - 1n);
    if (last?.revision !== revision - 1n) throw new LedgerCorrupt(`${stream} lacks its revision ${revision - 1n}`);
    return toTip(last).beside;
  }

  async function toStored(run: readonly RecordedEvent[]): Promise<StoredEvent[]> {
    const [first] = run;
    if (first === undefined) return [];
    let beside = await besideOf(first);
    const stored = run.map((event): StoredEvent => {
      const framed = { ...event, beside };
      if (!isAccess(event.type)) beside = event.revision;
      return framed;
    });
    besides.delete(first.stream);
    besides.set(first.stream, beside);
    const [oldest] = besides.keys();
    if (besides.size > MAX_STREAMS && oldest !== undefined) besides.delete(oldest);
    return stored;
  }

  /** A row may be left of an attempt that never came to stand, while the ledger was on this engine before. */
  async function claim(events: readonly RecordedEvent[]): Promise<void> {
    const list = (items: readonly (string | bigint)[]): string => items.join(',');
    try {
      await answered(sql`
        WITH durable AS (SELECT set_config('synchronous_commit', 'on', true))
        INSERT INTO requests (id, stream, after, owner)
        SELECT id, stream, after, ${owner}::uuid FROM durable, unnest(
          string_to_array(${list(events.map(({ id }) => id))}::text, ',')::uuid[],
          string_to_array(${list(events.map(({ stream }) => stream))}::text, ','),
          string_to_array(${list(events.map(({ revision }) => revision - 1n))}::text, ',')::bigint[]
        ) AS wanted (id, stream, after)
        ON CONFLICT (id) DO UPDATE SET stream = excluded.stream, after = excluded.after, owner = excluded.owner`);
    } catch (error) {
      throw new LedgerUnavailable(causeOf(error));
    }
  }

  async function send(run: readonly RecordedEvent[]): Promise<void> {
    const [first] = run;
    if (first === undefined) return;
    const until = performance.now() + patienceMs;
    let why: unknown = noAnswer();
    const attempt = {
      prefix,
      sender,
      reader,
      goOn: () => performance.now() < until,
      doubted: (cause: unknown) => {
        why = cause;
      },
    };
    const fate = await sendUntilKnown(attempt, first.stream, first.revision - 1n, await toStored(run));
    if (fate.kind === 'unknown') throw unavailable(why);
    if (fate.kind === 'refused') throw unavailable(new Error(fate.why));
    if (fate.kind === 'dead') throw new LedgerCorrupt(`somebody else appends to ${first.stream} while it is copied to`);
  }

  return {
    put: async (events) => {
      // Before the first of them is sent: every event has its row.
      await claim(events);
      for (const run of runsOf(events)) await send(run);
    },
    close: async () => {
      read.close();
      sender.close();
      await Promise.all([appending.close(), reading.close()]);
    },
  };
}

/** Neighbours of one stream, as many as the server takes at once. */
function* runsOf(events: readonly RecordedEvent[]): Generator<readonly RecordedEvent[]> {
  let run: RecordedEvent[] = [];
  let bytes = 0;
  for (const event of events) {
    const size = event.sealed.retained.bytes.length + event.sealed.personal.bytes.length;
    const full = run.length === MAX_APPEND_EVENTS || bytes + size > MAX_APPEND_BYTES;
    if (run.length > 0 && (run[0]?.stream !== event.stream || full)) {
      yield run;
      [run, bytes] = [[], 0];
    }
    run.push(event);
    bytes += size;
  }
  if (run.length > 0) yield run;
}
