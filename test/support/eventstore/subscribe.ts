import { randomUUID } from 'node:crypto';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { HANDLER_FAILED, streamDeleted } from './answers.ts';
import { type EventFilter, readFilter } from './event-filter.ts';
import { DELETED } from './event-log.ts';
import { liveSubscription } from './live-subscription.ts';
import type { Node } from './node.ts';
import { boundary, drained, type ReadCall, visible } from './reading.ts';
import type { LogRecord } from './record.ts';
import { eventResponse, streamName } from './wire.ts';

interface Page {
  readonly records: readonly LogRecord[];
  readonly looked: number;
  /** What a checkpoint after it says: its last event, or where it begins when it has none. */
  readonly reached: Reached;
}

interface Reached {
  readonly commit: bigint;
  readonly prepare: bigint;
}

/** Where a subscription reads from, and which of the events are its own. */
interface Source {
  /** The next events after what was read, at most `count` records of the log looked at; undefined: nothing more there now. */
  page(): Page | undefined;
  wants(record: LogRecord): boolean;
  readonly filter: EventFilter | undefined;
}

/** How many records a page has that a subscription catches up by. */
const PAGE = 32;

/** From a position or a revision on, exclusively: what is there, then what comes. Ends only with the call, or when dropped. */
export function subscribe(node: Node, call: ReadCall, options: streams.ReadReq.Options): void {
  const stream = options.getStream();
  const name = streamName(stream?.getStreamIdentifier());
  if (stream !== undefined && node.log.tombstoned(name)) return void call.emit('error', streamDeleted(name));
  const source = stream === undefined ? ofAll(node, options) : ofStream(node, name, stream);
  if (source === undefined) return void call.emit('error', HANDLER_FAILED);
  const confirmation = new streams.ReadResp.SubscriptionConfirmation();
  confirmation.setSubscriptionId(randomUUID());
  const confirmed = new streams.ReadResp();
  confirmed.setConfirmation(confirmation);
  call.write(confirmed);
  void catchUp(node, call, source);
}

async function catchUp(node: Node, call: ReadCall, source: Source): Promise<void> {
  let counted = 0;
  for (let page = source.page(); page !== undefined; page = source.page()) {
    for (const record of page.records) {
      if (call.cancelled) return;
      if (!call.write(eventResponse(record))) await drained(call);
    }
    counted += page.looked;
    if (source.filter !== undefined && counted >= source.filter.checkpointInterval) {
      counted %= source.filter.checkpointInterval;
      call.write(checkpoint(page.reached));
    }
  }
  if (call.cancelled) return;
  // In this very turn: what is committed after the last page is heard of live, nothing in between is missed.
  const caughtUp = new streams.ReadResp();
  caughtUp.setCaughtUp(new streams.ReadResp.CaughtUp());
  call.write(caughtUp);
  liveSubscription(node, call, { ...source, checkpoint }, counted);
}

function checkpoint({ commit, prepare }: Reached): streams.ReadResp {
  const reached = new streams.ReadResp.Checkpoint();
  reached.setCommitPosition(String(commit));
  reached.setPreparePosition(String(prepare));
  const response = new streams.ReadResp();
  response.setCheckpoint(reached);
  return response;
}

function ofAll({ log }: Node, options: streams.ReadReq.Options): Source | undefined {
  const all = options.getAll();
  const filter = readFilter(options.getFilter());
  const wants = (record: LogRecord): boolean => record.visible && (filter?.allows(record) ?? true);
  const position = BigInt(all?.getPosition()?.getCommitPosition() ?? 0n);
  const start = all?.hasPosition() === true ? boundary(log, position, false) : 0;
  if (start === undefined) return undefined;
  let next = all?.hasEnd() === true ? log.all.length : start;
  if (all?.hasPosition() === true) {
    // The event at that position is done with, or, when a record of another kind begins there, the first one after it.
    const done = log.all.findIndex((record, i) => i >= start && record.visible);
    next = done < 0 ? log.all.length : done + 1;
  }
  return {
    filter,
    wants,
    page: () => {
      const looked = log.all.slice(next, next + PAGE);
      const first = looked[0];
      if (first === undefined) return undefined;
      next += looked.length;
      const records = looked.filter(wants);
      const last = records.at(-1)?.position;
      const reached = { commit: last ?? first.position, prepare: last ?? 0n };
      return { records, looked: looked.length, reached };
    },
  };
}

function ofStream({ log }: Node, name: string, options: streams.ReadReq.Options.StreamOptions): Source {
  const newest = (): bigint => log.stream(name).at(-1)?.revision ?? -1n;
  let after = options.hasStart() ? -1n : options.hasEnd() ? newest() : BigInt(options.getRevision());
  return {
    filter: undefined,
    wants: (record) => record.stream === name && record.revision > after,
    page: () => {
      const records = (visible(log, name) ?? []).filter((record) => record.revision > after).slice(0, PAGE);
      const last = records.at(-1);
      if (last === undefined || last.revision === DELETED) return undefined;
      after = last.revision;
      return { records, looked: records.length, reached: { commit: last.position, prepare: last.position } };
    },
  };
}
