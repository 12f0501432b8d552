import { setTimeout as sleep } from 'node:timers/promises';
import { EventStoreDBClient } from '@eventstore/db-client';
import type { Channel } from '@grpc/grpc-js';
import { Malformed } from '../../kernel/fault.ts';

/** How long a client may take to let go of what runs. It waits for ever for a call that the server does not answer. */
const DISPOSE_MS = 1_000;

/** One connection to the server or cluster, made anew when it is given up. */
export interface Connection {
  /** The client of now. */
  readonly client: EventStoreDBClient;
  /** Gives that client up, unless somebody else has: what runs on it ends, and the next one connects for itself. */
  giveUp(client: EventStoreDBClient): void;
  /** Resolves when nothing holds the process any more, or after a second. */
  close(): Promise<void>;
}

/**
 * Throws `Malformed` for what is no connection string. Nothing is connected before the first call. The client goes to the leader and comes
 * back after an outage by itself, but a connection that says nothing any more it keeps for twenty seconds: then we give it up.
 */
export function openConnection(connectionString: string): Connection {
  let client = create(connectionString);
  const ending = new Set<Promise<void>>();

  function end(which: EventStoreDBClient): void {
    const done: Promise<void> = dispose(which).finally(() => ending.delete(done));
    ending.add(done);
  }

  return {
    get client() {
      return client;
    },
    giveUp: (which) => {
      if (which !== client) return;
      client = create(connectionString);
      end(which);
    },
    close: async () => {
      end(client);
      await Promise.all(ending);
    },
  };
}

function create(connectionString: string): EventStoreDBClient {
  try {
    return EventStoreDBClient.connectionString(connectionString);
  } catch (error) {
    // The client quotes the string, and a password may stand in it.
    const where =
      error instanceof Error && /file/i.test(error.message) ? 'names a file that cannot be read' : 'not one';
    throw new Malformed('EventStoreDB connection string', where);
  }
}

/** What the client has and its types keep to themselves: it does not close its channel, which holds the process open. */
interface WithChannel {
  readonly getChannel: () => Promise<Pick<Channel, 'close'>>;
}

async function dispose(client: EventStoreDBClient): Promise<void> {
  await Promise.race([client.dispose(), sleep(DISPOSE_MS, undefined, { ref: false })]).catch(() => {});
  const channel = (client as unknown as WithChannel).getChannel();
  await Promise.race([channel, sleep(DISPOSE_MS, undefined, { ref: false })]).then(
    (opened) => opened?.close(),
    () => {},
  );
}
