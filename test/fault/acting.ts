import type { Caller } from '../../src/app/actor.ts';
import type { Outcome } from '../../src/app/outcome.ts';
import { answer, asNodeProcess, isProgram } from '../support/node-process.ts';
import { type Appending, appendAll } from './appending.ts';

/** A process of its own that is a whole node but for HTTP, projects when it is its turn, and does as it is told (actors.ts starts several). */
export type Act =
  /** Works on while the next line is read. */
  | { readonly kind: 'append'; readonly task: Appending }
  | { readonly kind: 'register'; readonly caller: Caller; readonly requestId: string; readonly input: object }
  | { readonly kind: 'read'; readonly caller: Caller; readonly code: string }
  | { readonly kind: 'state' };

export type Acted =
  | { readonly kind: 'acknowledged'; readonly n: number; readonly outcome: Outcome<unknown> }
  | { readonly kind: 'ready' | 'appended' }
  | { readonly kind: 'registered'; readonly outcome: Outcome<{ readonly code: string }> }
  | { readonly kind: 'read'; readonly records: readonly string[] | undefined }
  | { readonly kind: 'state'; readonly state: string };

const say = (acted: Acted): void => answer(acted);

if (isProgram(import.meta.url)) {
  await asNodeProcess<null>(
    async ({ platform, projector }, _task, next) => {
      say({ kind: 'ready' });
      const working = new Set<Promise<void>>();
      for (let act = (await next()) as Act | null; act !== null; act = (await next()) as Act | null) {
        switch (act.kind) {
          case 'append': {
            const work = appendAll(platform, act.task, (said) => say({ kind: 'acknowledged', ...said })).then(() =>
              say({ kind: 'appended' }),
            );
            working.add(work);
            break;
          }
          case 'register': {
            const { caller, requestId, input } = act;
            say({ kind: 'registered', outcome: await platform.registerResident(caller, requestId, input as never) });
            break;
          }
          case 'read': {
            const outcome = await platform.openRecords(act.caller, { code: act.code, purpose: 'TREAT', first: 200 });
            const records = outcome.kind === 'done' ? outcome.value.records.map(({ title }) => title) : undefined;
            say({ kind: 'read', records });
            break;
          }
          case 'state':
            say({ kind: 'state', state: projector?.state ?? 'none' });
        }
      }
      await Promise.all(working);
    },
    { project: true },
  );
}
