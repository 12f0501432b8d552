import { Fault } from '../kernel/fault.ts';
import type { Instant } from '../kernel/instant.ts';
import type { Written } from './port.ts';

/** Why an append was refused: something newer stands in a seen stream, its time is over or not yet come, or its id is taken. */
export type ConflictReason = 'seen' | 'not-after' | 'not-yet' | 'id-taken';

/** Known not written. Load again and decide again (or, for `id-taken`, look the id up). */
export class AppendConflict extends Fault {
  readonly code = 'append-conflict';
  readonly reason: ConflictReason;
  /** The ledger's last recorded instant then, if it says: none of its events will ever be before it, so no decision need be. */
  readonly last: Instant | undefined;

  constructor(reason: ConflictReason, last?: Instant) {
    super(`the append's condition does not hold: ${reason}`, { next: 'load the streams again and decide again' });
    this.reason = reason;
    this.last = last;
  }
}

/** May be written or not: the connection or the process broke at the wrong moment. `find` by id tells. */
export class AppendUnknown extends Fault {
  readonly code = 'append-unknown';

  constructor(cause: unknown) {
    super('it is not known whether the append was written', {
      cause,
      next: 'send the same request again with the same requestId',
    });
  }
}

/**
 * Written, durable, and not to be undone; but when it was acknowledged, something newer stood in a seen stream, or its time was over. No
 * proof for opening anything. Only engines that cannot look at other streams under a lock throw it.
 */
export class AppendOvertaken extends Fault {
  readonly code = 'append-overtaken';
  readonly reason: 'seen' | 'not-after';
  readonly written: Written;

  constructor(reason: 'seen' | 'not-after', written: Written) {
    super(`the append was written after its condition had ceased to hold: ${reason}`, {
      next: 'open nothing on it, and decide again',
    });
    this.reason = reason;
    this.written = written;
  }
}

export class AppendTooLarge extends Fault {
  readonly code = 'append-too-large';

  constructor(what: string) {
    super(`the append is too large: ${what}`, { next: 'append in smaller parts' });
  }
}

/** The queue is full, or the ledger is stopping. Nothing was written. */
export class LedgerBusy extends Fault {
  readonly code = 'busy';
  readonly retryAfterMs: number;

  constructor(retryAfterMs: number) {
    super('the ledger is busy', { next: `try again in ${retryAfterMs} ms` });
    this.retryAfterMs = retryAfterMs;
  }
}

/** The engine's store cannot be reached, or refused. Known not written. */
export class LedgerUnavailable extends Fault {
  readonly code = 'ledger-unavailable';

  constructor(cause: unknown) {
    super('the ledger cannot be reached', { cause, next: 'check the database and its log, then try again' });
  }
}

/** What the engine stores contradicts itself: a bug, or somebody's hand. The process must stop. */
export class LedgerCorrupt extends Fault {
  readonly code = 'ledger-corrupt';

  constructor(what: string) {
    super(`the ledger contradicts itself: ${what}`, { next: 'run npm run fsck, and keep the database as it is' });
  }
}

/** The store holds the ledger of another origin or suite. Nothing was read or written. */
export class LedgerIdentityMismatch extends Fault {
  readonly code = 'ledger-identity';

  constructor(field: 'origin' | 'suite' | 'prefix', configured: string, stored: string) {
    super(`the ledger's ${field} is ${stored}, not ${configured}`, {
      next: 'set the origin that this ledger was opened with, or give an empty database',
    });
  }
}
