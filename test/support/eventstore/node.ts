import type { Metadata } from '@grpc/grpc-js';
import { type Failure, notLeader } from './answers.ts';
import { type Connections, connections } from './connections.ts';
import type { EventLog } from './event-log.ts';
import type { LiveFeed } from './live-feed.ts';
import type { Outcome, Write } from './writer.ts';

/** What a node's services see: the log that the cluster shares, and what is this node's own. */
export interface Node {
  readonly log: EventLog;
  readonly feed: LiveFeed;
  readonly connections: Connections;
  /** The live subscriptions of this node: each as what drops it for being too slow. */
  readonly subscriptions: Set<() => void>;
  /** Resolves when the outcome is durable and to be told. A follower hands it to the leader, as a real one does. */
  write(write: Write): Promise<Outcome>;
  /** How a call ends that asks for the leader (`requires-leader: true`) where another node is it. */
  denies(metadata: Metadata): Failure | undefined;
}

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** `leader`: the node that is it now, or undefined when this one is. */
export function node(
  { log, feed, write }: Pick<Node, 'log' | 'feed' | 'write'>,
  leader: () => Endpoint | undefined,
): Node {
  return {
    log,
    feed,
    write,
    connections: connections(),
    subscriptions: new Set(),
    denies: (metadata) => {
      const other = metadata.get('requires-leader').includes('true') ? leader() : undefined;
      return other && notLeader(other.address, other.port);
    },
  };
}
