import { answerParent } from './child.ts';
import { openBenchNode } from './server.ts';

/**
 * A process that keeps the read tables of the node that its environment names: `startChild(bench, PROJECTOR, database.environment)`.
 * `ready` answers once it works; `caughtUp` says within how many milliseconds from the question they showed all that stood in the
 * ledger then, or null when `withinMs` passed.
 */
const opened = openBenchNode(process.env);

answerParent({
  ready: async () => void (await opened),
  caughtUp: async (withinMs: number) => {
    const { app } = await opened;
    const asked = performance.now();
    const end = await app.ledger.end();
    if (end !== undefined && !(await app.projected.waitFor(end, withinMs))) return null;
    return performance.now() - asked;
  },
  end: async () => (await opened).close(),
});
