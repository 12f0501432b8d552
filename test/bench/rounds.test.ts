import { describe, expect, it } from 'vitest';
import { type Round, runCallers, runContest } from '../../bench/support/rounds.ts';
import { LedgerBusy } from '../../src/ledger/faults.ts';

const silent = (): void => {};
const round = (done: number, over: Partial<Round> = {}): Round => ({
  done,
  seconds: 2,
  latenciesMs: [3, 1, 2],
  failures: [],
  ...over,
});
/** Gives the rounds one after the other and notes whose turn it was. */
const turns = (rounds: readonly Round[], name: string, order: string[] = []) => {
  let at = 0;
  return async () => {
    order.push(name);
    return rounds[at++] as Round;
  };
};

describe('a contest', () => {
  it('tells medians over its rounds, and their ratio', async () => {
    const contest = {
      callers: 16,
      subject: turns([round(2_000), round(9_000), round(4_000)], 'subject'),
      baseline: turns(
        [round(1_000, { latenciesMs: [9, 8, 7] }), round(500), round(100, { latenciesMs: [9] })],
        'baseline',
      ),
      ceiling: turns([round(20_000), round(10_000), round(40_000)], 'ceiling'),
    };
    expect(await runContest(contest, 3, silent)).toEqual({
      callers: 16,
      perSecond: 2_000,
      baselinePerSecond: 250,
      ceilingPerSecond: 10_000,
      ratio: 8,
      p50Ms: 2,
      p99Ms: 3,
      baselineP50Ms: 8,
      baselineP99Ms: 9,
    });
  });

  it('gives everybody a turn in every round, and lets another one begin', async () => {
    const order: string[] = [];
    const rounds = [round(1), round(1), round(1)];
    const names = ['subject', 'baseline', 'ceiling'] as const;
    const [subject, baseline, ceiling] = names.map((name) => turns(rounds, name, order));
    if (subject === undefined || baseline === undefined || ceiling === undefined) throw new Error('three names');
    await runContest({ callers: 1, subject, baseline, ceiling }, 3, silent);
    expect([0, 3, 6].map((at) => new Set(order.slice(at, at + 3)).size)).toEqual([3, 3, 3]);
    expect([order[0], order[3], order[6]]).toEqual(names);
  });

  it.each(['subject', 'baseline', 'ceiling'] as const)('is void after one failed answer of the %s', async (loser) => {
    const failing = [round(5), round(5, { failures: ['busy'] })];
    const rounds = (name: string) => turns(name === loser ? failing : [round(5), round(5)], name);
    const contest = {
      callers: 4,
      subject: rounds('subject'),
      baseline: rounds('baseline'),
      ceiling: rounds('ceiling'),
    };
    expect(await runContest(contest, 2, silent)).toEqual({ callers: 4, void: `${loser}: busy` });
  });

  it('is void when somebody did nothing, which is no rate to divide by', async () => {
    const contest = { callers: 4, subject: turns([round(5)], 'subject'), baseline: turns([round(0)], 'baseline') };
    expect(await runContest(contest, 1, silent)).toEqual({ callers: 4, void: 'baseline: nothing was done' });
  });
});

describe('callers', () => {
  it('ask again when they are answered, each by itself, and only what is answered in time counts', async () => {
    let [under, most, answered] = [0, 0, 0];
    const call = async () => {
      most = Math.max(most, ++under);
      await new Promise((resolve) => setTimeout(resolve, 5));
      under -= 1;
      answered += 1;
    };
    const result = await runCallers({ callers: 3, ms: 150, warmUpMs: 100, call });
    expect(most).toBe(3);
    expect(result).toMatchObject({ seconds: 0.15, failures: [], done: result.latenciesMs.length });
    expect(result.done).toBeGreaterThan(0);
    expect(result.done).toBeLessThan(answered);
    expect(Math.min(...result.latenciesMs)).toBeGreaterThan(4);
  });

  it('stop at the first failure, which is told by its code', async () => {
    let calls = 0;
    const call = async () => {
      calls += 1;
      if (calls === 7) throw new LedgerBusy(50);
    };
    expect(await runCallers({ callers: 1, ms: 60_000, warmUpMs: 0, call })).toMatchObject({
      failures: ['busy'],
    });
    expect(calls).toBe(7);
  });
});
