import { isFault } from '../kernel/fault.ts';
import type { Probe, Span } from '../kernel/probe.ts';
import type { Metrics } from './metrics.ts';
import type { Traces } from './traces.ts';

/** A clock that was set: NTP slews smaller differences, and a slow answer is left out before. */
const STEP_MS = 500;
const seconds = (ms: number): number => ms / 1000;

/** Counts what it is told, and traces it when there is somewhere to send traces to. */
export function telemetryProbe(metrics: Metrics, traces: Traces | undefined): Probe {
  /** Runs work under a span of its own, if there is one around it. */
  const run = async <T>(
    name: string,
    within: Span | undefined,
    work: (own: Span | undefined) => Promise<T>,
    ended: (ms: number, outcome: string) => void,
  ): Promise<T> => {
    const own = within === undefined ? undefined : traces?.child(name, within);
    const began = performance.now();
    let outcome = 'answered';
    try {
      return await work(own);
    } catch (error) {
      outcome = isFault(error) ? error.code : 'bug';
      throw error;
    } finally {
      ended(performance.now() - began, outcome);
      if (own !== undefined) traces?.end(own, outcome);
    }
  };

  return {
    requestBegan: (said, traceparent) => traces?.request(said, traceparent),
    requestEnded: ({ path }, status, ms, span) => {
      metrics.requests.observe({ path, status }, seconds(ms));
      if (span !== undefined) traces?.requestEnded(span, status);
    },
    operation: (operation, within, work) =>
      run(operation, within, work, (ms, outcome) => metrics.operations.observe({ operation, outcome }, seconds(ms))),
    phase: (phase, within, work) => run(phase, within, work, (ms) => metrics.phases.observe({ phase }, seconds(ms))),
    refused: (operation, code) => metrics.refusals.inc({ operation, code }),
    rateLimited: (operation) => metrics.rateLimited.inc({ operation }),
    tokenRefused: (reason) => metrics.tokensRefused.inc({ reason }),
    accessed: (type) => metrics.accesses.inc({ outcome: type.replace(/^access\.|@\d+$/g, '') }),

    groupTried: (group) => {
      const { engine, outcome, appends, recorded } = group;
      metrics.groups.observe({ engine, outcome }, seconds(group.endedMs - group.beganMs));
      metrics.groupAppends.observe({ engine }, appends);
      if (outcome === 'committed') {
        metrics.appends.inc({ engine, outcome: 'recorded' }, recorded);
        metrics.events.inc({ engine }, group.events);
        metrics.bytes.inc({ engine }, group.bytes);
      }
      metrics.appends.inc(
        { engine, outcome: outcome === 'unknown' ? 'unknown' : 'not-recorded' },
        outcome === 'committed' ? appends - recorded : appends,
      );
      traces?.group(group);
    },
    locked: (ms) => metrics.lock.observe(seconds(ms)),
    committed: (ms) => metrics.commit.observe(seconds(ms)),

    projected: (events, ms) => {
      metrics.batches.observe(seconds(ms));
      metrics.batchEvents.observe(events);
    },
    projectorReported: (what) => metrics.projectorReports.inc({ what }),
    swept: (outcome, deleted) => {
      metrics.sweeps.inc({ outcome });
      metrics.swept.inc(deleted);
    },
    clockMeasured: (tookMs, offMs) => {
      metrics.databaseUp.set(1);
      metrics.databaseAnswers.observe(seconds(tookMs));
      metrics.clockOff.set(seconds(offMs));
      if (Math.abs(offMs) > STEP_MS) metrics.clockSteps.inc({ direction: offMs > 0 ? 'forward' : 'back' });
    },
    clockFailed: () => {
      metrics.databaseUp.set(0);
      metrics.databaseFailures.inc();
    },
  };
}
