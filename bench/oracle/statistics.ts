/** Whether two sets of times are of one kind, told by ranks: nothing is assumed of how they are spread. */

export interface Compared {
  /** Milliseconds. */
  readonly medians: readonly [number, number];
  readonly p90s: readonly [number, number];
  /** Mann–Whitney: how likely one of the second takes longer than one of the first; 0.5 when nothing tells them apart. */
  readonly likelihood: number;
  /** Two-sided, by the normal approximation with its correction for ties. */
  readonly p: number;
  /** Kolmogorov–Smirnov: the greatest distance between the two distributions. */
  readonly distance: number;
  /** Answers of each kind that somebody needs to tell them apart with 95 % certainty (Noether 1987); null when none suffice. */
  readonly toTell: number | null;
}

export function compareTimes(first: readonly number[], second: readonly number[]): Compared {
  const [n, m] = [first.length, second.length];
  const all = [...first.map((ms) => ({ ms, of: 0 })), ...second.map((ms) => ({ ms, of: 1 }))].sort(
    (a, b) => a.ms - b.ms,
  );
  let rankSum = 0;
  let ties = 0;
  let distance = 0;
  const passed = [0, 0];
  for (let at = 0; at < all.length; ) {
    let end = at;
    while (end < all.length && all[end]?.ms === all[at]?.ms) end += 1;
    const equal = end - at;
    const rank = (at + 1 + end) / 2;
    for (const { of } of all.slice(at, end)) {
      passed[of] = (passed[of] ?? 0) + 1;
      if (of === 1) rankSum += rank;
    }
    ties += equal ** 3 - equal;
    distance = Math.max(distance, Math.abs((passed[0] ?? 0) / n - (passed[1] ?? 0) / m));
    at = end;
  }
  const u = rankSum - (m * (m + 1)) / 2;
  const likelihood = u / (n * m);
  const total = n + m;
  const deviation = Math.sqrt(((n * m) / 12) * (total + 1 - ties / (total * (total - 1))));
  const p = 2 * upperTail(Math.abs((u - (n * m) / 2) / deviation));
  const effect = (likelihood - 0.5) ** 2;
  // Two-sided at 5 %, with 95 % of the attempts succeeding: (1.960 + 1.645)² / (6 · effect) of each kind.
  const toTell = effect === 0 ? null : Math.ceil((1.96 + 1.645) ** 2 / (6 * effect));
  return {
    medians: [quantile(first, 0.5), quantile(second, 0.5)],
    p90s: [quantile(first, 0.9), quantile(second, 0.9)],
    likelihood,
    p,
    distance,
    toTell,
  };
}

export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

/** Of the standard normal distribution, to 1.2e-7 of its value (Abramowitz and Stegun 7.1.26 by Numerical Recipes' erfc). */
function upperTail(z: number): number {
  const t = 1 / (1 + z / (2 * Math.SQRT2));
  const x = z / Math.SQRT2;
  const polynomial = [
    1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223, 0.17087277,
  ];
  const sum = polynomial.reduceRight((rest, coefficient) => rest * t + coefficient, 0);
  return 0.5 * t * Math.exp(-x * x - 1.26551223 + t * sum);
}
