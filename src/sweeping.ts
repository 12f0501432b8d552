import type { Logger } from 'pino';
import type { Probe } from './kernel/probe.ts';

const SWEEP_EVERY_MS = 3_600_000;

/** Contents whose event never came are swept at start and every hour. What is given back ends that, when the sweep that runs has ended. */
export function startSweeping({
  sweep,
  probe,
  log,
}: {
  readonly sweep: () => Promise<{ readonly deleted: number }>;
  readonly probe: Probe;
  readonly log: Logger;
}): () => Promise<void> {
  let running: Promise<void> = Promise.resolve();
  const start = (): void => {
    running = sweep().then(
      ({ deleted }) => {
        probe.swept('done', deleted);
        if (deleted > 0) log.info({ deleted }, 'contents without an event were swept');
      },
      (error: unknown) => {
        probe.swept('failed', 0);
        log.warn({ err: error }, 'the sweep of contents will be tried again');
      },
    );
  };
  start();
  const timer = setInterval(start, SWEEP_EVERY_MS);
  return async () => {
    clearInterval(timer);
    await running;
  };
}
