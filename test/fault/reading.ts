import type { Caller } from '../../src/app/actor.ts';
import { LedgerBusy } from '../../src/ledger/faults.ts';
import type { Node } from '../../src/main.ts';
import { answer, asNodeProcess, isProgram } from '../support/node-process.ts';

/** A process of its own in which many read one resident, until each of them is refused (races-revoke.test.ts starts two). */
export interface Reading {
  readonly caller: Caller;
  readonly readers: number;
}
/** The next round; null: no more. */
export type Round = { readonly code: string } | null;
export type Read =
  | { readonly kind: 'ready' }
  /** Each reader has been permitted once. */
  | { readonly kind: 'permitted' }
  | { readonly kind: 'refused'; readonly permits: number; readonly refusals: number };

async function round(node: Node, { caller, readers }: Reading, code: string): Promise<Read> {
  let permits = 0;
  let begun = 0;
  const reader = async (): Promise<void> => {
    for (let mine = 0; ; ) {
      const outcome = await node.platform.openRecords(caller, { code, purpose: 'TREAT' }).catch((error: unknown) => {
        // Somebody keeps changing what the read is about: it is told so, and comes again.
        if (!(error instanceof LedgerBusy)) throw error;
        return undefined;
      });
      if (outcome?.kind === 'refusal') return;
      if (outcome === undefined) continue;
      permits++;
      if (mine++ === 0 && ++begun === readers) answer({ kind: 'permitted' } satisfies Read);
    }
  };
  await Promise.all(Array.from({ length: readers }, reader));
  return { kind: 'refused', permits, refusals: readers };
}

if (isProgram(import.meta.url)) {
  await asNodeProcess<Reading>(async (node, task, next) => {
    answer({ kind: 'ready' } satisfies Read);
    for (let one = (await next()) as Round; one !== null; one = (await next()) as Round) {
      answer(await round(node, task, one.code));
    }
  });
}
