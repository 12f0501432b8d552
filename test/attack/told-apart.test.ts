import { describe, expect, it } from 'vitest';
import { compareTimes, quantile } from '../../bench/oracle/statistics.ts';
import { diceOf } from './dice.ts';

/** bench/oracle tells by these figures whether hidden codes are told apart; a figure that is always 0.5 would find nothing. */

describe('two sets of times', () => {
  it('are compared as by hand: Mann and Whitney’s tortoises and hares', () => {
    // T H H H H H T T T T T H: a tortoise comes in behind 0, then five times behind 5 of the six hares.
    const hares = [2, 3, 4, 5, 6, 12];
    const tortoises = [1, 7, 8, 9, 10, 11];
    const { likelihood, distance, medians } = compareTimes(hares, tortoises);
    expect(likelihood).toBeCloseTo(25 / 36, 12);
    expect(distance).toBeCloseTo(4 / 6, 12);
    expect(medians).toEqual([5, 9]);
  });

  it('that are one set are not told apart, ties and all', () => {
    const one = [1, 1, 2, 2, 2, 3, 5];
    expect(compareTimes(one, one)).toMatchObject({ likelihood: 0.5, distance: 0, toTell: null });
    expect(compareTimes(one, one).p).toBeCloseTo(1, 6);
  });

  it('of which one is a twentieth slower are told apart, and of one kind mostly are not', () => {
    const dice = diceOf(7);
    const times = (factor: number): number[] =>
      Array.from({ length: 2_000 }, () => factor * (2 + dice.next() + dice.next()));
    const apart = compareTimes(times(1), times(1.05));
    expect(apart.likelihood).toBeGreaterThan(0.55);
    expect(apart.p).toBeLessThan(1e-9);
    expect(apart.toTell).toBeLessThan(1_000);
    const chance = Array.from({ length: 20 }, () => compareTimes(times(1), times(1)).p);
    expect(chance.filter((p) => p < 0.05).length).toBeLessThan(5);
    expect(quantile(chance, 0.5)).toBeGreaterThan(0.1);
  });
});
