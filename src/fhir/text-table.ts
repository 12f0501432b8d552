/** A table in Markdown, which is also readable on a terminal. Columns of numbers are set to the right. */
export function textTable(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const widths = head.map((title, i) => Math.max(3, title.length, ...rows.map((row) => String(row[i] ?? '').length)));
  const numeric = head.map((_, i) => rows.length > 0 && rows.every((row) => typeof row[i] === 'number'));
  const cell = (value: string | number | undefined, i: number): string => {
    const text = String(value ?? '');
    return numeric[i] === true ? text.padStart(widths[i] ?? 0) : text.padEnd(widths[i] ?? 0);
  };
  const line = (row: readonly (string | number)[]): string => `| ${head.map((_, i) => cell(row[i], i)).join(' | ')} |`;
  const rule = head.map((_, i) =>
    numeric[i] === true ? '-'.repeat((widths[i] ?? 0) - 1).concat(':') : '-'.repeat(widths[i] ?? 0),
  );
  return [line(head), `| ${rule.join(' | ')} |`, ...rows.map(line)].join('\n');
}
