import {
  type AllStreamRecordedEvent,
  BACKWARDS,
  END,
  type EventStoreDBClient,
  FORWARDS,
  type RecordedEvent as ServerEvent,
  START,
  type StreamingRead,
} from '@eventstore/db-client';
import { LedgerBusy } from '../faults.ts';
import type { Connection } from './client.ts';
import type { LogPosition } from './position.ts';
import { isMissingStream, isNotLeader, noAnswer, toFault } from './server-error.ts';

/** Single reads of the server: each is bounded, read to its end, and under a time-out of ours. All throw `LedgerUnavailable`. */
export interface Pages {
  /** Events of a server's stream from a revision on, ascending; none for a stream that is not there. */
  stream(name: string, from: bigint, count: number): Promise<readonly ServerEvent[]>;
  /** The last event at or before a revision (the stream's last unless told). */
  last(name: string, at?: bigint): Promise<ServerEvent | undefined>;
  /** Everything in the server's log from a position on (inclusive), other people's streams too. */
  all(from: LogPosition | undefined, count: number): Promise<readonly AllStreamRecordedEvent[]>;
  /** Everything before a position (the end unless told), newest first. */
  before(position: LogPosition | undefined, count: number): Promise<readonly AllStreamRecordedEvent[]>;
  close(): void;
}

interface Resolved<E> {
  readonly event?: E;
}

/** Again after the client has gone to the leader, or found the connection broken. */
const ATTEMPTS = 2;

/** A read waits `timeoutMs` for each event, not for all of them. */
export function pages(connection: Connection, timeoutMs: number): Pages {
  /** What ends each read under way. */
  const running = new Map<(error: unknown) => void, EventStoreDBClient>();
  let closed = false;

  /**
   * Reads to the end. One that is left in its middle keeps its call open, and the client can then not be disposed of: so where the server
   * falls silent, the call is cancelled.
   */
  function collect<E>(client: EventStoreDBClient, read: StreamingRead<Resolved<E>>): Promise<E[]> {
    return new Promise<E[]>((resolve, reject) => {
      const events: E[] = [];
      const stop = (error: unknown): void => {
        done();
        read.cancel().catch(() => {});
        read.destroy();
        reject(error);
      };
      const timer = setTimeout(() => giveUp(client), timeoutMs);
      const done = (): void => {
        clearTimeout(timer);
        running.delete(stop);
      };
      running.set(stop, client);
      read.on('data', ({ event }) => {
        if (event !== undefined) events.push(event);
        timer.refresh();
      });
      read.on('end', () => {
        done();
        resolve(events);
      });
      // It stays there: the client may emit more than one.
      read.on('error', stop);
    });
  }

  /** The client ends the reads of a connection that it lets go of as if they had come to their end: so they are broken off before. */
  function giveUp(client: EventStoreDBClient): void {
    for (const [stop, by] of running) if (by === client) stop(noAnswer());
    connection.giveUp(client);
  }

  async function attempt<E>(read: (client: EventStoreDBClient) => StreamingRead<Resolved<E>>): Promise<E[]> {
    for (let n = 1; ; n++) {
      if (closed) throw new LedgerBusy(1000);
      const { client } = connection;
      try {
        return await collect(client, read(client));
      } catch (error) {
        if (isMissingStream(error)) return [];
        if (n >= ATTEMPTS || !isNotLeader(error)) throw toFault(error);
      }
    }
  }

  const options = { requiresLeader: true, resolveLinkTos: false } as const;
  return {
    stream: (name, from, count) =>
      attempt((client) =>
        client.readStream(name, { ...options, direction: FORWARDS, fromRevision: from, maxCount: count }),
      ),
    last: async (name, at) => {
      const [event] = await attempt((client) =>
        client.readStream(name, { ...options, direction: BACKWARDS, fromRevision: at ?? END, maxCount: 1 }),
      );
      return event;
    },
    all: (from, count) =>
      attempt((client) =>
        client.readAll({ ...options, direction: FORWARDS, fromPosition: from ?? START, maxCount: count }),
      ),
    before: (position, count) =>
      attempt((client) =>
        client.readAll({ ...options, direction: BACKWARDS, fromPosition: position ?? END, maxCount: count }),
      ),
    close: () => {
      closed = true;
      for (const stop of running.keys()) stop(new LedgerBusy(1000));
    },
  };
}
