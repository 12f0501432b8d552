import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js';
import { streamDeleted, timedOut, wrongExpectedVersion } from './answers.ts';
import type { Node } from './node.ts';
import { readExpected, streamName } from './wire.ts';

/** Soft: the stream is hidden until somebody appends to it. Tombstone: it is gone for ever. */
export function deleteStream(
  node: Node,
  call: ServerUnaryCall<streams.DeleteReq, streams.DeleteResp>,
  callback: sendUnaryData<streams.DeleteResp>,
): void {
  const options = call.request.getOptions() ?? new streams.DeleteReq.Options();
  void carryOut(node, call, options, 'soft-delete', callback, (at) => {
    const position = new streams.DeleteResp.Position();
    position.setCommitPosition(at);
    position.setPreparePosition(at);
    return new streams.DeleteResp().setPosition(position);
  });
}

export function tombstoneStream(
  node: Node,
  call: ServerUnaryCall<streams.TombstoneReq, streams.TombstoneResp>,
  callback: sendUnaryData<streams.TombstoneResp>,
): void {
  const options = call.request.getOptions() ?? new streams.TombstoneReq.Options();
  void carryOut(node, call, options, 'tombstone', callback, (at) => {
    const position = new streams.TombstoneResp.Position();
    position.setCommitPosition(at);
    position.setPreparePosition(at);
    return new streams.TombstoneResp().setPosition(position);
  });
}

async function carryOut<Request, Response>(
  node: Node,
  call: ServerUnaryCall<Request, Response>,
  options: streams.DeleteReq.Options | streams.TombstoneReq.Options,
  kind: 'soft-delete' | 'tombstone',
  callback: sendUnaryData<Response>,
  respond: (position: string) => Response,
): Promise<void> {
  const denied = node.denies(call.metadata);
  if (denied !== undefined) return callback(denied);
  const stream = streamName(options.getStreamIdentifier() ?? new shared.StreamIdentifier());
  const expected = readExpected(options, options.getRevision());
  const outcome = await node.write({ stream, expected, what: { kind } });
  if (call.cancelled) return;
  if (outcome.kind === 'timeout') return callback(timedOut('Prepare phase timeout.'));
  if (outcome.kind === 'stream-deleted') return callback(streamDeleted(stream));
  if (outcome.kind === 'wrong-expected-version') {
    const said = expected === 'any' ? -2n : expected === 'stream_exists' ? -4n : expected;
    return callback(wrongExpectedVersion(stream, said, outcome.current));
  }
  callback(null, respond(String(outcome.position)));
}
