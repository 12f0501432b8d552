import type { Platform } from '../../src/app/api.ts';
import { inParallel } from '../../src/app/import/in-parallel.ts';
import type { Node } from '../../src/main.ts';
import { median } from '../support/rounds.ts';
import { openBenchNode } from '../support/server.ts';
import { callerOf } from './caller-of.ts';
import type { Reading } from './population.ts';

const FEW = 10;
const WARM_READS = 200;
const FRESH_PROCESSES = 11;

/** Milliseconds of opening ten records, medians, of residents with ten and with so many earlier accesses. */
export interface AccessTimes {
  readonly few: { readonly warmMs: number; readonly freshMs: number };
  readonly many: { readonly warmMs: number; readonly freshMs: number };
}

/**
 * Two residents, and a third whose doctor neither of them lets read: each refused access is an event in the
 * resident's stream. Then both are read in turn, in this node and in nodes that were opened just now.
 */
export async function timesAfter(
  node: Node,
  residents: readonly [Reading, Reading],
  stranger: Reading,
  earlier: number,
): Promise<AccessTimes> {
  const refused = await callerOf(node.platform, stranger);
  for (const [i, count] of [FEW, earlier].entries()) {
    const { code } = residents[i] as Reading;
    await inParallel(Array.from({ length: count }), 64, async () => {
      const outcome = await node.platform.openRecords(refused, { code, purpose: 'TREAT', first: 10 });
      if (outcome.kind === 'done') throw new Error('a stranger was let read');
    });
  }
  const warm = [[], []] as [number[], number[]];
  const fresh = [[], []] as [number[], number[]];
  for (let i = 0; i < 2 * WARM_READS; i++) warm[i & 1]?.push(await timed(node.platform, residents[i & 1] as Reading));
  for (let i = 0; i < FRESH_PROCESSES; i++) {
    const again = await openBenchNode(process.env, { project: false });
    // Meets what every first read of a process meets, such as connections and statements that are not prepared yet.
    await timed(again.platform, stranger);
    for (const turn of i % 2 === 0 ? [0, 1] : [1, 0])
      fresh[turn]?.push(await timed(again.platform, residents[turn] as Reading));
    await again.close();
  }
  const of = (turn: 0 | 1) => ({ warmMs: median(warm[turn]), freshMs: median(fresh[turn]) });
  return { few: of(0), many: of(1) };
}

async function timed(platform: Platform, reading: Reading): Promise<number> {
  const caller = await callerOf(platform, reading);
  const began = performance.now();
  const outcome = await platform.openRecords(caller, { code: reading.code, purpose: 'TREAT', first: 10 });
  const took = performance.now() - began;
  if (outcome.kind === 'refusal' || outcome.value.records.length !== 10) throw new Error('not ten records');
  return took;
}
