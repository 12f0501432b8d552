import { setTimeout as sleep } from 'node:timers/promises';
import type { Platform } from '../../src/app/api.ts';
import type { Outcome } from '../../src/app/outcome.ts';
import { isFault } from '../../src/kernel/fault.ts';
import type { StreamName } from '../../src/kernel/id.ts';
import { terms, type World } from '../support/people.ts';
import { type Appending, append, PASSING } from './appending.ts';

/**
 * Who works while something fails: commands that are the same whenever they are sent, and gated reads of residents who permit them.
 * All of it can be told to another process.
 */
export interface Work extends Omit<Appending, 'count'> {
  readonly residents: readonly (Appending['residents'][number] & { readonly stream: StreamName })[];
}

/** What a worker was told, or not told. `ms`: how long it waited for that. */
export type Entry =
  | { readonly kind: 'begun'; readonly n: number }
  | { readonly kind: 'command'; readonly n: number; readonly outcome: Outcome<unknown>; readonly ms: number }
  | {
      readonly kind: 'read';
      readonly stream: StreamName;
      readonly event: string;
      readonly records: number;
      readonly ms: number;
    }
  | { readonly kind: 'refused-read'; readonly code: string }
  | { readonly kind: 'fault'; readonly of: 'command' | 'read'; readonly code: string; readonly ms: number };

export interface Journal {
  /** Commands 0 to this have been sent, some of them more than once. */
  begun: number;
  readonly acknowledged: Map<number, Outcome<unknown>>;
  readonly reads: Extract<Entry, { kind: 'read' }>[];
  readonly refusedReads: string[];
  readonly faults: Extract<Entry, { kind: 'fault' }>[];
  /** Reads whose asker was killed before it heard anything. */
  cutOff: number;
  /** The longest that anybody waited for any answer. */
  slowestMs: number;
}

export const emptyJournal = (): Journal => ({
  begun: 0,
  acknowledged: new Map(),
  reads: [],
  refusedReads: [],
  faults: [],
  cutOff: 0,
  slowestMs: 0,
});

export function enter(journal: Journal, entry: Entry): void {
  if ('ms' in entry) journal.slowestMs = Math.max(journal.slowestMs, entry.ms);
  switch (entry.kind) {
    case 'begun':
      journal.begun = Math.max(journal.begun, entry.n + 1);
      return;
    case 'command':
      journal.acknowledged.set(entry.n, entry.outcome);
      return;
    case 'read':
      journal.reads.push(entry);
      return;
    case 'refused-read':
      journal.refusedReads.push(entry.code);
      return;
    case 'fault':
      journal.faults.push(entry);
  }
}

/** One doctor of one hospital, residents who let that hospital read, and a record of each. */
export async function workOf(world: World, name: string, count: number): Promise<Work> {
  const hospital = await world.hospital();
  const doctor = await world.doctor(hospital);
  const given = terms(hospital);
  const residents: Work['residents'][number][] = [];
  for (let i = 0; i < count; i++) {
    const { code, caller, stream } = await world.resident();
    const resident = { label: caller.actor.label, stream, code, caller, document: { type: '03', number: '' } };
    await world.grant(resident, given);
    await world.record(doctor, resident);
    residents.push({ code, caller, stream });
  }
  return { name, office: world.office, doctor: doctor.caller, given, residents };
}

/** Between an answer and the next question: it is faults that are looked for, not the pace. */
const PAUSE_MS = 20;

export interface Working {
  readonly journal: Journal;
  /** Resolves when so many more commands and so many more reads were answered; throws when that takes longer. */
  progress(more: number, withinMs: number): Promise<void>;
  /** Begins nothing more; resolves when what was begun is answered, each command until it is done. */
  stop(): Promise<void>;
}

interface Workers {
  readonly writers: number;
  readonly readers: number;
  /** The first command's number. */
  readonly from?: number;
}

/** Works on the platform until it is told to stop. Whoever meets a fault that passes sends the same again, as its text says. */
export function startWork(
  platform: Platform,
  work: Work,
  { writers, readers, from = 0 }: Workers,
  told: (entry: Entry) => void = () => {},
): Working {
  const journal = emptyJournal();
  const tell = (entry: Entry): void => {
    enter(journal, entry);
    told(entry);
  };
  let next = from;
  let stopping = false;

  /** The answer, or undefined after a fault that passes. */
  async function tried<T>(
    of: 'command' | 'read',
    send: () => Promise<T>,
  ): Promise<{ answer: T; ms: number } | undefined> {
    const began = performance.now();
    try {
      const answer = await send();
      return { answer, ms: performance.now() - began };
    } catch (error) {
      if (!isFault(error) || !PASSING.test(error.code)) throw error;
      tell({ kind: 'fault', of, code: error.code, ms: performance.now() - began });
      await sleep(30);
      return undefined;
    }
  }

  async function writer(): Promise<void> {
    while (!stopping) {
      const n = next++;
      tell({ kind: 'begun', n });
      for (;;) {
        const done = await tried('command', () => append(platform, work, n));
        if (done === undefined) continue;
        tell({ kind: 'command', n, outcome: done.answer, ms: done.ms });
        break;
      }
      await sleep(PAUSE_MS);
    }
  }

  async function reader(at: number): Promise<void> {
    for (let turn = at; !stopping; turn++) {
      const { code, caller, stream } = work.residents[turn % work.residents.length] as Work['residents'][number];
      const done = await tried('read', () =>
        turn % 2 === 0
          ? platform.openRecords(work.doctor as never, { code, purpose: 'TREAT' })
          : platform.myRecords(caller as never, {}),
      );
      if (done === undefined) continue;
      const { answer, ms } = done;
      if (answer.kind === 'refusal') tell({ kind: 'refused-read', code: answer.code });
      else tell({ kind: 'read', stream, event: answer.value.event, records: answer.value.records.length, ms });
      await sleep(PAUSE_MS);
    }
  }

  const all = Promise.all([
    ...Array.from({ length: writers }, writer),
    ...Array.from({ length: readers }, (_, i) => reader(i)),
  ]);
  // A worker that meets a bug ends; whoever waits for progress or the end hears of it.
  all.catch(() => {});

  return {
    journal,
    progress: async (more, withinMs) => {
      const [commands, reads] = [journal.acknowledged.size + more, journal.reads.length + more];
      const deadline = performance.now() + withinMs;
      while (journal.acknowledged.size < commands || (readers > 0 && journal.reads.length < reads)) {
        if (performance.now() > deadline) {
          const last = journal.faults.slice(-5).map(({ of, code }) => `${of} ${code}`);
          throw new Error(`no ${more} more answers within ${withinMs} ms; the last faults: ${last.join(', ')}`);
        }
        await Promise.race([sleep(10), all]);
      }
    },
    stop: async () => {
      stopping = true;
      await all;
    },
  };
}
