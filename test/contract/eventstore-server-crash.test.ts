import {
  type BinaryEventData,
  type EventStoreDBClient,
  NO_STREAM,
  type Position,
  UnavailableError,
} from '@eventstore/db-client';
import { expect } from 'vitest';
import { bytesEvent, collected, rejection } from '../support/eventstore/awaiting.ts';
import type { EventStoreFaults } from '../support/eventstore/faults.ts';
import { describeRows, type RowBench } from '../support/eventstore/rows.ts';

interface Acknowledged {
  readonly id: string;
  readonly revision: bigint;
  readonly position: Position | undefined;
}

interface Caller {
  readonly stream: string;
  readonly acknowledged: Acknowledged[];
  /** The append that the crash left in doubt. */
  inDoubt?: BinaryEventData;
}

const expectedAt = (revision: number) => (revision === 0 ? NO_STREAM : BigInt(revision - 1));

async function append(client: EventStoreDBClient, caller: Caller, event: BinaryEventData): Promise<void> {
  const expectedRevision = expectedAt(caller.acknowledged.length);
  const { nextExpectedRevision, position } = await client.appendToStream(caller.stream, event, { expectedRevision });
  caller.acknowledged.push({ id: event.id, revision: nextExpectedRevision, position });
}

/** 16 callers append as fast as they can, each to a stream of its own, until kill -9; then the server comes back. */
async function crashed({ client, stream }: RowBench, faults: EventStoreFaults): Promise<readonly Caller[]> {
  const c = client();
  const callers = Array.from({ length: 16 }, (): Caller => ({ stream: stream(), acknowledged: [] }));
  const working = callers.map(async (caller) => {
    for (;;) {
      const event = bytesEvent();
      try {
        await append(c, caller, event);
      } catch (cause) {
        expect(cause).toBeInstanceOf(UnavailableError);
        caller.inDoubt = event;
        return;
      }
    }
  });
  await new Promise((resolve) => setTimeout(resolve, 300 + Math.random() * 100));
  await faults.crash();
  await Promise.all(working);
  await faults.restart();
  return callers;
}

async function idsOf(client: EventStoreDBClient, stream: string): Promise<readonly string[]> {
  try {
    return (await collected(client.readStream(stream))).map(({ event }) => event?.id ?? '');
  } catch {
    return [];
  }
}

describeRows(
  'crashes',
  [
    {
      sentence:
        'In doubt after a crash (16 callers, `kill -9`): 0–15 of 16 were stored; every one retried with the same id *and the same expected revision* succeeded exactly once.',
      runWithFaults: async (bench, faults) => {
        const callers = await crashed(bench, faults);
        const c = bench.client();
        for (const caller of callers) {
          const event = caller.inDoubt ?? bytesEvent();
          const before = await idsOf(c, caller.stream);
          const acknowledged = caller.acknowledged.map(({ id }) => id);
          // Nothing but the one in doubt may stand behind what was acknowledged.
          expect([acknowledged, [...acknowledged, event.id]]).toContainEqual(before);
          await append(c, caller, event);
          expect(caller.acknowledged.at(-1)?.revision).toBe(BigInt(acknowledged.length));
          expect(await idsOf(c, caller.stream)).toEqual([...acknowledged, event.id]);
        }
      },
    },
    {
      sentence:
        '119,983 acknowledged appends over eight crashes and stops: none lost, all at the acknowledged revision and position.',
      runWithFaults: async (bench, faults) => {
        const callers = [...(await crashed(bench, faults)), ...(await crashed(bench, faults))];
        const c = bench.client();
        expect(callers.flatMap(({ acknowledged }) => acknowledged).length).toBeGreaterThan(32);
        for (const { stream, acknowledged } of callers) {
          if (acknowledged.length === 0) continue;
          const found = await collected(c.readStream(stream, { maxCount: acknowledged.length }));
          expect(
            found.map(({ event }) => ({ id: event?.id, revision: event?.revision, position: event?.position })),
          ).toEqual(acknowledged);
        }
      },
    },
    {
      sentence: '**Two shapes of "down".** In flight: `UnavailableError`.',
      runWithFaults: async ({ client, stream }, faults) => {
        const [name, c] = [stream(), client()];
        await c.appendToStream(name, bytesEvent(), { expectedRevision: NO_STREAM });
        await faults.holdWrites('store');
        const failed = rejection(c.appendToStream(name, bytesEvent(), { expectedRevision: 0n }));
        await new Promise((resolve) => setTimeout(resolve, 100));
        await faults.crash();
        expect(await failed).toBeInstanceOf(UnavailableError);
        await faults.restart();
      },
    },
    {
      sentence:
        'While down, append rejects with a plain grpc `Error` with `code: 14`. The same client object works again after a restart.',
      runWithFaults: async ({ client, stream }, faults) => {
        const [name, c] = [stream(), client()];
        await c.appendToStream(name, bytesEvent(), { expectedRevision: NO_STREAM });
        await faults.crash();
        // Whether it notices that the connection has gone before it sends or after, it ends in that.
        await rejection(c.appendToStream(name, bytesEvent(), { expectedRevision: 0n }));
        const down = await rejection(c.appendToStream(name, bytesEvent(), { expectedRevision: 0n }));
        expect(down).not.toBeInstanceOf(UnavailableError);
        expect([down.code, down.type]).toEqual([14, undefined]);
        await faults.restart();
        const again = await c.appendToStream(name, bytesEvent(), { expectedRevision: 0n });
        expect(again.nextExpectedRevision).toBe(1n);
      },
    },
  ],
  { shape: 'process' },
);
