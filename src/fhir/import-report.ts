import { textTable } from './text-table.ts';

/** What became of an entry. `known`: the same bytes were there. `merged`: other content for a known party. */
export type EntryOutcome = 'taken' | 'known' | 'merged' | 'left';

interface ReportRow {
  readonly type: string;
  readonly entries: number;
  readonly taken: number;
  readonly known: number;
  readonly merged: number;
  readonly left: number;
  /** Reasons of those left, with their counts. */
  readonly reasons: { readonly [reason: string]: number };
}

interface FailedFile {
  readonly file: string;
  readonly code: string;
  readonly message: string;
}

/** Counts of an import. Entries are counted when read, outcomes when decided, so that a lost one shows. */
export interface ImportReport {
  /** One entry of this type was read. */
  read(type: string): void;
  /** What became of one. A reason is for `left` only. */
  settled(type: string, outcome: EntryOutcome, reason?: string): void;
  fileDone(): void;
  /** A file of which nothing was taken; its entries are not counted. */
  fileFailed(file: FailedFile): void;
  /** Ascending by type. */
  rows(): readonly ReportRow[];
  totals(): ReportRow;
  /** For every type: entries = taken + known + merged + left. */
  addsUp(): boolean;
  failures(): readonly FailedFile[];
  /** For people. Holds types, counts and reasons; nothing of anybody. */
  text(): string;
  json(): object;
}

type Counts = { -readonly [K in Exclude<keyof ReportRow, 'type' | 'reasons'>]: number };

export function importReport(): ImportReport {
  const counts = new Map<string, Counts & { readonly reasons: Map<string, number> }>();
  const failed: FailedFile[] = [];
  let files = 0;

  const of = (type: string) => {
    const found = counts.get(type) ?? { entries: 0, taken: 0, known: 0, merged: 0, left: 0, reasons: new Map() };
    counts.set(type, found);
    return found;
  };
  const rows = (): readonly ReportRow[] =>
    [...counts]
      .map(([type, { reasons, ...sums }]) => ({ type, ...sums, reasons: Object.fromEntries([...reasons].sort()) }))
      .sort((a, b) => (a.type < b.type ? -1 : 1));
  const totals = (): ReportRow => {
    const sum: Counts = { entries: 0, taken: 0, known: 0, merged: 0, left: 0 };
    const reasons = new Map<string, number>();
    for (const row of rows()) {
      for (const key of Object.keys(sum) as (keyof Counts)[]) sum[key] += row[key];
      for (const [reason, n] of Object.entries(row.reasons)) reasons.set(reason, (reasons.get(reason) ?? 0) + n);
    }
    return { type: 'all', ...sum, reasons: Object.fromEntries([...reasons].sort()) };
  };

  return {
    read: (type) => {
      of(type).entries++;
    },
    settled: (type, outcome, reason) => {
      const row = of(type);
      row[outcome]++;
      if (outcome === 'left') row.reasons.set(reason ?? 'unnamed', (row.reasons.get(reason ?? 'unnamed') ?? 0) + 1);
    },
    fileDone: () => {
      files++;
    },
    fileFailed: (file) => {
      failed.push(file);
    },
    rows,
    totals,
    addsUp: () => rows().every((row) => row.entries === row.taken + row.known + row.merged + row.left),
    failures: () => [...failed],
    text: () => {
      const all = totals();
      const table = textTable(
        ['type', 'entries', 'taken', 'already known', 'merged', 'left', 'why'],
        [...rows(), all].map((row) => [
          row.type,
          row.entries,
          row.taken,
          row.known,
          row.merged,
          row.left,
          Object.entries(row.reasons)
            .map(([reason, n]) => `${reason} ${n}`)
            .join(', '),
        ]),
      );
      const said = failed.map(({ code, message }) => `${code}: ${message}`);
      return [table, `${files} files read, ${failed.length} not`, ...said].join('\n');
    },
    json: () => ({ files, rows: rows(), total: totals(), failed: [...failed] }),
  };
}
