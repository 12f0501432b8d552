import streams from '@eventstore/db-client/generated/streams_pb.js';
import { type Failure, readFailed, streamDeleted } from './answers.ts';
import type { EventLog } from './event-log.ts';
import type { Node } from './node.ts';
import { boundary, drained, type ReadCall, visible } from './reading.ts';
import type { LogRecord } from './record.ts';
import { subscribe } from './subscribe.ts';
import { eventResponse, streamIdentifier, streamName } from './wire.ts';

/** What a read finds: these events, no stream of that name, or how the call ends. */
type Found =
  | { readonly kind: 'events'; readonly records: readonly LogRecord[] }
  | { readonly kind: 'no-stream' }
  | { readonly kind: 'failed'; readonly failure: Failure };

/** Reads of a stream and of the whole log, and subscriptions: one method on the wire. */
export function read(node: Node, call: ReadCall): void {
  const options = call.request.getOptions() ?? new streams.ReadReq.Options();
  const denied = node.denies(call.metadata);
  if (denied !== undefined) call.emit('error', denied);
  else if (options.hasSubscription()) subscribe(node, call, options);
  else void answer(call, options, find(node.log, options));
}

async function answer(call: ReadCall, options: streams.ReadReq.Options, found: Found): Promise<void> {
  if (found.kind === 'failed') return void call.emit('error', found.failure);
  if (found.kind === 'no-stream') {
    const missing = new streams.ReadResp.StreamNotFound();
    missing.setStreamIdentifier(streamIdentifier(streamName(options.getStream()?.getStreamIdentifier())));
    const response = new streams.ReadResp();
    response.setStreamNotFound(missing);
    call.write(response);
  } else {
    for (const record of found.records) {
      if (call.cancelled) return;
      if (!call.write(eventResponse(record))) await drained(call);
    }
  }
  call.end();
}

function find(log: EventLog, options: streams.ReadReq.Options): Found {
  const count = Number(options.getCount());
  const backwards = options.getReadDirection() === 1;
  const all = options.getAll();
  if (count === 0) return { kind: 'failed', failure: readFailed(all === undefined ? 'stream' : 'all') };
  const stream = options.getStream();
  if (all !== undefined) return findInAll(log, all, count, backwards);
  return stream === undefined ? { kind: 'no-stream' } : findInStream(log, stream, count, backwards);
}

function findInStream(
  log: EventLog,
  options: streams.ReadReq.Options.StreamOptions,
  count: number,
  backwards: boolean,
): Found {
  const name = streamName(options.getStreamIdentifier());
  if (log.tombstoned(name)) return { kind: 'failed', failure: streamDeleted(name) };
  const records = visible(log, name);
  if (records === undefined) return { kind: 'no-stream' };
  const last = records.at(-1)?.revision ?? -1n;
  const from = options.hasStart() ? 0n : options.hasEnd() ? last : BigInt(options.getRevision());
  const chosen = backwards
    ? records.filter((record) => record.revision <= from).reverse()
    : records.filter((record) => record.revision >= from);
  return { kind: 'events', records: chosen.slice(0, count) };
}

function findInAll(
  log: EventLog,
  options: streams.ReadReq.Options.AllOptions,
  count: number,
  backwards: boolean,
): Found {
  const { all } = log;
  const position = BigInt(options.getPosition()?.getCommitPosition() ?? 0n);
  const start = options.hasStart() ? 0 : options.hasEnd() ? all.length : boundary(log, position, backwards);
  if (start === undefined) return { kind: 'failed', failure: readFailed('all') };
  const records: LogRecord[] = [];
  const step = backwards ? -1 : 1;
  for (let at = backwards ? start - 1 : start; records.length < count; at += step) {
    const record = all[at];
    if (record === undefined) break;
    if (record.visible) records.push(record);
  }
  return { kind: 'events', records };
}
