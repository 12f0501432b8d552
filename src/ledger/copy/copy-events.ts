import type { Ledger, Position, RecordedEvent } from '../port.ts';

/** Writes events as they are. */
export interface EventPutter {
  /**
   * Puts events behind everything that the ledger holds, in this order, each as it is: the same bytes under the same revision. Durable when it
   * resolves. When it throws, a beginning of them may stand, and nothing else.
   */
  put(events: readonly RecordedEvent[]): Promise<void>;
  close(): Promise<void>;
}

const BATCH_EVENTS = 500;
const BATCH_BYTES = 4 * 1024 * 1024;

/**
 * Copies what stands behind a position of the source, until nothing more does; gives how many events that were. While a batch is written the next is read.
 * Stopped at any place, the target holds a beginning of the source. Throws what the two throw.
 */
export async function copyEvents(
  source: Pick<Ledger, 'readAll'>,
  target: Pick<EventPutter, 'put'>,
  after: Position | undefined,
  onProgress: (events: bigint) => void = () => {},
): Promise<bigint> {
  let copied = 0n;
  let reached = after;
  let writing: Promise<void> = Promise.resolve();
  for (;;) {
    const before = reached;
    for await (const batch of batches(source.readAll(reached))) {
      await writing;
      writing = target.put(batch).then(() => {
        copied += BigInt(batch.length);
        onProgress(copied);
      });
      // It is awaited before the next is written; until then its failure is nobody's.
      writing.catch(() => {});
      reached = batch.at(-1)?.position;
    }
    await writing;
    if (reached === before) return copied;
  }
}

async function* batches(events: AsyncIterable<RecordedEvent>): AsyncGenerator<readonly RecordedEvent[]> {
  let batch: RecordedEvent[] = [];
  let bytes = 0;
  for await (const event of events) {
    batch.push(event);
    bytes += event.sealed.retained.bytes.length + event.sealed.personal.bytes.length;
    if (batch.length < BATCH_EVENTS && bytes < BATCH_BYTES) continue;
    yield batch;
    [batch, bytes] = [[], 0];
  }
  if (batch.length > 0) yield batch;
}
