import { Malformed } from '../kernel/fault.ts';
import type { Ledger, Position } from '../ledger/port.ts';
import { answered } from '../postgres/outage.ts';
import type { Sql } from '../postgres/pools.ts';
import { APPLIED_CHANNEL } from './lease.ts';

/** How far the read tables have come, for callers in any process. */
export interface ReadPosition {
  /** The position of the last event that the read tables show, read now; `undefined` before the first. */
  applied(): Promise<Position | undefined>;
  /**
   * True once the read tables show the event at that position: every query that begins afterwards sees it, in any process. False when
   * `timeoutMs` passed first, or on `close`; a database that cannot be asked is as one that is behind. Never throws.
   */
  waitFor(position: Position, timeoutMs: number): Promise<boolean>;
  /** Ends listening; whoever still waits gets false. */
  close(): Promise<void>;
}

/** How often to look while somebody waits: a notification may be lost with its connection. */
const POLL_MS = 200;
/** After which a look that was not answered no longer keeps the next from being made. */
const LOOK_MS = 1_000;

interface Waiter {
  readonly position: Position;
  readonly settle: (reached: boolean) => void;
}

/**
 * One listening connection a process, however many wait. What a notification says is a commit that is durable, and positions never go
 * back, so the newest one heard of answers without a query.
 */
export function readPosition(deps: {
  readonly sql: Sql;
  readonly ledger: Pick<Ledger, 'compare' | 'parsePosition'>;
}): ReadPosition {
  const { sql, ledger } = deps;
  const waiters = new Set<Waiter>();
  let newest: Position | undefined;
  let listening: Promise<{ unlisten(): Promise<void> }> | undefined;
  let polling: NodeJS.Timeout | undefined;
  let looking: NodeJS.Timeout | undefined;
  let lastLook: Promise<void> = Promise.resolve();
  let closed = false;

  const reached = (position: Position): boolean => newest !== undefined && ledger.compare(newest, position) >= 0;

  const heard = (position: Position): void => {
    if (!reached(position)) newest = position;
    for (const waiter of waiters) if (reached(waiter.position)) waiter.settle(true);
  };

  /** Anybody who may connect may notify: a payload that is no position is nothing. */
  const hear = (payload: string): void => {
    try {
      heard(ledger.parsePosition(payload));
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
    }
  };

  const applied = async (): Promise<Position | undefined> => {
    const [row] = await sql<{ position: string | null }[]>`select position from projectors where name = 'reads'`;
    if (row?.position == null) return undefined;
    const position = ledger.parsePosition(row.position);
    heard(position);
    return position;
  };

  /** One query at a time, however many ask for one; but not for ever: the driver may never answer one on a connection that breaks. */
  const look = (): void => {
    if (closed || looking !== undefined) return;
    const over = (): void => {
      if (looking === timer) looking = undefined;
      clearTimeout(timer);
    };
    const timer = setTimeout(over, LOOK_MS);
    looking = timer;
    lastLook = applied().then(over, over);
  };

  const listen = (): void => {
    listening ??= sql.listen(
      APPLIED_CHANNEL,
      hear,
      // After every (re)connection: what was notified in between was not heard.
      look,
    );
    // Without it polling alone answers; the next wait tries again.
    listening.catch(() => {
      listening = undefined;
    });
  };

  const wait = (position: Position, timeoutMs: number): Promise<boolean> =>
    new Promise((resolve) => {
      const settle = (answer: boolean): void => {
        clearTimeout(timer);
        waiters.delete(waiter);
        if (waiters.size === 0) {
          clearInterval(polling);
          polling = undefined;
        }
        resolve(answer);
      };
      const waiter: Waiter = { position, settle };
      const timer = setTimeout(() => settle(false), timeoutMs);
      waiters.add(waiter);
      polling ??= setInterval(look, POLL_MS);
    });

  return {
    applied,
    async waitFor(position, timeoutMs) {
      if (closed) return false;
      if (reached(position)) return true;
      listen();
      // Waiting begins before the look, so that what comes in between is not missed.
      const waiting = wait(position, timeoutMs);
      look();
      return waiting;
    },
    async close() {
      closed = true;
      for (const waiter of [...waiters]) waiter.settle(false);
      // A query under way while its pool ends would leave a connection that nobody closes; one that is never answered is not waited for.
      await answered(lastLook, LOOK_MS).catch(() => {});
      await (await listening?.catch(() => undefined))?.unlisten().catch(() => {});
    },
  };
}
