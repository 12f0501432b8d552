import type { StreamName } from '../../kernel/id.ts';
import type { GroupTried, LedgerProbe, Span } from '../../kernel/probe.ts';
import { appendQueue } from '../append-queue.ts';
import {
  AppendConflict,
  AppendOvertaken,
  AppendTooLarge,
  AppendUnknown,
  LedgerBusy,
  LedgerCorrupt,
} from '../faults.ts';
import type { Appended } from '../port.ts';
import { type GroupRunDeps, runGroup } from './group-run.ts';
import type { PendingAppend } from './pending-append.ts';
import { noAnswer, unavailable } from './server-error.ts';
import { settleGroup } from './settle.ts';

export interface WriterOptions extends Omit<GroupRunDeps, 'closing' | 'park' | 'inBackground' | 'doubted'> {
  /** Appends that may wait; one more is told `LedgerBusy`. */
  readonly queueLimit: number;
  /** Sealed bytes that may wait. */
  readonly queueBytes: number;
  /** Streams that are appended to at once. */
  readonly concurrency: number;
  /** Milliseconds after which a caller hears that nobody knows, or, if nothing was sent, that nothing was written. */
  readonly patienceMs: number;
  readonly probe?: LedgerProbe | undefined;
}

/** Writes appends: those to one stream one after the other and gathered, those to different streams at once. */
export interface Writer {
  /** Throws `LedgerBusy` when nothing more may wait, or `LedgerCorrupt` once that has stopped the writer. */
  submit(append: Omit<PendingAppend, 'state' | 'resolve' | 'reject'>): Promise<Appended>;
  /** Appends that wait or run. */
  readonly queued: number;
  /** Takes nothing more and finishes what it has; what is in doubt then is given up when its callers have heard so. */
  close(): Promise<void>;
}

