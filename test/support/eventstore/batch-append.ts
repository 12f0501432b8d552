import shared from '@eventstore/db-client/generated/shared_pb.js';
import statusMessages from '@eventstore/db-client/generated/status_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import anyMessages from 'google-protobuf/google/protobuf/any_pb.js';
import emptyMessages from 'google-protobuf/google/protobuf/empty_pb.js';
import { HANDLER_FAILED } from './answers.ts';
import type { Expected } from './commit-check.ts';
import type { Node } from './node.ts';
import { readExpected, readProposed, streamIdentifier, streamName } from './wire.ts';
import type { Outcome, Proposed } from './writer.ts';

/** Bytes of data that one append may bring. Metadata does not count: so does the real server count. */
export const MAX_APPEND_BYTES = 1024 * 1024;

/** How long the server waits for the rest of an append, and for its own disk. */
const WRITE_TIMEOUT_MS = 2_000;

interface Pending {
  readonly stream: string;
  readonly expected: Expected;
  readonly events: Proposed[];
  readonly timer: NodeJS.Timeout;
  bytes: number;
}

/** One stream of appends, each of one or more messages that share a correlation id. */
export function batchAppend(
  node: Node,
  call: ServerDuplexStream<streams.BatchAppendReq, streams.BatchAppendResp>,
): void {
  const pending = new Map<string, Pending>();
  const peer = call.getPeer();
  let unanswered = 0;
  let open = true;
  let ended = false;

  const answer = (correlation: string, stream: string, fill: (response: streams.BatchAppendResp) => void): void => {
    if (!open || call.cancelled) return;
    const id = new shared.UUID();
    id.setString(correlation);
    const response = new streams.BatchAppendResp();
    response.setCorrelationId(id);
    response.setStreamIdentifier(streamIdentifier(stream));
    fill(response);
    call.write(response);
  };
  const fail = (failure: object): void => {
    open = false;
    call.emit('error', failure);
  };
  const endWhenAnswered = (): void => {
    if (ended && open && unanswered === 0) call.end();
  };

  const begin = (correlation: string, options: streams.BatchAppendReq.Options): void => {
    const stream = streamName(options.getStreamIdentifier());
    const deadline = options.getDeadline()?.toDate().getTime() ?? Number.POSITIVE_INFINITY;
    const timeout = Math.min(deadline - Date.now(), WRITE_TIMEOUT_MS);
    if (timeout <= 0) {
      answer(correlation, stream, refuse('Timeout', new shared.Timeout()));
      return;
    }
    // An append that never became whole is answered once more, even after its bad event was answered.
    const timer = setTimeout(() => {
      if (pending.delete(correlation)) answer(correlation, stream, refuse('Timeout', new shared.Timeout()));
    }, timeout).unref();
    const expected = readExpected(options, options.getStreamPosition());
    pending.set(correlation, { stream, expected, events: [], timer, bytes: 0 });
  };

  const receive = (request: streams.BatchAppendReq): void => {
    const correlation = request.getCorrelationId()?.getString() ?? '';
    const options = request.getOptions();
    if (options !== undefined) begin(correlation, options);
    const write = pending.get(correlation);
    if (write === undefined) return;
    try {
      for (const message of request.getProposedMessagesList()) {
        const event = readProposed(message);
        write.bytes += event.data.length;
        write.events.push(event);
      }
    } catch (cause) {
      // The real server answers with the name from this message's options; without them answering fails too.
      if (options === undefined) {
        fail(HANDLER_FAILED);
        return;
      }
      const bad = new shared.BadRequest();
      bad.setMessage(cause instanceof Error ? cause.message : '');
      answer(correlation, write.stream, refuse('BadRequest', bad));
      return;
    }
    if (write.bytes <= MAX_APPEND_BYTES && !request.getIsFinal()) return;
    pending.delete(correlation);
    clearTimeout(write.timer);
    if (write.bytes > MAX_APPEND_BYTES) {
      const exceeded = new shared.MaximumAppendSizeExceeded();
      exceeded.setMaxappendsize(MAX_APPEND_BYTES);
      answer(correlation, write.stream, refuse('MaximumAppendSizeExceeded', exceeded));
      return;
    }
    void carryOut(correlation, write);
  };

  const carryOut = async (correlation: string, { stream, expected, events }: Pending): Promise<void> => {
    const denied = node.denies(call.metadata);
    if (denied !== undefined) return fail(denied);
    unanswered += 1;
    node.connections.began(peer, stream);
    const outcome = await node.write({ stream, expected, what: { kind: 'append', events } });
    node.connections.ended(peer);
    unanswered -= 1;
    answer(correlation, stream, told(outcome, stream, expected));
    endWhenAnswered();
  };

  call.on('data', receive);
  call.on('end', () => {
    ended = true;
    endWhenAnswered();
  });
  call.on('cancelled', () => {
    open = false;
    for (const { timer } of pending.values()) clearTimeout(timer);
  });
}

type Fill = (response: streams.BatchAppendResp) => void;

function told(outcome: Outcome, stream: string, expected: Expected): Fill {
  if (outcome.kind === 'timeout') return refuse('Timeout', new shared.Timeout());
  if (outcome.kind === 'stream-deleted') {
    const deleted = new shared.StreamDeleted();
    deleted.setStreamIdentifier(streamIdentifier(stream));
    return refuse('StreamDeleted', deleted);
  }
  if (outcome.kind === 'wrong-expected-version') {
    return refuse('WrongExpectedVersion', conflict(expected, outcome.current));
  }
  const position = new shared.AllStreamPosition();
  position.setCommitPosition(String(outcome.position));
  position.setPreparePosition(String(outcome.position));
  const success = new streams.BatchAppendResp.Success();
  if (outcome.revision < 0n) success.setNoStream(new emptyMessages.Empty());
  else success.setCurrentRevision(String(outcome.revision));
  success.setPosition(position);
  return (response) => void response.setSuccess(success);
}

function conflict(expected: Expected, current: bigint): shared.WrongExpectedVersion {
  const found = new shared.WrongExpectedVersion();
  if (current < 0n) found.setCurrentNoStream(new emptyMessages.Empty());
  else found.setCurrentStreamRevision(String(current));
  if (expected === 'any') found.setExpectedAny(new emptyMessages.Empty());
  else if (expected === 'stream_exists') found.setExpectedStreamExists(new emptyMessages.Empty());
  else if (expected < 0n) found.setExpectedNoStream(new emptyMessages.Empty());
  else found.setExpectedStreamPosition(String(expected));
  return found;
}

/** The server's refusal: the client knows it by the name of the packed message alone. */
function refuse(name: string, details: { serializeBinary(): Uint8Array }): Fill {
  const packed = new anyMessages.Any();
  packed.pack(details.serializeBinary(), `event_store.client.${name}`);
  const status = new statusMessages.Status();
  status.setMessage(name);
  status.setDetails(packed);
  return (response) => void response.setError(status);
}
