import type { Config } from '../../src/config.ts';
import { startNodeProcess } from '../support/node-process.ts';
import type { WorkOrder } from './working-process.ts';
import { type Entry, emptyJournal, enter, type Journal, type Work } from './workload.ts';

/** A process at work that is to be killed. */
export interface Doomed {
  readonly pid: number;
  /** What it has been told so far; whole once `ended`. */
  readonly journal: Journal;
  /** Resolves when so many more commands were answered; throws when it ends before. */
  progress(more: number): Promise<void>;
  kill(): void;
  /** Resolves when it has ended and all that it said was read: null when it was killed. */
  readonly ended: Promise<number | null>;
}

export function startDoomed(config: Config, work: Work, { writers = 5, readers = 3 } = {}): Doomed {
  const order: WorkOrder = { work, writers, readers };
  const process = startNodeProcess('fault/working-process.ts', config, order);
  const journal = emptyJournal();
  const sleepers = new Set<() => void>();
  const wake = (): void => {
    for (const sleeper of sleepers) sleeper();
  };
  let over = false;
  const ended = (async () => {
    for await (const line of process.lines) {
      enter(journal, line as Entry);
      wake();
    }
    const code = await process.ended;
    // Whoever was reading had asked, and heard nothing.
    journal.cutOff = readers;
    over = true;
    wake();
    return code;
  })();
  return {
    pid: process.child.pid as number,
    journal,
    progress: async (more) => {
      const until = journal.acknowledged.size + more;
      while (journal.acknowledged.size < until) {
        if (over) throw new Error('it ended too early');
        await new Promise<void>((resolve) => {
          const done = (): void => {
            sleepers.delete(done);
            resolve();
          };
          sleepers.add(done);
        });
      }
    },
    kill: () => void process.child.kill('SIGKILL'),
    ended,
  };
}
