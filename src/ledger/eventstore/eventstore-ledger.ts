import { randomUUID } from 'node:crypto';
import type { Instant } from '../../kernel/instant.ts';
import type { Clock } from '../../kernel/ports.ts';
import type { LedgerProbe } from '../../kernel/probe.ts';
import type { Sql } from '../../postgres/pools.ts';
import { checkAppend } from '../append-check.ts';
import { LedgerBusy } from '../faults.ts';
import type { Follower, Ledger, RecordedEvent } from '../port.ts';
import { copySealed, type RecordingContext } from '../recording.ts';
import { batchSender } from './batch-stream.ts';
import { type Connection, openConnection } from './client.ts';
import { streamCourses } from './courses.ts';
import { follow } from './follower.ts';
import { DEFAULT_PREFIX, parsePrefix } from './names.ts';
import { claimIdentity, mendRequests } from './open.ts';
import { pages } from './pages.ts';
import { comparePositions, parsePosition, toLogPosition } from './position.ts';
import { ledgerReader } from './reader.ts';
import { requestTable } from './requests.ts';
import { toRecordedEvent } from './stored-event.ts';
import { readTail } from './tails.ts';
import { streamWriter } from './writer.ts';

export interface EventStoreLedgerOptions extends RecordingContext {
  /** `esdb://…`, with TLS, credentials and cluster discovery as the client reads them. */
  readonly connectionString: string;
  /** The ledger's time as this process knows it: what events are dated by, and what `notAfter` is compared with. */
  readonly clock: Clock;
  /** Before the names of all streams of this ledger on the server. `hrl:` unless told. */
  readonly prefix?: string;
  /** Appends that may wait; one more is told `LedgerBusy`. 2,048 unless told. */
  readonly queueLimit?: number;
  /** Sealed bytes that may wait. 64 MiB unless told. */
  readonly queueBytes?: number;
  /** Streams that are appended to at once. 128 unless told. */
  readonly concurrency?: number;
  /** Milliseconds after which a sending or a read without an answer is given up. 5,000 unless told. */
  readonly callTimeoutMs?: number;
  /** Milliseconds for which the fate of an append is asked for before its caller hears `AppendUnknown`. 10,000 unless told. */
  readonly settleMs?: number;
  /** Opens what stands there without asking whose it is: for checking only. */
  readonly unclaimed?: boolean;
  /** Told of each group, for the operator. */
  readonly probe?: LedgerProbe;
}

const NOT_YET_PATIENCE_MS = 20;
/** A follower that has heard nothing for so long looks whether there was nothing to hear. */
const SILENCE_MS = 5_000;

/**
 * A ledger in native streams of an EventStoreDB or KurrentDB server or cluster, with the table of requests (migration 0005) in Postgres
 * beside it; `sql` stays the caller's. What it promises, and where that is less than what the Postgres engine promises:
 * docs/engines/eventstore.md.
 * Throws `Malformed` for a connection string or prefix that is none, `DatabaseNotDurable`, `LedgerIdentityMismatch`, `LedgerCorrupt`,
 * `LedgerUnavailable`.
 */
export async function openEventStoreLedger(sql: Sql, options: EventStoreLedgerOptions): Promise<Ledger> {
  const { identity, suite, entropy, clock, connectionString, callTimeoutMs = 5_000 } = options;
  const context = { identity, suite, prefix: parsePrefix(options.prefix ?? DEFAULT_PREFIX) };
  const appending = openConnection(connectionString);
  const reading = openConnection(connectionString);
  let following: Connection | undefined;
  const sender = batchSender(appending, callTimeoutMs);
  const read = pages(reading, callTimeoutMs);
  const reader = ledgerReader(read, context);
  const courses = streamCourses(reader);
  const requests = requestTable(sql);
  const time: { last: Instant | undefined } = { last: undefined };
  const writer = streamWriter({
    identity,
    suite,
    entropy,
    courses,
    reader,
    requests,
    clock,
    time,
    attempt: { prefix: context.prefix, sender },
    queueLimit: options.queueLimit ?? 2048,
    queueBytes: options.queueBytes ?? 64 * 1024 * 1024,
    concurrency: options.concurrency ?? 128,
    patienceMs: options.settleMs ?? 10_000,
    probe: options.probe,
  });
  const followers = new Set<Follower>();
  let closing: Promise<void> | undefined;

  async function close(): Promise<void> {
    await writer.close();
    await Promise.all([...followers].map((follower) => follower.close()));
    read.close();
    sender.close();
    await Promise.all([appending.close(), reading.close(), following?.close()]);
  }

  try {
    if (options.unclaimed !== true) {
      await claimIdentity(sql, context);
      await mendRequests(reader, requests, randomUUID());
      time.last = (await reader.end())?.time;
    }
  } catch (error) {
    await close();
    throw error;
  }

  async function all(events: AsyncIterable<RecordedEvent>): Promise<RecordedEvent[]> {
    const list: RecordedEvent[] = [];
    for await (const event of events) list.push(event);
    return list;
  }

  return {
    identity,
    append: async (stream, events, condition, priority = 'command', within) => {
      const bytes = checkAppend(stream, events, condition);
      const copies = events.map(copySealed);
      return writer.submit({
        stream,
        events: copies,
        condition,
        priority,
        bytes,
        within,
        patienceMs: NOT_YET_PATIENCE_MS,
      });
    },
    find: async (id) => {
      const request = await requests.find(id);
      const event = request && (await reader.search(request.stream, request.after, id));
      return event && toRecordedEvent(event);
    },
    readStream: (stream, from = 0n) => reader.stream(stream, from),
    readStreams: (queries) => Promise.all(queries.map(({ stream, from = 0n }) => all(reader.stream(stream, from)))),
    readTails: (queries) => Promise.all(queries.map((query) => readTail(reader, courses, query))),
    head: (stream) => reader.head(stream),
    readAll: (after) => reader.all(after === undefined ? undefined : toLogPosition(after)),
    follow: (after) => {
      if (closing !== undefined) throw new LedgerBusy(1000);
      following ??= openConnection(connectionString);
      const follower = follow({
        after: after === undefined ? undefined : toLogPosition(after),
        connection: following,
        context,
        end: () => reader.logEnd(),
        silenceMs: SILENCE_MS,
        ended: () => followers.delete(follower),
      });
      followers.add(follower);
      return follower;
    },
    end: async () => (await reader.end())?.position,
    compare: comparePositions,
    parsePosition,
    get queued() {
      return writer.queued;
    },
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}
