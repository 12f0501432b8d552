/** The text format of Prometheus, as far as tests look into it. */

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly samples: readonly Sample[];
}

export function parseMetrics(text: string): readonly Family[] {
  const families: { name: string; help: string; type: string; samples: Sample[] }[] = [];
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const [, what, about = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (what === 'HELP') families.push({ name: about, help: rest, type: '', samples: [] });
    else {
      const family = families.at(-1);
      if (family === undefined) throw new Error(`a line without a family: ${line}`);
      if (what === 'TYPE') family.type = rest;
      else family.samples.push(parseSample(line));
    }
  }
  return families;
}

function parseSample(line: string): Sample {
  const [, name = '', labels = '', value = ''] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key = '', text = '']) => [key, text]);
  if (name === '') throw new Error(`not a sample: ${line}`);
  return { name, labels: Object.fromEntries(pairs), value: Number(value) };
}

/** The sum of all samples of that name with these labels. */
export function totalOf(families: readonly Family[], name: string, labels: Sample['labels'] = {}): number {
  return families
    .flatMap(({ samples }) => samples)
    .filter((one) => one.name === name && Object.entries(labels).every(([key, text]) => one.labels[key] === text))
    .reduce((sum, { value }) => sum + value, 0);
}
