import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Bench } from './program.ts';

/**
 * Another process of the bench: load, or a projector. Questions and answers go over the channel of `fork`, as JSON; a child whose
 * parent is gone ends by itself.
 */
export interface Child {
  /** Resolves to what the child's handler of that name answers; rejects when that throws, or when the child ends before. */
  ask(name: string, question?: unknown): Promise<unknown>;
}

interface Question {
  readonly n: number;
  readonly name: string;
  readonly question: unknown;
}
type Answer = { readonly n: number } & ({ readonly answer: unknown } | { readonly failed: string });

/**
 * Starts a module of bench/ (`new URL('./append-load.ts', import.meta.url)`) under tsx with just this environment. It ends with the
 * bench, in good order: its handler `end` is asked first. `execArgv`: options for Node, such as `--cpu-prof`.
 */
export function startChild(
  bench: Bench,
  module: URL,
  environment: Readonly<Record<string, string>>,
  execArgv: readonly string[] = [],
): Child {
  const child = fork(fileURLToPath(module), {
    execArgv: [...execArgv, '--import', import.meta.resolve('tsx')],
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...environment },
    // Its talk is ours; stdout holds data only.
    stdio: ['ignore', 2, 2, 'ipc'],
  });
  const waiting = new Map<number, { resolve: (answer: unknown) => void; reject: (error: Error) => void }>();
  let asked = 0;
  let over = false;
  child.on('message', (message) => {
    const answer = message as Answer;
    const waiter = waiting.get(answer.n);
    waiting.delete(answer.n);
    if ('failed' in answer) waiter?.reject(new Error(answer.failed));
    else waiter?.resolve(answer.answer);
  });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', (code, signal) => {
      over = true;
      for (const { reject } of waiting.values()) reject(new Error(`the process ended with ${code ?? signal}`));
      resolve();
    });
  });
  const ask = (name: string, question?: unknown): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (over) return reject(new Error('the process has ended'));
      const n = asked++;
      waiting.set(n, { resolve, reject });
      child.send({ n, name, question } satisfies Question);
    });
  bench.defer(async () => {
    if (!over) await ask('end').catch(() => child.kill('SIGKILL'));
    await ended;
  });
  return { ask };
}

/** The other side, the last statement of a child's module: `end` closes what is open; the process ends after it. */
export function answerParent(
  handlers: { readonly end: () => Promise<unknown> } & Readonly<
    Record<string, (question: never) => Promise<unknown> | unknown>
  >,
): void {
  process.on('disconnect', () => process.exit(1));
  // Ctrl-C goes to the whole group: the parent asks us to end.
  process.on('SIGINT', () => {});
  process.on('message', async (message) => {
    const { n, name, question } = message as Question;
    const handler = handlers[name] as ((question: unknown) => unknown) | undefined;
    try {
      if (handler === undefined) throw new Error(`nobody answers to ${name}`);
      process.send?.({ n, answer: (await handler(question)) ?? null } satisfies Answer);
    } catch (error) {
      process.send?.({
        n,
        failed: error instanceof Error ? (error.stack ?? error.message) : String(error),
      } satisfies Answer);
    }
    if (name === 'end') process.exit();
  });
}
