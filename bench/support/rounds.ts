import { isFault } from '../../src/kernel/fault.ts';

/** What a contender did in one round. Must survive JSON: it may come from another process. */
export interface Round {
  /** Answers (or events, where the contender counts those) within the measured time. */
  readonly done: number;
  readonly seconds: number;
  /** One entry an answer, in milliseconds; empty where it makes no sense. */
  readonly latenciesMs: readonly number[];
  /** What went wrong, such as `busy`. One entry voids the whole row. */
  readonly failures: readonly string[];
}

/** One row of a bench's answer. Rates are medians over the rounds; times of an answer are medians of each round's percentile. */
export interface Row {
  readonly callers: number;
  readonly perSecond: number;
  readonly baselinePerSecond: number;
  /** What the machine gives without the work that the subject must do; null where there is no such thing. */
  readonly ceilingPerSecond: number | null;
  /** `perSecond / baselinePerSecond`. */
  readonly ratio: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly baselineP50Ms: number;
  readonly baselineP99Ms: number;
}

/** Those who are measured against each other at one number of callers; each function runs one round. */
export interface Contest {
  readonly callers: number;
  readonly subject: () => Promise<Round>;
  readonly baseline: () => Promise<Round>;
  readonly ceiling?: () => Promise<Round>;
}

/** A row that does not count, and why. */
export interface VoidRow {
  readonly callers: number;
  readonly void: string;
}

/** In the full run; the quick one has one, which shows that everything works and no more. */
export const FULL_ROUNDS = 5;

type Name = 'subject' | 'baseline' | 'ceiling';

/**
 * Runs the rounds interleaved: in every round each contender has its turn, and another one begins, so that what else the machine
 * does in that minute meets them alike. One failed or `busy` answer of anybody voids the row, and ends it there.
 */
export async function runContest(
  contest: Contest,
  rounds: number,
  talk: (line: string) => void,
): Promise<Row | VoidRow> {
  const { callers, subject, baseline, ceiling } = contest;
  const contenders: (readonly [Name, () => Promise<Round>])[] = [
    ['subject', subject],
    ['baseline', baseline],
  ];
  if (ceiling !== undefined) contenders.push(['ceiling', ceiling]);
  const results: Record<Name, Round[]> = { subject: [], baseline: [], ceiling: [] };
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < contenders.length; turn++) {
      const [name, run] = contenders[(round + turn) % contenders.length] as (typeof contenders)[number];
      const result = await run();
      results[name].push(result);
      if (result.failures.length > 0) return { callers, void: `${name}: ${result.failures.join(', ')}` };
      if (result.done === 0) return { callers, void: `${name}: nothing was done` };
    }
    const said = contenders.map(([name]) => `${name} ${rate(results[name].at(-1) as Round).toFixed(0)}/s`);
    talk(`${callers} callers, round ${round + 1} of ${rounds}: ${said.join(', ')}`);
  }
  const perSecond = median(results.subject.map(rate));
  const baselinePerSecond = median(results.baseline.map(rate));
  const latency = (name: Name, share: number): number =>
    rounded(median(results[name].map(({ latenciesMs }) => percentile(latenciesMs, share))));
  return {
    callers,
    perSecond: rounded(perSecond),
    baselinePerSecond: rounded(baselinePerSecond),
    ceilingPerSecond: ceiling === undefined ? null : rounded(median(results.ceiling.map(rate))),
    ratio: rounded(perSecond / baselinePerSecond),
    p50Ms: latency('subject', 0.5),
    p99Ms: latency('subject', 0.99),
    baselineP50Ms: latency('baseline', 0.5),
    baselineP99Ms: latency('baseline', 0.99),
  };
}

export interface Load {
  readonly callers: number;
  /** The measured time; before it the same load runs unmeasured for `warmUpMs`. */
  readonly ms: number;
  readonly warmUpMs: number;
  /** One call, by the caller of that number (from 0); it is over when its answer is there. */
  readonly call: (caller: number) => Promise<unknown>;
}

/**
 * A closed loop: each caller sends its next call when the last one is answered. Counts what was answered within the measured time. The
 * first failure ends the round.
 */
export async function runCallers({ callers, ms, warmUpMs, call }: Load): Promise<Round> {
  const from = performance.now() + warmUpMs;
  const until = from + ms;
  const latenciesMs: number[] = [];
  const failures: string[] = [];
  const caller = async (n: number): Promise<void> => {
    while (failures.length === 0) {
      const asked = performance.now();
      if (asked >= until) return;
      try {
        await call(n);
        const answered = performance.now();
        if (answered < from || answered >= until) continue;
        latenciesMs.push(answered - asked);
      } catch (error) {
        failures.push(isFault(error) ? error.code : String(error));
      }
    }
  };
  await Promise.all(Array.from({ length: callers }, (_, n) => caller(n)));
  return { done: latenciesMs.length, seconds: ms / 1000, latenciesMs, failures: failures.slice(0, 1) };
}

export const rate = ({ done, seconds }: Round): number => done / seconds;

/** NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  const [low, high] = [sorted[half - 1], sorted[half] ?? Number.NaN];
  return sorted.length % 2 === 1 || low === undefined ? high : (low + high) / 2;
}

/** The smallest value that so large a share of the values does not exceed; 0 of nothing. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

/** Three digits that count; more would be noise. Whole numbers stay whole. */
const rounded = (value: number): number => (Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3)));
