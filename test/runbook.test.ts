import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { addGauges } from '../src/telemetry/gauges.ts';
import { createMetrics } from '../src/telemetry/metrics.ts';

const FOLDER = fileURLToPath(new URL('../docs/runbook/', import.meta.url));
const read = (name: string): string => readFileSync(`${FOLDER}${name}`, 'utf8');

interface Alarm {
  readonly name: string;
  readonly expression: string;
  readonly page: string;
}

/** The rules as they stand there: one key a line. */
const alarms: readonly Alarm[] = read('alarms.yaml')
  .split(/^ {6}- /m)
  .slice(1)
  .map((rule) => {
    const value = (key: string): string => new RegExp(`^ *${key}: '?(.*?)'?$`, 'm').exec(rule)?.[1] ?? '';
    return { name: value('alert'), expression: value('expr'), page: value('runbook').replace('docs/runbook/', '') };
  });
const pages = readdirSync(FOLDER).filter((name) => name.endsWith('.md') && name !== 'README.md');
const kebab = (name: string): string => name.replaceAll(/(?<!^)(?=[A-Z])/g, '-').toLowerCase();

async function metricNames(): Promise<Set<string>> {
  const { registry } = createMetrics();
  const caches = { hits: 0, misses: 0, entries: 0 };
  addGauges(registry, {
    queue: { limit: 1, waiting: () => 0 },
    projector: { state: () => 'absent', lagMs: async () => 0 },
    vault: () => ({ streamKeys: caches, periodKeys: caches, snapshots: { used: 0, otherFold: 0, refused: 0 } }),
    faults: () => ({}),
    dataDir: '/',
  });
  const known = registry.getMetricsAsArray().flatMap(({ name, type }) => {
    const kind: unknown = type;
    return kind === 'histogram' ? [`${name}_bucket`, `${name}_count`, `${name}_sum`] : [name];
  });
  // What programs that end leave behind is named where it is written.
  const left = readFileSync(new URL('../src/telemetry/program-metrics.ts', import.meta.url), 'utf8');
  return new Set([...known, ...[...left.matchAll(/\bhrl_\w+/g)].map(([name]) => name)]);
}

describe('the alarms', () => {
  it('were read, each with an expression and a page', () => {
    expect(alarms.length).toBeGreaterThan(12);
    for (const { name, expression, page } of alarms) {
      expect(name).toMatch(/^(?:[A-Z][a-z]+)+$/);
      expect(expression, name).toMatch(/ (?:>|<|==) \d/);
      expect(page).toBe(`${kebab(name)}.md`);
    }
    expect(new Set(alarms.map(({ name }) => name)).size).toBe(alarms.length);
  });

  it('name metrics that there are', async () => {
    const known = await metricNames();
    expect(known.size).toBeGreaterThan(50);
    const named = alarms.flatMap(({ name, expression }) =>
      [...expression.matchAll(/\bhrl_\w+/g)].map(([metric]) => `${name}: ${metric}`),
    );
    expect(named.length).toBeGreaterThan(alarms.length);
    expect(named.filter((one) => !known.has(one.split(': ')[1] ?? ''))).toEqual([]);
  });

  it('have each a page, and each page its alarm', () => {
    expect([...pages].sort()).toEqual(alarms.map(({ page }) => page).sort());
    const listed = [...read('README.md').matchAll(/^\| \[\w+\]\(([a-z-]+\.md)\)/gm)].map(([, page]) => page);
    expect(listed.sort()).toEqual([...pages].sort());
  });
});

describe('a page', () => {
  it.each(alarms.map((alarm) => [alarm.name, alarm] as const))(
    '%s says the expression, what it means, how to look, what to do and what never to do',
    (name, { expression, page }) => {
      const text = read(page);
      expect(text.startsWith(`# ${name}\n`)).toBe(true);
      expect(text).toContain(`\`\`\`\n${expression}\n\`\`\``);
      const headings = [...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
      expect(headings).toEqual(['What it means for users', 'How to look', 'What to do', 'What never to do']);
      for (const part of text.split(/^## .+$/m).slice(1)) expect(part.trim().length).toBeGreaterThan(40);
    },
  );
});
