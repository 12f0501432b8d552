import type { AnyProjection, ProjectedEvent } from '../../src/projector/define.ts';
import { evolveRows, type Row, touchedKeys } from '../../src/projector/evolve.ts';
import { projectEvents } from '../../src/projector/project-events.ts';
import { appendPlain, openPlain, type PlainEvent, testLedger } from './plain-events.ts';

/** The events as a projection sees them, recorded by a memory ledger in this order. */
export async function projected(events: readonly PlainEvent[]): Promise<ProjectedEvent[]> {
  const ledger = testLedger();
  await appendPlain(ledger, 'law', events);
  const recorded = [];
  for await (const event of ledger.readAll()) recorded.push(event);
  return projectEvents(recorded, 0n, openPlain);
}

/** Batch after batch, as the runner does it: only the rows that a batch touches are at hand, and nothing comes twice. */
export function foldBatches(
  projection: AnyProjection,
  batches: readonly (readonly ProjectedEvent[])[],
): Map<string, Row> {
  const table = new Map<string, Row>();
  let applied = 0n;
  for (const batch of batches) {
    // The runner's guard: a batch's transaction names the count of events that it follows on.
    if (batch[0]?.ordinal !== applied) continue;
    applied += BigInt(batch.length);
    const touched = touchedKeys(projection, batch);
    const before = new Map([...table].filter(([key]) => touched.has(key)));
    for (const [key, row] of evolveRows(projection, before, batch)) {
      if (row === null) table.delete(key);
      else table.set(key, row);
    }
  }
  return new Map([...table].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** All rows after these events. */
export async function rowsAfter(projection: AnyProjection, events: readonly PlainEvent[]): Promise<Row[]> {
  return [...foldBatches(projection, [await projected(events)]).values()];
}
