import { answer, asNodeProcess, isProgram } from '../support/node-process.ts';
import { startWork, type Work } from './workload.ts';

/** A process of its own that works, read tables and all, until it is killed, and says all that it is told (killed.ts starts it). */
export interface WorkOrder {
  readonly work: Work;
  readonly writers: number;
  readonly readers: number;
}

if (isProgram(import.meta.url)) {
  await asNodeProcess<WorkOrder>(
    async ({ platform }, { work, writers, readers }, next) => {
      const working = startWork(platform, work, { writers, readers }, answer);
      await next();
      await working.stop();
    },
    { project: true },
  );
}
