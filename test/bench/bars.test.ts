import { describe, expect, it } from 'vitest';
import { barsOf } from '../../bench/support/bars.ts';

const row = {
  callers: 16,
  perSecond: 500,
  baselinePerSecond: 1_000,
  ceilingPerSecond: null,
  ratio: 0.5,
  p50Ms: 1,
  p99Ms: 2,
  baselineP50Ms: 1,
  baselineP99Ms: 2,
};
const machine = { cores: 2, cpu: 'A<B', memoryGiB: 1, node: 'v20', postgres: '18', date: '2026-11-22' };
const widths = (svg: string): number[] =>
  [...svg.matchAll(/width="([\d.]+)" height="12"/g)].map(([, width]) => Number(width));

describe('a picture of a bench', () => {
  it('shows every rate as a bar of its length, from zero, on one scale', () => {
    const svg = barsOf({ bench: 'x', rows: [row, { ...row, callers: 64, ceilingPerSecond: 2_000 }], machine });
    const [a = 0, b = 0, c = 0, d = 0, e = 0] = widths(svg);
    expect([b / a, c / a, d / a, e / a].map((ratio) => Math.round(ratio * 100) / 100)).toEqual([2, 1, 2, 4]);
    expect(svg).toContain('>1,000/s<');
    expect(svg).toContain('>64 at once<');
  });

  it('leaves out what no row has, and lets no text become markup', () => {
    const svg = barsOf({ bench: 'x', rows: [row], machine });
    expect(widths(svg)).toHaveLength(2);
    expect(svg).not.toContain('>ceiling<');
    expect(svg).toContain('A&#60;B');
  });
});
