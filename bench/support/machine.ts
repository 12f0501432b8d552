import { availableParallelism, cpus, totalmem } from 'node:os';

/** What figures mean nothing without. */
export interface Machine {
  readonly cores: number;
  readonly cpu: string;
  readonly memoryGiB: number;
  readonly node: string;
  readonly postgres: string;
  readonly eventStore?: string;
  /** The UTC day. */
  readonly date: string;
}

export function describeMachine({
  postgres,
  eventStore,
}: {
  readonly postgres: string;
  readonly eventStore?: string;
}): Machine {
  return {
    cores: availableParallelism(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    postgres,
    ...(eventStore === undefined ? {} : { eventStore }),
    date: new Date().toISOString().slice(0, 10),
  };
}
