import type { Caller } from '../../src/app/actor.ts';
import { LedgerBusy } from '../../src/ledger/faults.ts';
import type { Node } from '../../src/main.ts';
import { answer, asNodeProcess, isProgram } from '../support/node-process.ts';

/** A process of its own in which many read one resident, until each of them is refused (races.ts starts several). */
export interface Reading {
  readonly readers: number;
}
/** The next round: who reads, and through which code. Null: no more. */
export type Round = { readonly caller: Caller; readonly code: string } | null;
export type Read =
  | { readonly kind: 'ready' }
  /** Each reader has been permitted once. */
  | { readonly kind: 'permitted' }
  /** Each reader has been refused. `served`: the events under which records were handed out, one an answer. */
  | { readonly kind: 'refused'; readonly served: readonly string[] };

async function round(node: Node, readers: number, { caller, code }: NonNullable<Round>): Promise<Read> {
  const served: string[] = [];
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
      if (outcome.value.records.length === 0) throw new Error('permitted, and nothing was handed out');
      served.push(outcome.value.event);
      if (mine++ === 0 && ++begun === readers) answer({ kind: 'permitted' } satisfies Read);
    }
  };
  await Promise.all(Array.from({ length: readers }, reader));
  return { kind: 'refused', served };
}

if (isProgram(import.meta.url)) {
  await asNodeProcess<Reading>(async (node, { readers }, next) => {
    answer({ kind: 'ready' } satisfies Read);
    for (let one = (await next()) as Round; one !== null; one = (await next()) as Round) {
      answer(await round(node, readers, one));
    }
  });
}
