import { randomUUID } from 'node:crypto';
import gossip from '@eventstore/db-client/generated/gossip_pb.js';
import features from '@eventstore/db-client/generated/serverfeatures_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import type { Endpoint } from './node.ts';

/** The server whose answers are written down in this one. */
const VERSION = '23.10.7';

export interface Member extends Endpoint {
  readonly role: 'leader' | 'follower';
  readonly alive: boolean;
}

/** What a node tells of its cluster to whom asks for a place to connect to. */
export function clusterInfo(members: readonly Member[]): gossip.ClusterInfo {
  const info = new gossip.ClusterInfo();
  for (const { address, port, role, alive } of members) {
    const id = new shared.UUID();
    id.setString(randomUUID());
    const endpoint = new gossip.EndPoint();
    endpoint.setAddress(address);
    endpoint.setPort(port);
    const member = new gossip.MemberInfo();
    member.setInstanceId(id);
    member.setTimeStamp(String(Date.now()));
    member.setState(gossip.MemberInfo.VNodeState[role === 'leader' ? 'LEADER' : 'FOLLOWER']);
    member.setIsAlive(alive);
    member.setHttpEndPoint(endpoint);
    info.addMembers(member);
  }
  return info;
}

const METHODS: readonly (readonly [name: string, ...features: string[]])[] = [
  ['read', 'position', 'events'],
  ['append'],
  ['delete'],
  ['tombstone'],
  ['batchappend', 'deadline_duration'],
];

/** From this the client learns that it may append in batches. */
export function supportedMethods(): features.SupportedMethods {
  const methods = new features.SupportedMethods();
  methods.setEventStoreServerVersion(VERSION);
  for (const [name, ...supported] of METHODS) {
    const method = new features.SupportedMethod();
    method.setServiceName('event_store.client.streams.streams');
    method.setMethodName(name);
    method.setFeaturesList(supported);
    methods.addMethods(method);
  }
  return methods;
}
