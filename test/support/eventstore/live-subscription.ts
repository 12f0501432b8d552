import type streams from '@eventstore/db-client/generated/streams_pb.js';
import { timedOut } from './answers.ts';
import type { EventFilter } from './event-filter.ts';
import type { Node } from './node.ts';
import type { ReadCall } from './reading.ts';
import type { LogRecord } from './record.ts';
import { eventResponse } from './wire.ts';

interface LiveSource {
  wants(record: LogRecord): boolean;
  readonly filter: EventFilter | undefined;
  checkpoint(reached: { readonly commit: bigint; readonly prepare: bigint }): streams.ReadResp;
}

/** The committed events that may wait for a subscription; with one more it is dropped. */
const BUFFER = 32;
/** How many bytes of responses may wait for the connection, behind that buffer; one response always may. */
const OUTBOX_BYTES = 160 * 1024;

/**
 * How many events a pump moves on while the server commits one. Seen on a real server: 300 events in one append survived, 500 dropped
 * the subscription in about half of the tries, 1,000 in most. With a buffer of 32 that is a lag of 0.022 to 0.105 an event.
 */
const LAG = { least: 0.022, most: 0.105 };
/** Beside 16 single writers on its own connection it never keeps up. */
const CROWDED_SPEED = 0.5;

/** Hands on what is committed from now on, until the call ends or its consumer is too slow. */
export function liveSubscription(node: Node, call: ReadCall, source: LiveSource, counted: number): void {
  const buffer: { readonly response: streams.ReadResp; readonly bytes: number }[] = [];
  const outbox: { readonly response: streams.ReadResp; readonly bytes: number }[] = [];
  const peer = call.getPeer();
  let ready = true;
  let outboxBytes = 0;
  let looked = counted;
  let credit = 0;
  let lag = 0;

  const end = (): void => {
    stop();
    node.subscriptions.delete(drop);
  };
  const drop = (): void => {
    end();
    call.emit('error', timedOut('Consumer too slow to handle event while live. Client resubscription required.'));
  };
  const send = (): void => {
    while (ready) {
      const next = outbox.shift();
      if (next === undefined) return;
      outboxBytes -= next.bytes;
      ready = call.write(next.response);
    }
  };
  const move = (): boolean => {
    const next = outboxBytes < OUTBOX_BYTES ? buffer.shift() : undefined;
    if (next === undefined) return false;
    outbox.push(next);
    outboxBytes += next.bytes;
    send();
    return true;
  };
  const offer = (response: streams.ReadResp, bytes: number): boolean => {
    if (buffer.length >= BUFFER) {
      drop();
      return false;
    }
    if (buffer.length === 0) lag = LAG.least + Math.random() * (LAG.most - LAG.least);
    buffer.push({ response, bytes });
    credit += node.connections.crowded(peer) ? CROWDED_SPEED : 1 - lag;
    while (credit >= 1) {
      credit -= 1;
      move();
    }
    return true;
  };

  const stop = node.feed.listen({
    appeared: (record) => {
      if (source.wants(record) && !offer(eventResponse(record), Number(record.next - record.position))) return;
      looked += 1;
      if (source.filter === undefined || looked < source.filter.checkpointInterval) return;
      looked = 0;
      offer(source.checkpoint({ commit: record.position, prepare: record.position }), 0);
    },
    idle: () => (node.connections.crowded(peer) ? buffer.length > 0 : move()),
  });
  node.subscriptions.add(drop);
  call.on('drain', () => {
    ready = true;
    send();
    // What the buffer holds goes on with the next event, or in the next turn without one.
    node.feed.wake();
  });
  call.on('cancelled', end);
  call.on('close', end);
}
