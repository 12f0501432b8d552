import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/**
 * Everything that is counted while it happens. Labels are of bounded sets: operations, codes, outcomes, kinds of event; never an id, a
 * health code, a name or what somebody sent (a test looks). Numbers that somebody else counts already are in `gauges.ts`.
 */
export type Metrics = ReturnType<typeof createMetrics>;

/** Seconds. From a fifth of a commit on a fast disk to what a caller gives up after. */
const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const COUNTS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];

export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Counter({ name, help, labelNames, registers });
  /** A counter whose series stand at 0 from the start, so that the first one is an increase too. */
  const known = <L extends string>(name: string, help: string, label: L, values: readonly string[]) => {
    const made = counter(name, help, [label]);
    for (const value of values) made.inc({ [label]: value } as Record<L, string>, 0);
    return made;
  };
  const histogram = <L extends string>(name: string, help: string, labelNames: readonly L[], buckets: number[]) =>
    new Histogram({ name, help, labelNames, buckets, registers });
  collectDefaultMetrics({ register: registry });

  return {
    registry,
    requests: histogram(
      'hrl_http_request_seconds',
      'HTTP requests of the API until their answer was out. status is "aborted" when the caller went away.',
      ['path', 'status'],
      SECONDS,
    ),
    operations: histogram(
      'hrl_operation_seconds',
      'Calls of the platform. outcome is "answered", a refusal included, or the code of the fault that was told.',
      ['operation', 'outcome'],
      SECONDS,
    ),
    phases: histogram(
      'hrl_phase_seconds',
      'Parts of a call: decide, claim, plan, append (queue and commit included), open.',
      ['phase'],
      SECONDS,
    ),
    refusals: counter('hrl_refusals_total', 'Calls to which a rule said no, by the reason that the trail has.', [
      'operation',
      'code',
    ]),
    accesses: known('hrl_accesses_total', 'Access events made durable, by what they say.', 'outcome', [
      'permitted',
      'denied',
      'missed',
      'log-read',
      'withheld',
    ]),
    rateLimited: counter('hrl_rate_limited_total', 'Calls beyond RATE_LIMIT_PER_MINUTE.', ['operation']),
    tokensRefused: known('hrl_tokens_refused_total', 'Requests whose token was not accepted.', 'reason', [
      'absent',
      'malformed',
      'invalid',
      'expired',
      'unknown-actor',
    ]),
    groups: histogram(
      'hrl_ledger_group_seconds',
      'Tries to write one group of appends: lock, judge, write, commit.',
      ['engine', 'outcome'],
      SECONDS,
    ),
    groupAppends: histogram('hrl_ledger_group_appends', 'Appends gathered in one group.', ['engine'], COUNTS),
    lock: histogram(
      'hrl_ledger_lock_seconds',
      'Wait for the lock on the head of the ledger, and reading what the group is judged by.',
      [],
      SECONDS,
    ),
    commit: histogram('hrl_ledger_commit_seconds', 'Writing a group and its COMMIT, disk included.', [], SECONDS),
    appends: counter('hrl_ledger_appends_total', 'Appends that were judged: recorded, or not (conflicts, outages).', [
      'engine',
      'outcome',
    ]),
    events: counter('hrl_ledger_events_total', 'Events that were recorded.', ['engine']),
    bytes: counter('hrl_ledger_sealed_bytes_total', 'Sealed bytes of events that were recorded.', ['engine']),
    batches: histogram('hrl_projector_batch_seconds', 'Projecting one batch of events.', [], SECONDS),
    batchEvents: histogram('hrl_projector_batch_events', 'Events in one batch of the projector.', [], COUNTS),
    projectorReports: known('hrl_projector_reports_total', 'What happened to the projector of this process.', 'what', [
      'lease-taken',
      'lease-lost',
      'retrying',
      'stopped',
    ]),
    sweeps: known('hrl_content_sweeps_total', 'Sweeps of contents whose event never came.', 'outcome', [
      'done',
      'failed',
    ]),
    swept: counter('hrl_content_swept_total', 'Contents without an event that were deleted.'),
    databaseAnswers: histogram(
      'hrl_database_answer_seconds',
      'Asking the database for its time, which is done every second.',
      [],
      SECONDS,
    ),
    databaseFailures: counter('hrl_database_failures_total', 'Times that the database did not tell its time.'),
    databaseUp: new Gauge({
      name: 'hrl_database_up',
      help: '1 when the database told its time when it was last asked, 0 when it did not.',
      registers,
    }),
    clockSteps: known(
      'hrl_clock_steps_total',
      'Times that the clock of the database was more than half a second away from where it had to be.',
      'direction',
      ['forward', 'back'],
    ),
    clockOff: new Gauge({
      name: 'hrl_clock_off_seconds',
      help: 'How far the clock of the database was from where it was believed to be, when it was last asked.',
      registers,
    }),
    spans: known(
      'hrl_trace_spans_total',
      'Spans that were sent to the collector of traces, or could not be.',
      'outcome',
      ['sent', 'lost'],
    ),
  };
}
