import type { Row } from './rounds.ts';

/** What a bench prints with `--json`. */
export interface BenchLine {
  readonly bench: string;
  readonly rows: readonly Row[];
  readonly machine: Readonly<Record<string, string | number>>;
}

const WIDTH = 720;
const LABELS = 90;
const FIGURES = 90;
const BAR = 14;
const GAP = 12;
const HEAD = 44;
const FOOT = 26;

const SERIES = [
  ['subject', '#1f6feb', (row: Row) => row.perSecond],
  ['baseline', '#8c959f', (row: Row) => row.baselinePerSecond],
  ['ceiling', '#d0d7de', (row: Row) => row.ceilingPerSecond],
] as const;

/** Horizontal bars, one group a row, from zero, all on one scale; the figures stand beside them. An SVG document without scripts or links. */
export function barsOf({ bench, rows, machine }: BenchLine): string {
  const groups = rows.map((row) => ({
    row,
    bars: SERIES.flatMap(([name, colour, of]) => {
      const value = of(row);
      return value === null ? [] : [{ name, colour, value }];
    }),
  }));
  const most = Math.max(1, ...groups.flatMap(({ bars }) => bars.map(({ value }) => value)));
  const scale = (WIDTH - LABELS - FIGURES) / most;
  const parts: string[] = [];
  let y = HEAD;
  for (const { row, bars } of groups) {
    const middle = y + (bars.length * BAR) / 2 + 4;
    parts.push(text(LABELS - 8, middle, `${row.callers} at once`, 'end'));
    for (const { colour, value } of bars) {
      parts.push(
        `<rect x="${LABELS}" y="${y}" width="${(value * scale).toFixed(1)}" height="${BAR - 2}" fill="${colour}"/>`,
      );
      parts.push(text(LABELS + value * scale + 6, y + BAR - 4, `${value.toLocaleString('en')}/s`));
      y += BAR;
    }
    y += GAP;
  }
  const shown = SERIES.filter(([name]) => groups.some(({ bars }) => bars.some((bar) => bar.name === name)));
  const legend = shown.map(
    ([name, colour], i) =>
      `<rect x="${LABELS + i * 100}" y="24" width="10" height="10" fill="${colour}"/>${text(LABELS + i * 100 + 15, 33, name)}`,
  );
  const { cores, cpu, node, postgres, date } = machine;
  const foot = `${date} · ${cores} cores ${cpu} · Node ${node} · PostgreSQL ${postgres}`;
  const height = y + FOOT;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12" fill="#1f2328">`,
    `<title>Events or answers a second: bench:${bench}</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    text(LABELS, 16, `bench:${bench}`, 'start', 'bold'),
    ...legend,
    ...parts,
    text(LABELS, height - 10, foot),
    '</svg>',
    '',
  ].join('\n');
}

function text(x: number, y: number, said: string, anchor: 'start' | 'end' = 'start', weight = 'normal'): string {
  const safe = said.replace(/[&<>]/g, (it) => `&#${it.charCodeAt(0)};`);
  return `<text x="${x.toFixed(1)}" y="${y}" text-anchor="${anchor}" font-weight="${weight}">${safe}</text>`;
}
