import { randomUUID } from 'node:crypto';
import { checkCommit, type Expected } from './commit-check.ts';
import { DELETED, type EventLog } from './event-log.ts';
import type { LogFile } from './log-file.ts';
import type { LogRecord, UnplacedRecord } from './record.ts';

/** An event as a client proposes it; its id parsed, lower case. */
export interface Proposed {
  readonly id: string;
  readonly type: string;
  readonly json: boolean;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

export interface Write {
  readonly stream: string;
  readonly expected: Expected;
  readonly what:
    | { readonly kind: 'append'; readonly events: readonly Proposed[] }
    | { readonly kind: 'soft-delete' }
    | { readonly kind: 'tombstone' };
}

/** `revision` and `position` are those of the last event; a deletion's are those of what it wrote. */
export type Outcome =
  | { readonly kind: 'written'; readonly revision: bigint; readonly position: bigint }
  | { readonly kind: 'wrong-expected-version'; readonly current: bigint }
  | { readonly kind: 'stream-deleted' }
  /** The server waited too long for its own disk: written or not, sooner or later. */
  | { readonly kind: 'timeout' };

/** The server's one writer: takes writes in the order in which they came, stores a group of them at once, then answers each. */
export interface Writer {
  write(write: Write): Promise<Outcome>;
  /** `store`: what comes waits and is not stored; `answer`: it is stored and nobody is told. Until `release`. */
  hold(what: 'store' | 'answer'): void;
  release(): void;
  /** Ends without another answer. What waits is stored, or lost; everything else that was taken is stored. */
  crash(waiting: 'stored' | 'lost'): Promise<void>;
}

/** How long a real server's request lives. */
const COMMIT_TIMEOUT_MS = 2_000;
const TICKS_PER_MS = 10_000n;

export function writer(
  log: EventLog,
  file: LogFile | undefined,
  committed: (records: readonly LogRecord[]) => void,
): Writer {
  const seenIds = new Map<string, LogRecord>();
  const queue: { readonly write: Write; readonly answer: (outcome: Outcome) => void }[] = [];
  let held: 'store' | 'answer' | undefined;
  let unanswered: (() => void)[] = [];
  let running: Promise<void> | undefined;
  let dead = false;

  const take = (record: UnplacedRecord): { record: LogRecord; bytes: Buffer } => {
    const taken = log.take(record);
    seenIds.set(record.id, taken.record);
    return taken;
  };

  const carryOut = ({ stream, expected, what }: Write): { readonly outcome: Outcome; readonly bytes: Buffer[] } => {
    const ids = what.kind === 'append' ? what.events.map((event) => event.id) : [randomUUID()];
    const check = checkCommit(log, seenIds, stream, expected, ids);
    if (check.kind === 'wrong-expected-version' || check.kind === 'stream-deleted')
      return { outcome: check, bytes: [] };
    if (check.kind === 'already') {
      const { revision, position } = check.record;
      return { outcome: { kind: 'written', revision, position }, bytes: [] };
    }
    // Nothing of that name is there to be deleted.
    if (what.kind === 'soft-delete' && check.revision < 0n && log.lastTaken(`$$${stream}`) < 0n) {
      return { outcome: { kind: 'wrong-expected-version', current: -1n }, bytes: [] };
    }
    const taken = recordsFor(log, stream, what, check.revision, check.softDeleted).map(take);
    const main = taken[what.kind === 'append' ? Math.max(what.events.length, 1) - 1 : 0]?.record;
    const revision = what.kind === 'append' ? check.revision + BigInt(what.events.length) : (main?.revision ?? 0n);
    return {
      outcome: { kind: 'written', revision, position: main?.position ?? 0n },
      bytes: taken.map(({ bytes }) => bytes),
    };
  };

  const run = async (): Promise<void> => {
    // Whatever comes in the same turn is one group.
    await new Promise((resolve) => setImmediate(resolve));
    while (queue.length > 0 && held !== 'store') {
      const group = queue.splice(0).map(({ write, answer }) => ({ answer, ...carryOut(write) }));
      const bytes = Buffer.concat(group.flatMap((member) => member.bytes));
      // Stopping here: nothing of the group was answered, and any of its first appends may be whole in the file.
      if (bytes.length > 0) await file?.write(bytes);
      const records = log.durable();
      const answers = group.map(({ answer, outcome }) => (): void => {
        if (!dead) answer(outcome);
      });
      if (held === 'answer') unanswered.push(...answers);
      else for (const tell of answers) tell();
      if (!dead) committed(records);
    }
  };
  const start = (): void => {
    if (running !== undefined || held === 'store' || queue.length === 0) return;
    running = run().finally(() => {
      running = undefined;
      start();
    });
  };

  return {
    write: (write) =>
      new Promise((resolve) => {
        const timer = setTimeout(() => resolve({ kind: 'timeout' }), COMMIT_TIMEOUT_MS).unref();
        const answer = (outcome: Outcome): void => {
          clearTimeout(timer);
          resolve(outcome);
        };
        if (dead) clearTimeout(timer);
        else queue.push({ write, answer });
        start();
      }),
    hold: (what) => {
      held = what;
    },
    release: () => {
      held = undefined;
      for (const tell of unanswered) tell();
      unanswered = [];
      start();
    },
    crash: async (waiting) => {
      dead = true;
      held = undefined;
      if (waiting === 'lost') queue.length = 0;
      start();
      while (running !== undefined) await running;
      await file?.close();
    },
  };
}

/** The records that a write leaves, the first of them the write's own; then what wakes a softly deleted stream up again. */
function recordsFor(
  log: EventLog,
  stream: string,
  what: Write['what'],
  current: bigint,
  softDeleted: boolean,
): UnplacedRecord[] {
  if (what.kind === 'tombstone') {
    return whole([{ ...made(stream, DELETED, '$streamDeleted', new Uint8Array()), json: false }]);
  }
  const meta = `$$${stream}`;
  const metadata = (truncateBefore: bigint): UnplacedRecord =>
    made(meta, log.lastTaken(meta) + 1n, '$metadata', Buffer.from(`{"$tb":${truncateBefore}}`));
  if (what.kind === 'soft-delete') return whole([metadata(DELETED)]);
  const events = what.events.map(
    (event, i): UnplacedRecord => ({ ...made(stream, current + BigInt(i) + 1n, event.type, event.data), ...event }),
  );
  const records = events.length === 0 ? [{ ...made(stream, current, '', new Uint8Array()), visible: false }] : events;
  return whole(softDeleted ? [...records, metadata(current + 1n)] : records);
}

function made(stream: string, revision: bigint, type: string, data: Uint8Array): UnplacedRecord {
  return {
    stream,
    revision,
    id: randomUUID(),
    type,
    json: true,
    data,
    metadata: new Uint8Array(),
    created: BigInt(Date.now()) * TICKS_PER_MS,
    visible: true,
    last: false,
  };
}

function whole(records: readonly UnplacedRecord[]): UnplacedRecord[] {
  return records.map((record, i) => ({ ...record, last: i === records.length - 1 }));
}
