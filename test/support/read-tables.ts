import type { Ledger } from '../../src/ledger/port.ts';
import type { Sql } from '../../src/postgres/pools.ts';
import { batchApplier } from '../../src/projector/apply-batch.ts';
import { projectEvents } from '../../src/projector/project-events.ts';
import { READ_MODELS } from '../../src/projector/read-models.ts';
import { appendPlain, openPlain, type PlainEvent, testLedger } from './plain-events.ts';

/** Fills empty read tables with what these events give; the ledger that holds them. */
export async function fillReadTables(sql: Sql, events: readonly PlainEvent[]): Promise<Ledger> {
  const ledger = testLedger();
  await appendPlain(ledger, 'law', events);
  const applier = batchApplier(READ_MODELS);
  let batch = [];
  let applied = 0n;
  for await (const event of ledger.readAll()) {
    batch.push(event);
    if (batch.length < 500) continue;
    await applier.apply(sql, await projectEvents(batch, applied, openPlain));
    applied += BigInt(batch.length);
    batch = [];
  }
  await applier.apply(sql, await projectEvents(batch, applied, openPlain));
  return ledger;
}
