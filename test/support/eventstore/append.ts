import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { ServerReadableStream, sendUnaryData } from '@grpc/grpc-js';
import { appendTooLarge, type Failure, HANDLER_FAILED, metadataMissing, streamDeleted, timedOut } from './answers.ts';
import { MAX_APPEND_BYTES } from './batch-append.ts';
import type { Expected } from './commit-check.ts';
import type { Node } from './node.ts';
import { readExpected, readProposed, streamName } from './wire.ts';
import type { Outcome, Proposed } from './writer.ts';

/** One append as a call of its own: what the client uses with credentials. */
export function append(
  node: Node,
  call: ServerReadableStream<streams.AppendReq, streams.AppendResp>,
  callback: sendUnaryData<streams.AppendResp>,
): void {
  const peer = call.getPeer();
  const events: Proposed[] = [];
  let target: { readonly stream: string; readonly expected: Expected } | undefined;
  let bytes = 0;
  let answered = false;

  const answer = (failed: Failure | null, response?: streams.AppendResp): void => {
    if (answered || call.cancelled) return;
    answered = true;
    callback(failed, response);
  };
  call.on('data', (request: streams.AppendReq) => {
    const options = request.getOptions();
    const message = request.getProposedMessage();
    if (options !== undefined) {
      target = {
        stream: streamName(options.getStreamIdentifier()),
        expected: readExpected(options, options.getRevision()),
      };
      return;
    }
    if (target === undefined || message === undefined) return answer(HANDLER_FAILED);
    for (const name of ['type', 'content-type']) {
      if (!message.getMetadataMap().has(name)) return answer(metadataMissing(name));
    }
    bytes += message.getData_asU8().length;
    if (bytes > MAX_APPEND_BYTES) return answer(appendTooLarge(MAX_APPEND_BYTES));
    try {
      events.push(readProposed(message));
    } catch {
      answer(HANDLER_FAILED);
    }
  });
  call.on('end', async () => {
    if (answered || call.cancelled) return;
    if (target === undefined) return answer(HANDLER_FAILED);
    const denied = node.denies(call.metadata);
    if (denied !== undefined) return answer(denied);
    node.connections.began(peer, target.stream);
    const outcome = await node.write({ ...target, what: { kind: 'append', events } });
    node.connections.ended(peer);
    if (outcome.kind === 'timeout') return answer(timedOut('Prepare phase timeout.'));
    if (outcome.kind === 'stream-deleted') return answer(streamDeleted(target.stream));
    answer(null, told(outcome, target.expected));
  });
}

function told(
  outcome: Extract<Outcome, { kind: 'written' | 'wrong-expected-version' }>,
  expected: Expected,
): streams.AppendResp {
  const response = new streams.AppendResp();
  if (outcome.kind === 'wrong-expected-version') {
    const found = new streams.AppendResp.WrongExpectedVersion();
    if (outcome.current < 0n) found.setCurrentNoStream(new shared.Empty());
    else found.setCurrentRevision(String(outcome.current));
    if (expected === 'any') found.setExpectedAny(new shared.Empty());
    else if (expected === 'stream_exists') found.setExpectedStreamExists(new shared.Empty());
    else if (expected < 0n) found.setExpectedNoStream(new shared.Empty());
    else found.setExpectedRevision(String(expected));
    response.setWrongExpectedVersion(found);
    return response;
  }
  const position = new streams.AppendResp.Position();
  position.setCommitPosition(String(outcome.position));
  position.setPreparePosition(String(outcome.position));
  const success = new streams.AppendResp.Success();
  if (outcome.revision < 0n) success.setNoStream(new shared.Empty());
  else success.setCurrentRevision(String(outcome.revision));
  success.setPosition(position);
  response.setSuccess(success);
  return response;
}
