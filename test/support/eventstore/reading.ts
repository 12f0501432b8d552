import type streams from '@eventstore/db-client/generated/streams_pb.js';
import type { ServerWritableStream } from '@grpc/grpc-js';
import { DELETED, type EventLog } from './event-log.ts';
import type { LogRecord } from './record.ts';

/** A read or a subscription: the same method on the wire. */
export type ReadCall = ServerWritableStream<streams.ReadReq, streams.ReadResp>;

/** Resolves when the connection takes more, or never will. */
export function drained(call: ReadCall): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      for (const name of ['drain', 'cancelled', 'close']) call.off(name, done);
      resolve();
    };
    for (const name of ['drain', 'cancelled', 'close']) call.once(name, done);
  });
}

/** What the stream's metadata leaves to be seen of it; undefined: there is no such stream, or it was deleted softly. */
export function visible(log: EventLog, name: string): readonly LogRecord[] | undefined {
  const records = log.stream(name);
  const { truncateBefore = 0n, maxCount } = log.metadata(name, 'reader');
  if (records.length === 0 || truncateBefore === DELETED) return undefined;
  const oldest = maxCount === undefined ? 0n : BigInt(records.length) - maxCount;
  const first = oldest > truncateBefore ? oldest : truncateBefore;
  return first > 0n ? records.filter((record) => record.revision >= first) : records;
}

/** The index of the record that begins there. A position inside a record is none; one beyond the end is, when going forwards. */
export function boundary({ all, indexAt }: EventLog, position: bigint, backwards: boolean): number | undefined {
  const at = indexAt(position);
  const begins = all[at]?.position === position || position === (all.at(-1)?.next ?? 0n);
  return begins || (at === all.length && !backwards) ? at : undefined;
}
