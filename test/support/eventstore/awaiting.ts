import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { type BinaryEventData, binaryEvent } from '@eventstore/db-client';

/** An event of bytes, as the engine writes them. */
export function bytesEvent(data: string | Uint8Array = 'data', id: string = randomUUID()): BinaryEventData {
  return binaryEvent({ id, type: 'row@1', data: Buffer.from(data), metadata: Buffer.from('metadata') });
}

export const bytesEvents = (count: number, data?: string | Uint8Array): BinaryEventData[] =>
  Array.from({ length: count }, () => bytesEvent(data));

/** What it rejects with. */
export async function rejection(work: Promise<unknown>): Promise<Error & Record<string, unknown>> {
  const done = await work.then(
    () => undefined,
    (cause: unknown) => cause as Error & Record<string, unknown>,
  );
  if (done === undefined) throw new Error('it did not reject');
  return done;
}

/** `settled`, or `pending` when it is still under way after so many milliseconds. */
export async function after(ms: number, work: Promise<unknown>): Promise<'settled' | 'pending'> {
  const settled = work.then(
    () => 'settled' as const,
    () => 'settled' as const,
  );
  // A timer left behind would keep the process from ending for as long.
  const timer = new AbortController();
  const late = setTimeout(ms, 'pending' as const, { signal: timer.signal }).catch(() => 'settled' as const);
  const outcome = await Promise.race([settled, late]);
  timer.abort();
  return outcome;
}

/** All that a read gives. */
export async function collected<T>(read: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of read) found.push(item);
  return found;
}
