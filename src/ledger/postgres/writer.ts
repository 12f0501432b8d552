import { setTimeout as sleep } from 'node:timers/promises';
import { equalBytes } from '../../kernel/bytes.ts';
import type { Sql } from '../../postgres/pools.ts';
import { appendQueue, type PendingAppend } from '../append-queue.ts';
import { AppendConflict, AppendUnknown, LedgerBusy, LedgerCorrupt } from '../faults.ts';
import { toAppended } from '../recording.ts';
import { isLockTimeout, toFault } from './database-error.ts';
import type { Judged } from './group.ts';
import { type GroupTransactionOptions, groupTransaction } from './group-transaction.ts';
import { asTried } from './group-tried.ts';

export interface WriterOptions extends GroupTransactionOptions {
  /** Appends that may wait; one more is told `LedgerBusy`. */
  readonly queueLimit: number;
  /** Sealed bytes that may wait. */
  readonly queueBytes: number;
  /** Milliseconds for which the fate of a COMMIT without an answer is asked for before `AppendUnknown` is said. */
  readonly settleMs: number;
}

/** Writes appends in groups, one group at a time, in the order of the queue. */
export interface Writer {
  /** Settles the append later. Throws `LedgerBusy` when nothing more may wait, or `LedgerCorrupt` once that has stopped the writer. */
  submit(append: PendingAppend): void;
  /** Appends that wait or run. */
  readonly queued: number;
  /** Takes nothing more, finishes what it has, closes its connection. */
  close(): Promise<void>;
}

/** A group of which nothing was written is tried this often. */
const ATTEMPTS = 2;
const PAUSE_MS = 50;
const NOTHING = new Uint8Array(0);

export function groupWriter(pool: Sql, options: WriterOptions): Writer {
  const queue = appendQueue({ appends: options.queueLimit, bytes: options.queueBytes });
  const transaction = groupTransaction(pool, options);
  let running = 0;
  let parked = 0;
  let awake = false;
  let closing = false;
  let corrupt: LedgerCorrupt | undefined;
  /** Milliseconds that an append took lately; what a caller is told to wait is made of it. */
  let pace = 1;
  let onIdle = (): void => {};

  const queued = (): number => queue.size + running + parked;

  function start(): void {
    if (awake) return;
    awake = true;
    // Whatever is appended in this turn of the event loop joins the first group.
    setImmediate(() => void work());
  }

  async function work(): Promise<void> {
    while (queue.size > 0) {
      const group = queue.takeGroup();
      const began = performance.now();
      running = group.length;
      try {
        await writeGroup(group);
      } catch (bug) {
        for (const append of group) append.reject(bug);
      }
      running = 0;
      pace = 0.8 * pace + (0.2 * (performance.now() - began)) / group.length;
      // Callers that were answered just now may join the next group.
      await new Promise((resolve) => setImmediate(resolve));
    }
    awake = false;
    if (queued() === 0) onIdle();
  }

  async function writeGroup(group: readonly PendingAppend[]): Promise<void> {
    let left = group;
    for (let attempt = 1; left.length > 0; attempt++) {
      if (attempt > 1) await sleep(PAUSE_MS);
      const began = performance.now();
      const outcome = corrupt ? { kind: 'not-written' as const, fault: corrupt } : await transaction.run(left);
      options.probe?.groupTried(asTried(left, outcome, began, performance.now()));
      if (outcome.kind === 'committed') return settle(outcome.judged);
      if (outcome.kind === 'unknown') left = await settleUnknown(outcome.judged);
      if (outcome.fault instanceof LedgerCorrupt) corrupt = outcome.fault;
      if (attempt < ATTEMPTS && corrupt === undefined && !isLockTimeout(outcome.fault)) continue;
      for (const append of left) append.reject(corrupt ?? outcome.fault);
      return;
    }
  }

  function settle(judged: readonly Judged[]): void {
    for (const { append, verdict } of judged) {
      if (verdict.kind === 'record') append.resolve(toAppended(verdict.events));
      else if (verdict.kind === 'refuse') append.reject(verdict.fault);
      else park(append, verdict.ms);
    }
  }

  function park(append: PendingAppend, ms: number): void {
    parked += 1;
    append.patienceMs -= ms;
    setTimeout(() => {
      parked -= 1;
      queue.giveBack(append);
      start();
    }, ms);
  }

  /** Finds out what became of a group whose COMMIT was not answered. Returns the appends that are known not to be written. */
  async function settleUnknown(judged: readonly Judged[]): Promise<readonly PendingAppend[]> {
    const firsts = judged.flatMap(({ verdict }) => (verdict.kind === 'record' ? [verdict.events[0]] : []));
    const deadline = performance.now() + options.settleMs;
    for (let pause = PAUSE_MS; ; pause *= 2) {
      try {
        const standing = await transaction.lookUp(
          firsts.map((event) => event.id),
          options.settleMs,
        );
        // Another writer may have taken an id since; under another leaf it is not ours.
        const written = firsts.filter(({ id, leafHash }) => equalBytes(standing.get(id) ?? NOTHING, leafHash)).length;
        if (written === 0) return judged.map(({ append }) => append);
        if (written < firsts.length) corrupt = new LedgerCorrupt('a group stands in part');
        else settle(judged);
        return corrupt ? judged.map(({ append }) => append) : [];
      } catch (error) {
        if (performance.now() + pause >= deadline) {
          giveUp(judged, error);
          return [];
        }
        await sleep(pause);
      }
    }
  }

  function giveUp(judged: readonly Judged[], cause: unknown): void {
    for (const { append, verdict } of judged) {
      if (verdict.kind === 'record') append.reject(new AppendUnknown(toFault(cause)));
      else append.reject(verdict.kind === 'refuse' ? verdict.fault : new AppendConflict('not-yet'));
    }
  }

  return {
    submit: (append) => {
      if (corrupt !== undefined) throw corrupt;
      if (closing) throw new LedgerBusy(1000);
      if (!queue.offer(append)) throw new LedgerBusy(Math.min(5000, Math.max(50, Math.ceil(queued() * pace))));
      start();
    },
    get queued() {
      return queued();
    },
    close: async () => {
      closing = true;
      if (awake || queued() > 0) {
        await new Promise<void>((resolve) => {
          onIdle = resolve;
        });
      }
      await transaction.end();
    },
  };
}
