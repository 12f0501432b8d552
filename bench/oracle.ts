import { defineCommand } from 'citty';
import { program, talk } from '../scripts/cli.ts';
import type { Hidden, HiddenCode } from './oracle/oracle-child.ts';
import { type Compared, compareTimes } from './oracle/statistics.ts';
import { type HttpCaller, httpCaller } from './read/http-caller.ts';
import { startChild } from './support/child.ts';
import { describeMachine } from './support/machine.ts';
import { closingAll } from './support/program.ts';
import { openBenchServer } from './support/server.ts';

/**
 * Can somebody without any consent tell, by how the answer looks or how long it takes, whether a health code is somebody's? One doctor asks
 * over a few connections, by turns at random, for codes that nobody has and for codes of residents who are hidden for one reason or
 * another. Shapes: every body is the same bytes, every head the same lines. Times: Mann–Whitney (likelihood that a hidden one takes
 * longer), Kolmogorov–Smirnov, medians.
 */

/** Beyond it, in either direction, a few hundred answers would tell; where that is no chance (p below), the program ends with 1. */
const LIKELIHOOD = { least: 0.45, most: 0.55 } as const;
const CHANCE = 0.001;

const WARM_UP = 400;
/** Refusals are answered in steps of time, so that one connection would take an hour; these leave half of a core idle. */
const LANES = 4;

interface Question {
  readonly name: string;
  readonly query: string;
  /** Hidden for one of these; a live code is told by `verifyCode`, since it was shown. */
  readonly reasons: readonly Hidden[];
}

const QUESTIONS: readonly Question[] = [
  {
    name: 'records',
    query:
      'query ($code: String!) { answer: records(code: $code, purpose: TREAT) { __typename ... on Refusal { code message } ... on RecordConnection { totalCount } } }',
    reasons: ['no-consent', 'suspended', 'closed', 'dead'],
  },
  {
    name: 'content',
    query:
      'query ($code: String!) { answer: content(code: $code, purpose: TREAT, record: "none") { __typename ... on Refusal { code message } } }',
    reasons: ['no-consent', 'suspended', 'closed', 'dead'],
  },
  {
    name: 'verifyCode',
    query: 'query ($code: String!) { answer: verifyCode(code: $code) { __typename ... on Refusal { code message } } }',
    reasons: ['suspended', 'closed', 'dead'],
  },
];

interface Row extends Compared {
  readonly question: string;
  /** `first`: codes that are asked for the first time since the start; `again`: all others. */
  readonly asked: 'first' | 'again';
  readonly answers: readonly [absent: number, hidden: number];
  readonly shapes: number;
  readonly passed: boolean;
}

interface Asked {
  readonly kind: 'absent' | 'hidden';
  readonly first: boolean;
  readonly ms: number;
}

await program(
  defineCommand({
    meta: {
      name: 'npm run -s bench:oracle --',
      description: 'Times and shapes of answers about codes that are nobody’s, and that are hidden',
    },
    args: {
      quick: { type: 'boolean', description: '500 of each instead of 10,000' },
      json: { type: 'boolean', description: 'Print one line of JSON on stdout, and the table on stderr' },
    },
    run: async ({ args }) => {
      const each = args.quick === true ? 500 : 10_000;
      const { rows, postgres } = await closingAll((defer) => measure(each, defer));
      const table = tableOf(rows);
      if (args.json === true)
        process.stdout.write(`${JSON.stringify({ bench: 'oracle', rows, machine: describeMachine({ postgres }) })}\n`);
      (args.json === true ? process.stderr : process.stdout).write(`${table}\n`);
      if (rows.some(({ passed }) => !passed)) process.exitCode = 1;
    },
  }),
);

async function measure(
  each: number,
  defer: (close: () => Promise<unknown>) => void,
): Promise<{ rows: Row[]; postgres: string }> {
  const bench = { quick: each < 10_000, rounds: 1, engine: 'postgres' as const, talk, defer };
  const server = await openBenchServer(bench);
  const { environment } = await server.newDatabase();
  const child = startChild(bench, new URL('./oracle/oracle-child.ts', import.meta.url), environment);
  talk('making residents who are hidden');
  const hidden = (await child.ask('hidden', Math.max(100, each / 5))) as HiddenCode[];
  const url = (await child.ask('listen')) as string;
  const token = (await child.ask('token')) as string;
  const rows: Row[] = [];
  for (const question of QUESTIONS) {
    talk(`asking for ${question.name}`);
    const codes = hidden.filter(({ why }) => question.reasons.includes(why)).map(({ code }) => code);
    const absent = (await child.ask('absent', codes.length)) as string[];
    const shapes = await shapesOf(url, token, question, [...absent.slice(0, 50), ...codes.slice(0, 50)]);
    await warmUp(url, token, question, (await child.ask('absent', WARM_UP)) as string[]);
    const before = (await child.ask('events')) as number;
    const asked = await ask(url, token, question, { absent, hidden: codes }, each);
    const left = ((await child.ask('events')) as number) - before;
    if (left !== asked.length) throw new Error(`${asked.length} answers left ${left} events`);
    for (const first of [true, false]) rows.push(rowOf(question, first, asked, shapes));
  }
  return { rows, postgres: server.version };
}

