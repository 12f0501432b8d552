import gossipServices from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import featureServices from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import streamServices from '@eventstore/db-client/generated/streams_grpc_pb.js';
import { type handleUnaryCall, Server, ServerCredentials } from '@grpc/grpc-js';
import { append } from './append.ts';
import { batchAppend } from './batch-append.ts';
import { clusterInfo, type Member, supportedMethods } from './cluster-info.ts';
import { deleteStream, tombstoneStream } from './delete.ts';
import type { Node } from './node.ts';
import { read } from './read.ts';

/** The greatest message: 16 MiB less the room for a record's own words. A greater one ends its call with RESOURCE_EXHAUSTED. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024 - 10_000;
/** What a client may send ahead in one call. */
const WINDOW_BYTES = 1024 * 1024;

/** A node's gRPC services, spoken on a port of loopback until `stop`, which breaks what is under way. */
export async function serve(
  node: Node,
  members: () => readonly Member[],
): Promise<{ readonly port: number; stop(): void }> {
  const server = new Server({
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_send_message_length': -1,
    'grpc-node.flow_control_window': WINDOW_BYTES,
  });
  server.addService(streamServices.StreamsService, {
    read: (call: Parameters<typeof read>[1]) => read(node, call),
    append: (call: Parameters<typeof append>[1], callback: Parameters<typeof append>[2]) =>
      append(node, call, callback),
    batchAppend: (call: Parameters<typeof batchAppend>[1]) => batchAppend(node, call),
    delete: (call: Parameters<typeof deleteStream>[1], callback: Parameters<typeof deleteStream>[2]) =>
      deleteStream(node, call, callback),
    tombstone: (call: Parameters<typeof tombstoneStream>[1], callback: Parameters<typeof tombstoneStream>[2]) =>
      tombstoneStream(node, call, callback),
  });
  const tellMembers: handleUnaryCall<unknown, unknown> = (_call, callback) => callback(null, clusterInfo(members()));
  const tellMethods: handleUnaryCall<unknown, unknown> = (_call, callback) => callback(null, supportedMethods());
  server.addService(gossipServices.GossipService, { read: tellMembers });
  server.addService(featureServices.ServerFeaturesService, { getSupportedMethods: tellMethods });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (cause, bound) =>
      cause === null ? resolve(bound) : reject(cause),
    );
  });
  return { port, stop: () => server.forceShutdown() };
}
