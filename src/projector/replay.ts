import type { Ledger, Position, RecordedEvent } from '../ledger/port.ts';
import type { ProjectedEvent } from './define.ts';
import { type OpenRetained, projectEvents } from './project-events.ts';

export interface ReplaySource {
  readonly ledger: Pick<Ledger, 'readAll' | 'compare'>;
  readonly openRetained: OpenRetained;
}

/** How far a replay has come. */
export interface ReplayPoint {
  readonly position: Position | undefined;
  readonly applied: bigint;
}

const BATCH = 1000;
const MAX_BATCH_BYTES = 16 * 1024 * 1024;

/**
 * Gives every event after `from` up to and including `until`, in batches, to `apply`, one after the other; resolves to where it came to.
 * `from` itself when nothing lies between them. While one batch is applied the next is read and opened. When anything throws, nothing
 * more is given to `apply`, and none of it is under way any more.
 */
export async function replay(
  source: ReplaySource,
  from: ReplayPoint,
  until: Position,
  apply: (events: readonly ProjectedEvent[], point: ReplayPoint) => Promise<void>,
): Promise<ReplayPoint> {
  const { ledger, openRetained } = source;
  let point = from;
  let batch: RecordedEvent[] = [];
  let bytes = 0;
  let applying: Promise<void> = Promise.resolve();
  const flush = async (): Promise<void> => {
    const last = batch.at(-1);
    if (last === undefined) return;
    const events = await projectEvents(batch, point.applied, openRetained);
    point = { position: last.position, applied: point.applied + BigInt(batch.length) };
    batch = [];
    bytes = 0;
    const reached = point;
    await applying;
    applying = apply(events, reached);
    // Whoever awaits it next hears of its failure; that nobody has yet is no fault.
    applying.catch(() => {});
  };
  if (from.position !== undefined && ledger.compare(from.position, until) >= 0) return from;
  try {
    for await (const event of ledger.readAll(from.position)) {
      if (ledger.compare(event.position, until) > 0) break;
      batch.push(event);
      bytes += event.sealed.retained.bytes.length + event.sealed.personal.bytes.length;
      if (batch.length >= BATCH || bytes >= MAX_BATCH_BYTES) await flush();
    }
    await flush();
  } finally {
    // Also after a failure of reading: the tables are left to nobody else while a batch is being written.
    await applying.catch(() => {});
  }
  await applying;
  return point;
}
