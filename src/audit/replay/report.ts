import { lateText } from '../verdict.ts';
import { differenceText } from './difference.ts';
import type { Replayed } from './replay.ts';

export interface ReplayReport extends Replayed {
  readonly processes: number;
  /** Wall clock, reading included. */
  readonly seconds: number;
}

const perSecond = ({ decisions, seconds }: ReplayReport): number => Math.round(decisions / Math.max(seconds, 0.001));

/** One JSON value; counts that may be large are decimal text. */
export function replayJson(report: ReplayReport): object {
  const { events, found, seconds, ...rest } = report;
  return {
    verdict: found === 0 ? 'every decision follows' : 'decisions differ',
    events: events.toString(),
    found,
    ...rest,
    seconds: Math.round(seconds * 1000) / 1000,
    decisionsPerSecond: perSecond(report),
  };
}

/** The same for people. */
export function replayText(report: ReplayReport): string {
  const { events, decisions, streams, expired, found, differences, notRecomputed, seconds } = report;
  const read = `${decisions} decisions of ${events} events in ${streams} streams`;
  const pace = `${seconds.toFixed(1)} s, ${perSecond(report)} decisions/s`;
  const said = found === 0 ? `every decision follows: ${read} (${pace})` : `${found} differences: ${read} (${pace})`;
  const hidden = found > differences.length ? [`… and ${found - differences.length} more`] : [];
  const ended = expired === 0 ? [] : [`${expired} events lawfully expired: their retained parts are past recomputing`];
  const late = lateText(report).slice(1);
  const left = notRecomputed.map(({ what, decisions: of, why }) => `  ${what} (${of}): ${why}`);
  return [
    said,
    ...differences.map(differenceText),
    ...hidden,
    ...ended,
    ...(late === '' ? [] : [late]),
    ...(left.length === 0 ? [] : ['not recomputed, in so many decisions:', ...left]),
  ].join('\n');
}
