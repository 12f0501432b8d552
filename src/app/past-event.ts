import { type AnyEvent, CATALOGUE } from '../domain/catalogue.ts';
import type { CommonRetained } from '../kernel/event.ts';
import { LedgerCorrupt } from '../ledger/faults.ts';
import { parseLeaf } from '../ledger/leaf.ts';
import type { RecordedEvent } from '../ledger/port.ts';
import type { SealedRef } from '../vault/port.ts';

/** Opens retained parts, one answer each, in order: the decoded fields, or 'expired' when their key has ended. */
export type OpenRetained = (
  parts: readonly SealedRef[],
) => Promise<readonly ((CommonRetained & Record<string, unknown>) | 'expired')[]>;

/** What opening one part of a recorded event needs, with the commitment from its leaf. */
export function sealedRef(event: RecordedEvent, kind: 'retained' | 'personal'): SealedRef {
  return {
    stream: event.stream,
    id: event.id,
    type: event.type,
    commitment: parseLeaf(event.leaf).commitments[kind],
    part: event.sealed[kind],
  };
}

/** Stored events as folds see them. An unknown type is a newer program's or a stranger's: the process must not guess. */
export async function toPastEvents(events: readonly RecordedEvent[], open: OpenRetained): Promise<AnyEvent[]> {
  if (events.length === 0) return [];
  const unknown = events.find((event) => !CATALOGUE.has(event.type));
  if (unknown !== undefined) throw new LedgerCorrupt(`event type ${unknown.type} is not in the catalogue`);
  const retained = await open(events.map((event) => sealedRef(event, 'retained')));
  return events.map(
    (event, i) =>
      ({
        type: event.type,
        id: event.id,
        stream: event.stream,
        revision: event.revision,
        time: event.time,
        retained: retained[i],
      }) as AnyEvent,
  );
}
