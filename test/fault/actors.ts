import type { ChildProcess } from 'node:child_process';
import { expect } from 'vitest';
import { startNodeProcess } from '../support/node-process.ts';
import type { TestNode } from '../support/test-node.ts';
import type { Act, Acted } from './acting.ts';
import type { Acknowledged, Appending } from './appending.ts';

type Of<K extends Acted['kind']> = Extract<Acted, { kind: K }>;

/** A process that acts, and what it has said so far. */
export interface Actor {
  readonly child: ChildProcess;
  /** What it acknowledged of appends. */
  readonly acknowledged: readonly Acknowledged[];
  /** Begins; resolves when all are acknowledged, and never when the process is killed before. */
  append(task: Appending): Promise<void>;
  /** Tells it something, and waits for the answer. One at a time. */
  ask<K extends Acted['kind']>(act: Act, kind: K): Promise<Of<K>>;
  /** Lets it end by itself; its exit code. */
  end(): Promise<number | null>;
}

export async function startActor(node: TestNode): Promise<Actor> {
  const { child, lines, ended, tell } = startNodeProcess('fault/acting.ts', node.config, null);
  const acknowledged: Acknowledged[] = [];
  const waiting = new Map<Acted['kind'], ((acted: Acted) => void)[]>();
  const heard = <K extends Acted['kind']>(kind: K): Promise<Of<K>> =>
    new Promise((resolve) => {
      waiting.set(kind, [...(waiting.get(kind) ?? []), resolve as (acted: Acted) => void]);
    });
  const ready = heard('ready');
  void (async () => {
    for await (const line of lines) {
      const acted = line as Acted;
      if (acted.kind === 'acknowledged') acknowledged.push(acted);
      else waiting.get(acted.kind)?.shift()?.(acted);
    }
  })();
  const failed = ended.then((code) => Promise.reject(new Error(`the process ended with ${code}`)));
  failed.catch(() => {});
  await Promise.race([ready, failed]);
  return {
    child,
    acknowledged,
    append: async (task) => {
      const appended = heard('appended');
      tell({ kind: 'append', task } satisfies Act);
      await appended;
    },
    ask: (act, kind) => {
      const answered = heard(kind);
      tell(act);
      return Promise.race([answered, failed]);
    },
    end: async () => {
      tell(null);
      return ended;
    },
  };
}

/** Which of them projects, once exactly one does. */
export async function projecting(actors: readonly Actor[]): Promise<Actor> {
  let found: Actor | undefined;
  await expect
    .poll(
      async () => {
        const states = await Promise.all(actors.map((actor) => actor.ask({ kind: 'state' }, 'state')));
        const at = states.findIndex(({ state }) => state === 'projecting');
        found = actors[at];
        return states.filter(({ state }) => state === 'projecting').length;
      },
      { timeout: 20_000, interval: 50 },
    )
    .toBe(1);
  if (found === undefined) throw new Error('nobody projects');
  return found;
}
