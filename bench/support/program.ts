import { defineCommand } from 'citty';
import { BadOption } from '../../scripts/bad-option.ts';
import { program, talk } from '../../scripts/cli.ts';
import { describeMachine } from './machine.ts';
import { FULL_ROUNDS, type Row, type VoidRow } from './rounds.ts';

const ENGINES = ['postgres', 'eventstore'] as const;
export type BenchEngine = (typeof ENGINES)[number];

/** What a bench is told, and what it may ask for. */
export interface Bench {
  /** Under a minute for the whole program: one short round a row. Shows that everything works; its figures are rough. */
  readonly quick: boolean;
  /** Rounds a row: what `runContest` is given. */
  readonly rounds: number;
  /** What the subject's ledger stands on. */
  readonly engine: BenchEngine;
  /** A line for whoever waits, on stderr. */
  talk(line: string): void;
  /** Runs at the end, last in, first out, whether the bench succeeds, fails, or is interrupted. */
  defer(close: () => Promise<unknown>): void;
}

export interface BenchResult {
  readonly rows: readonly (Row | VoidRow)[];
  /** As the server says it (`BenchServer.version`). */
  readonly postgres: string;
  /** The same of the EventStoreDB server, where one was measured. */
  readonly eventStore?: string;
}

/**
 * A bench as a program: `bench({ name: 'append', description, run })` is the last statement of bench/append.ts. With `--json` one
 * line on stdout, `{"bench", "rows", "machine"}`, and the table on stderr; without it the table on stdout. Void rows are left out, said
 * on stderr, and make the program exit with 1.
 */
export async function bench(of: {
  readonly name: string;
  readonly description: string;
  /** It knows `--engine eventstore`; its `bench` is then called `<name>-eventstore`. */
  readonly engines?: true;
  readonly run: (bench: Bench) => Promise<BenchResult>;
}): Promise<void> {
  await program(
    defineCommand({
      meta: { name: `npm run -s bench:${of.name} --`, description: of.description },
      args: {
        engine: {
          type: 'string',
          description: `Where the ledger is: ${ENGINES.join(' or ')}; eventstore needs EVENTSTORE_URL`,
          valueHint: 'ENGINE',
          default: 'postgres',
        },
        quick: { type: 'boolean', description: 'Under a minute: one short round a row, rough figures' },
        json: { type: 'boolean', description: 'Print one line of JSON on stdout, and the table on stderr' },
      },
      run: async ({ args }) => {
        const quick = args.quick === true;
        const engine = ENGINES.find((each) => each === args.engine);
        if (engine === undefined) throw new BadOption('--engine', `is neither ${ENGINES.join(' nor ')}`);
        if (engine !== 'postgres' && of.engines === undefined)
          throw new BadOption('--engine', `is not ${engine} here: this bench measures PostgreSQL only`);
        const { rows, ...versions } = await closingAll((defer) =>
          of.run({ quick, rounds: quick ? 1 : FULL_ROUNDS, engine, talk, defer }),
        );
        const whole = rows.filter((row): row is Row => !('void' in row));
        const machine = describeMachine(versions);
        const name = engine === 'postgres' ? of.name : `${of.name}-${engine}`;
        const table = tableOf(whole);
        if (args.json === true) process.stdout.write(`${JSON.stringify({ bench: name, rows: whole, machine })}\n`);
        (args.json === true ? process.stderr : process.stdout).write(`${table}\n`);
        for (const row of rows) {
          if (!('void' in row)) continue;
          process.exitCode = 1;
          talk(`void: ${row.callers} callers: ${row.void}`);
        }
      },
    }),
  );
}

export async function closingAll<T>(work: (defer: Bench['defer']) => Promise<T>): Promise<T> {
  const closers: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) {
      await closer().catch((error: unknown) => talk(`at the end: ${String(error)}`));
    }
  };
  let ending = false;
  const interrupted = (): void => {
    ending = true;
    void close().finally(() => process.exit(130));
  };
  process.once('SIGINT', interrupted);
  process.once('SIGTERM', interrupted);
  try {
    return await work((closer) => closers.push(closer));
  } catch (error) {
    // What was closed under the work fails it; that is no news, and must not keep the rest from being closed.
    if (ending) await new Promise(() => {});
    throw error;
  } finally {
    await close();
    process.off('SIGINT', interrupted);
    process.off('SIGTERM', interrupted);
  }
}

const COLUMNS: readonly (readonly [title: string, cell: (row: Row) => number | null])[] = [
  ['callers', (row) => row.callers],
  ['per second', (row) => row.perSecond],
  ['baseline', (row) => row.baselinePerSecond],
  ['ceiling', (row) => row.ceilingPerSecond],
  ['ratio', (row) => row.ratio],
  ['p50 ms', (row) => row.p50Ms],
  ['p99 ms', (row) => row.p99Ms],
  ['base p99', (row) => row.baselineP99Ms],
];

function tableOf(rows: readonly Row[]): string {
  const lines = [
    COLUMNS.map(([title]) => title),
    ...rows.map((row) => COLUMNS.map(([, cell]) => cell(row)?.toLocaleString('en') ?? '-')),
  ];
  return lines.map((line) => line.map((cell) => cell.padStart(11)).join('')).join('\n');
}
