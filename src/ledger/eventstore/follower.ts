import { setTimeout as sleep } from 'node:timers/promises';
import { type AllStreamSubscription, START } from '@eventstore/db-client';
import { isFault } from '../../kernel/fault.ts';
import type { Follower, RecordedEvent } from '../port.ts';
import type { Connection } from './client.ts';
import { compareLog, type LogPosition } from './position.ts';
import { isRefusal, toFault } from './server-error.ts';
import { type ReadingContext, toRecordedEvent, toStoredEvent } from './stored-event.ts';

export interface FollowSource {
  readonly after: LogPosition | undefined;
  /** A connection of the followers' own: the server drops a subscription whose connection is busy with other things. */
  readonly connection: Connection;
  readonly context: ReadingContext;
  /** The end of the server's log: asked when nothing has come for a while, for a subscription that died without a word. */
  readonly end: () => Promise<LogPosition | undefined>;
  readonly silenceMs: number;
  readonly ended: () => void;
}

const FIRST_PAUSE_MS = 20;
const LAST_PAUSE_MS = 1_000;

/**
 * Gives every event of ours behind a position in the server's log, then those that are appended. The server drops a subscription that is
 * a little slow, and the client does not come back by itself: then this subscribes again behind the last event that its consumer has
 * taken or that was passed over, so none is skipped and none comes twice.
 */
export function follow(source: FollowSource): Follower {
  const { connection, context } = source;
  let closed = false;
  let current: AllStreamSubscription | undefined;
  let wake = (): void => {};
  /** Everything up to here was given, or is none of ours. */
  let reached = source.after;

  async function* run(): AsyncGenerator<RecordedEvent> {
    let pause = FIRST_PAUSE_MS;
    try {
      while (!closed) {
        const before = reached;
        try {
          yield* subscription();
        } catch (error) {
          if (closed) return;
          if (isFault(error)) throw error;
          if (isRefusal(error)) throw toFault(error);
          // Dropped, or the server is away: from where it stood, once more.
        }
        pause = reached === before ? Math.min(2 * pause, LAST_PAUSE_MS) : FIRST_PAUSE_MS;
        if (!closed) await rest(pause);
      }
    } finally {
      source.ended();
    }
  }

  async function rest(ms: number): Promise<void> {
    const ended = new AbortController();
    wake = () => ended.abort();
    await sleep(ms, undefined, { signal: ended.signal }).catch(() => {});
  }

  async function* subscription(): AsyncGenerator<RecordedEvent> {
    const { client } = connection;
    const events = client.subscribeToAll({
      fromPosition: reached ?? START,
      resolveLinkTos: false,
      requiresLeader: false,
    });
    current = events;
    // It may emit a second error when nobody iterates any more.
    events.on('error', () => {});
    const guard = watch(events, () => connection.giveUp(client));
    try {
      for await (const { event } of events) {
        guard.heard();
        if (event === undefined) continue;
        if (reached !== undefined && compareLog(event.position, reached) <= 0) continue;
        const ours = toStoredEvent(context, event);
        if (ours !== undefined) yield toRecordedEvent(ours);
        // Only now: whoever stops before it took the event gets it again.
        reached = event.position;
        guard.heard();
      }
    } finally {
      guard.stop();
      current = undefined;
      end(events);
    }
  }

  /** A subscription that says nothing while the log goes on is dead. */
  function watch(events: AllStreamSubscription, giveUp: () => void) {
    let last = performance.now();
    let asking = false;
    const look = async (): Promise<void> => {
      if (asking || performance.now() - last < source.silenceMs) return;
      asking = true;
      const at = reached;
      try {
        const newest = await source.end();
        const behind = newest !== undefined && (at === undefined || compareLog(newest, at) > 0);
        if (behind && reached === at && performance.now() - last >= source.silenceMs) {
          giveUp();
          events.destroy(new Error('the subscription fell silent'));
        }
      } catch {
        // The server is away: the client notices that by itself.
      } finally {
        asking = false;
      }
    };
    const timer = setInterval(() => void look(), source.silenceMs);
    timer.unref();
    return {
      heard: () => {
        last = performance.now();
      },
      stop: () => clearInterval(timer),
    };
  }

  const events = run();
  return {
    [Symbol.asyncIterator]: () => events,
    close: async () => {
      closed = true;
      wake();
      if (current !== undefined) end(current);
      // A generator that was never started runs no `finally`.
      source.ended();
      await events.return(undefined);
    },
  };
}

/** Its call is cancelled, and then it is destroyed: cancelled alone it would never end. */
function end(subscription: AllStreamSubscription): void {
  subscription.unsubscribe().catch(() => {});
  subscription.destroy();
}