export function streamWriter(options: WriterOptions): Writer {
  const queue = appendQueue<PendingAppend>({ appends: options.queueLimit, bytes: options.queueBytes });
  const busy = new Set<StreamName>();
  /** Appends that were taken out of the queue and whose callers have not heard. */
  const running = new Set<PendingAppend>();
  const doubts = new WeakMap<PendingAppend, unknown>();
  /** Appends that failed, rather than being refused. */
  const failures = new WeakMap<PendingAppend, 'unknown' | 'not-written'>();
  /** Tells that an append's group is in doubt, while it goes on. */
  const inDoubt = new WeakMap<PendingAppend, () => void>();
  const background = new Set<Promise<unknown>>();
  let parked = 0;
  let closing = false;
  let corrupt: LedgerCorrupt | undefined;
  let awake = false;
  /** Milliseconds that an append took lately; what a caller is told to wait is made of it. */
  let pace = 1;
  let onIdle = (): void => {};

  const deps: GroupRunDeps = {
    ...options,
    closing: () => closing,
    park,
    inBackground,
    doubted: (appends, cause) => {
      for (const append of appends) doubts.set(append, cause);
    },
  };

  const queued = (): number => queue.size + running.size + parked;

  function inBackground(work: Promise<unknown>): void {
    const done: Promise<unknown> = work
      .catch(() => {})
      .finally(() => {
        background.delete(done);
        idle();
      });
    background.add(done);
  }

  function idle(): void {
    if (queued() === 0 && busy.size === 0 && background.size === 0) onIdle();
  }

  /** Whatever is appended in this turn of the event loop is gathered. */
  function wake(): void {
    if (awake) return;
    awake = true;
    setImmediate(() => {
      awake = false;
      while (busy.size < options.concurrency) {
        const first = queue.first(({ stream }) => !busy.has(stream));
        if (first === undefined) break;
        const group = queue.takeGroup(({ stream }) => stream === first.stream);
        busy.add(first.stream);
        void run(first.stream, group);
      }
      idle();
    });
  }

  async function run(stream: StreamName, group: readonly PendingAppend[]): Promise<void> {
    const began = performance.now();
    let told = false;
    const doubt = (): void => {
      if (!told) tell(group, 'unknown', 0, began);
      told = true;
    };
    for (const append of group) {
      running.add(append);
      inDoubt.set(append, doubt);
    }
    try {
      if (corrupt !== undefined) throw corrupt;
      const written = await runGroup(deps, stream, group);
      const outcome = outcomeOf(group, written?.recorded.length ?? 0);
      // A group that was in doubt has been told so; what became of it, if that is known, is another try.
      if (outcome === 'unknown') doubt();
      else tell(group, outcome, written?.recorded.length ?? 0, began);
      told = true;
      // The stream is free for what waits; its callers wait until others were looked at.
      if (written !== undefined) inBackground(settleGroup(deps, stream, written));
    } catch (error) {
      for (const append of group) if (running.has(append)) append.reject(error);
    }
    pace = 0.8 * pace + (0.2 * (performance.now() - began)) / (group.length * Math.max(1, busy.size));
    busy.delete(stream);
    wake();
  }

  function park(append: PendingAppend, ms: number): void {
    running.delete(append);
    parked += 1;
    append.patienceMs -= ms;
    setTimeout(() => {
      parked -= 1;
      if (append.state === 'waiting') queue.giveBack(append);
      wake();
    }, ms);
  }

  /** A group of which all were refused was seen to, as it is where their refusal is a transaction. */
  function outcomeOf(group: readonly PendingAppend[], recorded: number): GroupTried['outcome'] {
    const failed = recorded > 0 ? [] : group.flatMap((append) => failures.get(append) ?? []);
    return failed.includes('unknown') ? 'unknown' : (failed[0] ?? 'committed');
  }

  function tell(
    group: readonly PendingAppend[],
    outcome: GroupTried['outcome'],
    recorded: number,
    beganMs: number,
  ): void {
    const spans = group.flatMap(({ within }): Span[] => (within === undefined ? [] : [within]));
    options.probe?.groupTried({
      engine: 'eventstore',
      outcome,
      appends: group.length,
      recorded,
      events: group.reduce((sum, { events }) => sum + events.length, 0),
      bytes: group.reduce((sum, { bytes }) => sum + bytes, 0),
      beganMs,
      endedMs: performance.now(),
      spans,
    });
  }

  /** A caller hears once. What runs for it goes on all the same, until it is known. */
  function pending(
    append: Omit<PendingAppend, 'state' | 'resolve' | 'reject'>,
    resolve: (appended: Appended) => void,
    reject: (fault: unknown) => void,
  ): PendingAppend {
    const answer = (how: () => void): void => {
      if (whole.state === 'answered') return;
      whole.state = 'answered';
      clearTimeout(timer);
      running.delete(whole);
      how();
    };
    const whole: PendingAppend = {
      ...append,
      state: 'waiting',
      resolve: (appended) => answer(() => resolve(appended)),
      reject: (fault) => {
        if (fault instanceof LedgerCorrupt) corrupt ??= fault;
        if (whole.state !== 'answered' && !isRefusal(fault))
          failures.set(whole, fault instanceof AppendUnknown ? 'unknown' : 'not-written');
        answer(() => reject(fault));
      },
    };
    const timer = setTimeout(() => {
      queue.remove(whole);
      const why = doubts.get(whole) ?? noAnswer();
      if (whole.state === 'sent') inDoubt.get(whole)?.();
      whole.reject(whole.state === 'sent' ? new AppendUnknown(unavailable(why)) : unavailable(why));
      idle();
    }, options.patienceMs);
    return whole;
  }

  return {
    submit: (append) =>
      new Promise((resolve, reject) => {
        if (corrupt !== undefined) throw corrupt;
        if (closing) throw new LedgerBusy(1000);
        const whole = pending(append, resolve, reject);
        if (queue.offer(whole)) return wake();
        whole.reject(new LedgerBusy(Math.min(5000, Math.max(50, Math.ceil(queued() * pace)))));
      }),
    get queued() {
      return queued();
    },
    close: async () => {
      closing = true;
      if (queued() === 0 && busy.size === 0 && background.size === 0) return;
      await new Promise<void>((resolve) => {
        onIdle = resolve;
      });
    },
  };
}

/** The ledger did what it is there for, and said no. */
const isRefusal = (fault: unknown): boolean =>
  fault instanceof AppendConflict || fault instanceof AppendOvertaken || fault instanceof AppendTooLarge;