/** Until what is common to both ways is compiled and cached; on codes that are asked no more. */
async function warmUp(url: string, token: string, { query }: Question, codes: readonly string[]): Promise<void> {
  await inLanes(url, codes, (caller, code) => caller.post(token, JSON.stringify({ query, variables: { code } })));
}

/** So many of each kind by turns at random, each code as often as another. */
async function ask(
  url: string,
  token: string,
  { query }: Question,
  codes: Readonly<Record<Asked['kind'], readonly string[]>>,
  each: number,
): Promise<Asked[]> {
  const kinds = ['absent', 'hidden'] as const;
  const order = shuffled(kinds.flatMap((kind) => Array.from({ length: each }, (_, n) => ({ kind, n }))));
  const asked: Asked[] = [];
  await inLanes(url, order, async (caller, { kind, n }) => {
    const list = codes[kind];
    const body = JSON.stringify({ query, variables: { code: list[n % list.length] } });
    const began = performance.now();
    await caller.post(token, body);
    asked.push({ kind, first: n < list.length, ms: performance.now() - began });
  });
  return asked;
}

/** Each item once, over a few connections with one request on its way each. */
async function inLanes<T>(url: string, items: readonly T[], post: (caller: HttpCaller, item: T) => Promise<unknown>) {
  const left = items.values();
  const lane = async (): Promise<void> => {
    const caller = await httpCaller(url);
    for (const item of left) await post(caller, item);
    caller.close();
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

function shuffled<T>(list: T[]): T[] {
  for (let i = list.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [list[i], list[j]] = [list[j] as T, list[i] as T];
  }
  return list;
}

/** How many different answers there are: status, head and body, but for the instant and the request's own id. */
async function shapesOf(url: string, token: string, { query }: Question, codes: readonly string[]): Promise<number> {
  const shapes = new Set<string>();
  for (const code of codes) {
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'x-request-id': 'bench-oracle-shape',
    };
    const response = await fetch(url, {
      method: 'POST',
      headers,
      body: JSON.stringify({ query, variables: { code } }),
    });
    const head = [...response.headers].filter(([name]) => name !== 'date').sort();
    shapes.add(JSON.stringify([response.status, head, await response.text()]));
  }
  return shapes.size;
}

function rowOf({ name }: Question, first: boolean, asked: readonly Asked[], shapes: number): Row {
  const times = (kind: Asked['kind']): number[] =>
    asked.filter((one) => one.kind === kind && one.first === first).map(({ ms }) => ms);
  const [absent, hidden] = [times('absent'), times('hidden')];
  const compared = compareTimes(absent, hidden);
  const { likelihood, p } = compared;
  const alike = (likelihood >= LIKELIHOOD.least && likelihood <= LIKELIHOOD.most) || p >= CHANCE;
  return {
    question: name,
    asked: first ? 'first' : 'again',
    answers: [absent.length, hidden.length],
    ...compared,
    shapes,
    passed: alike && shapes === 1,
  };
}

function tableOf(rows: readonly Row[]): string {
  const pair = ([a, b]: readonly [number, number]): string => `${a.toFixed(2)} / ${b.toFixed(2)}`;
  const lines = rows.map((row) => [
    `${row.question}, ${row.asked}`,
    pair(row.medians),
    pair(row.p90s),
    row.likelihood.toFixed(3),
    row.p.toExponential(1),
    row.distance.toFixed(3),
    row.toTell === null ? '-' : row.toTell.toLocaleString('en'),
    `${row.shapes}`,
    row.passed ? 'alike' : 'TOLD APART',
  ]);
  const head = ['absent / hidden', 'median ms', 'p90 ms', 'likelihood', 'p', 'distance', 'to tell', 'shapes', ''];
  return [head, ...lines]
    .map((line) => line.map((cell, i) => (i === 0 ? cell.padEnd(20) : cell.padStart(15))).join(''))
    .join('\n');
}
